"""What became of the uploads of a fault, in figures; nothing is started or asked here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urljoin

from streamsite.acceptance import listing

MULTIVARIANT = "multivariant.m3u8"
# Of the tries that are to meet work, in a hundred.
LEAST_HITS = 80
COLUMNS = ("tried", "lost", "doubled", "left_running", "orphaned", "broken")


@dataclass(frozen=True, slots=True)
class Count:
    """How often a fault was tried, of how often it was wanted, and how often something went wrong, which should be 0.

    `lost`: uploads without a ready video in the end. `doubled`: published more than once. `left_running`: ffmpeg or
    ffprobe alive after its worker. `orphaned`: objects that nothing of the published version names, after the sweep.
    `broken`: published versions that name an object that is not there, or do not decode.
    """

    tried: int
    wanted: int
    lost: int = 0
    doubled: int = 0
    left_running: int = 0
    orphaned: int = 0
    broken: int = 0
    seconds: float = 0
    notes: tuple[str, ...] = ()
    # What a fault counts beside these, and what it should be.
    others: tuple[tuple[str, int, int], ...] = ()

    @property
    def holds(self) -> bool:
        wrong = self.lost + self.doubled + self.left_running + self.orphaned + self.broken
        is_whole = self.tried == self.wanted > 0
        return is_whole and not wrong and all(found == wanted for _, found, wanted in self.others)


def missed(tried: int, hits: int) -> tuple[str, int, int]:
    """Return, for `others`, by how many tries too few met work: those that met none prove nothing."""
    least = -(-tried * LEAST_HITS // 100)
    return (
        f"tries short of the {LEAST_HITS} % that must meet work ({hits} of {tried} did)",
        max(0, least - hits),
        0,
    )


def named(playlists: Mapping[str, str], start: str = MULTIVARIANT) -> set[str]:
    """Return every name that a player comes to from a playlist, with its own; `playlists` are texts by name."""
    found, due = set[str](), [start]
    while due:
        name = due.pop()
        if name in found:
            continue
        found.add(name)
        if name in playlists:
            due += names_in(name, playlists[name])
    return found


def names_in(name: str, text: str) -> Iterator[str]:
    """Yield what a playlist or a storyboard names, relative to the version's folder."""
    listed = listing.parse(text)
    words: Iterable[str] = (
        listing.sheets(text) if name.endswith(".vtt") else (*listed.lines, *listed.attributes)
    )
    yield from (urljoin(name, word) for word in words)


def is_picture(name: str) -> bool:
    """True for what pages name and playlists do not."""
    return PurePosixPath(name).suffix in (".jpg", ".vtt") and "/" not in name


def missing(playlists: Mapping[str, str], there: Iterable[str]) -> set[str]:
    """Return what any of these playlists names and is not there."""
    return {one for name, text in playlists.items() for one in names_in(name, text)} - set(there)


def table(counts: Mapping[str, Count]) -> str:
    """Return the table for people, with a line for each thing that is not as it should be."""
    width = max(map(len, ("fault", *counts)))
    head = "  ".join(["fault".ljust(width), *COLUMNS, "seconds"])
    lines = [head, "-" * len(head)]
    for name, count in counts.items():
        cells = [str(getattr(count, column)).rjust(len(column)) for column in COLUMNS]
        wrong = "" if count.holds else "  wrong"
        lines.append("  ".join([name.ljust(width), *cells, f"{count.seconds:7.0f}"]) + wrong)
    said = [f"{name}: {note}" for name, count in counts.items() for note in _said(count)]
    return "\n".join([*lines, "", *said] if said else lines)


def _said(count: Count) -> Iterator[str]:
    if count.tried != count.wanted:
        yield f"{count.wanted} tries were wanted, and there was time for {count.tried}"
    for what, found, wanted in count.others:
        yield f"{what}: {found}" + ("" if found == wanted else f", not {wanted}")
    yield from count.notes


def as_json(counts: Mapping[str, Count], about: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **about,
        "faults": {name: {**_facts(count), "holds": count.holds} for name, count in counts.items()},
    }


def _facts(count: Count) -> dict[str, Any]:
    others = [{"what": what, "found": found, "wanted": wanted} for what, found, wanted in count.others]
    return {**asdict(count), "others": others}
