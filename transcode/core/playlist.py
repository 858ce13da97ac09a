"""HLS playlists (RFC 8216bis): read ffmpeg's media playlists, write our own multivariant playlist."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import ceil

PLAYLIST = "media.m3u8"
MULTIVARIANT = "multivariant.m3u8"


@dataclass(frozen=True, slots=True)
class MediaPlaylist:
    init: str
    # Name and seconds of each segment.
    segments: tuple[tuple[str, float], ...]
    ended: bool

    @property
    def seconds(self) -> float:
        return sum(seconds for _, seconds in self.segments)

    def at(self, moment: float) -> tuple[str, float]:
        """Return the segment that is playing at a moment, and the seconds into it."""
        for name, seconds in self.segments[:-1]:
            if moment < seconds:
                return name, moment
            moment -= seconds
        return self.segments[-1][0], moment


def parse_media_playlist(text: str) -> MediaPlaylist:
    """Return what a media playlist lists; a cut-off one parses too, and says that it has not ended."""
    init, seconds, segments, ended = "", 0.0, [], False
    for line in text.splitlines():
        if line.startswith("#EXT-X-MAP:"):
            init = line.partition('URI="')[2].partition('"')[0]
        elif line.startswith("#EXTINF:"):
            seconds = float(line.removeprefix("#EXTINF:").partition(",")[0] or 0)
        elif line == "#EXT-X-ENDLIST":
            ended = True
        elif line and not line.startswith("#"):
            segments.append((line, seconds))
    return MediaPlaylist(init, tuple(segments), ended)


@dataclass(frozen=True, slots=True)
class Track:
    """One media playlist, measured: bits per second at the peak segment and on average."""

    name: str
    codec: str
    peak: int
    average: int


@dataclass(frozen=True, slots=True)
class Variant:
    track: Track
    width: int
    height: int
    frame_rate: Fraction


def measure(name: str, codec: str, sizes: tuple[tuple[int, float], ...]) -> Track:
    """Return a Track from the bytes and seconds of each of its segments."""
    target = max(seconds for _, seconds in sizes)
    return Track(
        name, codec, max(_bits_per_second(run) for run in _runs(sizes, target)), _bits_per_second(sizes)
    )


def _runs(sizes: tuple[tuple[int, float], ...], target: float) -> Iterator[tuple[tuple[int, float], ...]]:
    """Yield each run of segments that counts for the peak: between 0.5 and 1.5 target durations long (RFC 8216bis)."""
    for start in range(len(sizes)):
        seconds = 0.0
        for end in range(start, len(sizes)):
            seconds += sizes[end][1]
            if seconds > 1.5 * target:
                break
            if seconds >= 0.5 * target:
                yield sizes[start : end + 1]


def _bits_per_second(sizes: tuple[tuple[int, float], ...]) -> int:
    return ceil(sum(size for size, _ in sizes) * 8 / max(sum(seconds for _, seconds in sizes), 0.001))


def multivariant(variants: tuple[Variant, ...], audio: Track | None) -> str:
    """Return the multivariant playlist, best variant first, the sound as a group of its own."""
    lines = ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-INDEPENDENT-SEGMENTS"]
    if audio:
        lines.append(
            f'#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",NAME="Sound",DEFAULT=YES,AUTOSELECT=YES,CHANNELS="2",'
            f'URI="{audio.name}/{PLAYLIST}"'
        )
    for variant in variants:
        lines += [_stream_inf(variant, audio), f"{variant.track.name}/{PLAYLIST}"]
    return "\n".join(lines) + "\n"


def _stream_inf(variant: Variant, audio: Track | None) -> str:
    tracks = [variant.track, *([audio] if audio else [])]
    attributes = [
        f"BANDWIDTH={sum(track.peak for track in tracks)}",
        f"AVERAGE-BANDWIDTH={sum(track.average for track in tracks)}",
        f'CODECS="{",".join(track.codec for track in tracks)}"',
        f"RESOLUTION={variant.width}x{variant.height}",
        f"FRAME-RATE={float(variant.frame_rate):.3f}",
        "VIDEO-RANGE=SDR",
    ]
    return "#EXT-X-STREAM-INF:" + ",".join([*attributes, *(['AUDIO="audio"'] if audio else [])])
