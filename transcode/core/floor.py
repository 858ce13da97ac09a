"""Holes of ffmpeg that run code, and the oldest release of each branch that is without them."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from transcode.core import allowed

Version = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Hole:
    name: str
    # What has it. Our allow-list keeps files away from it, unless it is one that we use.
    decoder: str
    # Branches that got a fix, and in which release. Newer branches were begun with it.
    fixed: dict[tuple[int, int], int]

    def is_in(self, version: Version | None) -> bool:
        """True for a release with the hole; branches that were never fixed have it, and builds of no version may."""
        if version is None:
            return True
        branch, patch = version[:2], version[2]
        return branch <= max(self.fixed) and patch < self.fixed.get(branch, patch + 1)

    @property
    def is_covered(self) -> bool:
        return self.decoder not in (*allowed.VIDEO, *allowed.AUDIO, *allowed.TEXT)

    @property
    def fix(self) -> str:
        releases = [f"{major}.{minor}.{patch}" for (major, minor), patch in sorted(self.fixed.items())]
        return f"{', '.join(releases[:-1])}, {releases[-1]} or newer"


HOLES = (Hole("CVE-2026-8461", "magicyuv", {(5, 1): 10, (6, 1): 6, (7, 1): 5, (8, 1): 2}),)


def version_of(banner: str) -> Version | None:
    """Return the version in the first line of `ffmpeg -version`, or None for a build that names none."""
    match = re.match(r"ff\w+ version n?(\d+)\.(\d+)(?:\.(\d+))?", banner)
    return (int(match[1]), int(match[2]), int(match[3] or 0)) if match else None


def holes_in(version: Version | None, accepted: Collection[str] = ()) -> list[Hole]:
    """Return the holes of a release, or of a build that names none, without those that an operator accepts and that the allow-list does cover."""
    return [hole for hole in HOLES if hole.is_in(version) and not (hole.name in accepted and hole.is_covered)]
