"""What playlists and storyboards name, as a player reads them: from their text alone, not with the site's code."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

URI = re.compile(r'[:,]URI="([^"]*)"')
# Of a variant, not of its key frames.
RESOLUTION = re.compile(r"#EXT-X-STREAM-INF:(?:.*,)?RESOLUTION=(\d+)x(\d+)")
# A list in quotes, and a word without them (RFC 8216, 4.3.4).
CODECS = re.compile(r'#EXT-X-STREAM-INF:(?:.*,)?CODECS="([^"]*)"')
RANGE = re.compile(r"#EXT-X-STREAM-INF:(?:.*,)?VIDEO-RANGE=([A-Z]+)")
CHANNELS = re.compile(r'#EXT-X-MEDIA:(?:.*,)?CHANNELS="([^"]*)"')
SOUND = re.compile(r'#EXT-X-MEDIA:(?:.*,)?TYPE=AUDIO,(?:.*,)?NAME="([^"]*)"')


@dataclass(frozen=True, slots=True)
class Listing:
    """The addresses in a playlist (RFC 8216): variants or segments on their own lines, sound and init in tags."""

    lines: tuple[str, ...]
    attributes: tuple[str, ...]
    # Width and height of each variant, in their order; empty in a media playlist.
    resolutions: tuple[tuple[int, int], ...]
    ended: bool
    # What viewers choose a track of sound by.
    sounds: tuple[str, ...] = ()
    # Of each of those, and of each variant: its codecs, and how its light is meant.
    channels: tuple[str, ...] = ()
    codecs: tuple[str, ...] = ()
    ranges: tuple[str, ...] = ()


def parse(text: str) -> Listing:
    tags = [line for line in text.splitlines() if line.startswith("#")]
    return Listing(
        lines=tuple(line for line in text.splitlines() if line and not line.startswith("#")),
        attributes=_once(address for tag in tags for address in URI.findall(tag)),
        resolutions=tuple((int(w), int(h)) for tag in tags for w, h in RESOLUTION.findall(tag)),
        ended="#EXT-X-ENDLIST" in tags,
        sounds=_all(SOUND, tags),
        channels=_all(CHANNELS, tags),
        codecs=_all(CODECS, tags),
        ranges=_all(RANGE, tags),
    )


def _all(pattern: re.Pattern[str], tags: Iterable[str]) -> tuple[str, ...]:
    return tuple(found for tag in tags for found in pattern.findall(tag))


def sheets(webvtt: str) -> tuple[str, ...]:
    """Return the pictures that a storyboard's cues cut their tiles from."""
    return _once(line.partition("#xywh=")[0] for line in webvtt.splitlines() if "#xywh=" in line)


def _once(addresses: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(addresses))
