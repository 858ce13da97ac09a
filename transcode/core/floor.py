"""The oldest ffmpeg of each branch that has CVE-2026-8461 fixed (MagicYUV decoder, heap write)."""

from __future__ import annotations

import re

FLOORS = {(5, 1): 10, (6, 1): 6, (7, 1): 5, (8, 1): 2}
NEWEST = max(FLOORS)


def version_of(banner: str) -> tuple[int, int, int] | None:
    """Return the version in the first line of `ffmpeg -version`, or None for a build that names none."""
    match = re.match(r"ff\w+ version n?(\d+)\.(\d+)(?:\.(\d+))?", banner)
    return (int(match[1]), int(match[2]), int(match[3] or 0)) if match else None


def is_safe(version: tuple[int, int, int]) -> bool:
    """True for a fixed release; branches that were never fixed are not."""
    branch, patch = version[:2], version[2]
    return branch > NEWEST or patch >= FLOORS.get(branch, patch + 1)
