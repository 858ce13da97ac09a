"""What a worker tells of a version that it finished."""

from __future__ import annotations

from collections.abc import Mapping
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


@dataclass(frozen=True, slots=True)
class Growth:
    """A version of which some can be watched: where it is, how much of it is there, and its playlists by their names."""

    epoch: str
    version: str
    watchable_ms: int
    # Of all that will be there, as far as anybody knows.
    duration_ms: int | None
    playlists: Mapping[str, str]
