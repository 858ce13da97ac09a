"""What a worker tells of a version that it finished."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PublishedRendition:
    name: str
    width: int
    height: int
    kbps: int


@dataclass(frozen=True, slots=True)
class Published:
    """A finished version: where it is below the epoch, and what a player finds there."""

    version: str
    duration_ms: int
    stored_bytes: int
    renditions: tuple[PublishedRendition, ...]
    # When, in the video, each picture is from that its owner may choose.
    posters_ms: tuple[int, ...] = ()
