"""HLS playlists (RFC 8216bis): read the media playlists that ffmpeg leaves, write our own from what was measured."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor

PLAYLIST = "media.m3u8"
KEY_FRAMES = "iframes.m3u8"
MULTIVARIANT = "multivariant.m3u8"
VERSION = "#EXT-X-VERSION:7"
INDEPENDENT = "#EXT-X-INDEPENDENT-SEGMENTS"


@dataclass(frozen=True, slots=True)
class MediaPlaylist:
    init: str
    # Name and seconds of each segment.
    segments: tuple[tuple[str, float], ...]
    ended: bool

    @property
    def seconds(self) -> float:
        return sum(seconds for _, seconds in self.segments)

    def of_attempt(self, prefix: str) -> MediaPlaylist:
        """Return what it lists of one attempt's own files: any other name may be a path to what is somebody else's."""
        init = self.init if self.init == f"{prefix}init.mp4" else ""
        own = re.compile(rf"{re.escape(prefix)}\d+\.m4s", re.ASCII)
        segments = tuple(segment for segment in self.segments if own.fullmatch(segment[0]))
        return MediaPlaylist(init, segments, self.ended)


def parse_media_playlist(text: str) -> MediaPlaylist:
    """Return what a media playlist lists; a cut-off one parses too, and says that it has not ended."""
    init, seconds, segments, ended = "", 0.0, [], False
    for line in text.splitlines():
        if line.startswith("#EXT-X-MAP:"):
            init = line.partition('URI="')[2].partition('"')[0]
        elif line.startswith("#EXTINF:"):
            seconds = _seconds(line.removeprefix("#EXTINF:").partition(",")[0])
        elif line == "#EXT-X-ENDLIST":
            ended = True
        elif line and not line.startswith("#"):
            segments.append((line, seconds))
    return MediaPlaylist(init, tuple(segments), ended)


def _seconds(text: str) -> float:
    return float(text) if re.fullmatch(r"\d+(\.\d+)?", text, re.ASCII) else 0.0


@dataclass(frozen=True, slots=True)
class Piece:
    """What one entry of a media playlist stands for: a segment, or the bytes of one key frame in it."""

    name: str
    seconds: float
    size: int
    # Where it begins in its file; None where it is the whole file.
    offset: int | None = None


@dataclass(frozen=True, slots=True)
class Track:
    """One media playlist, measured: bits per second at the peak and on average."""

    name: str
    codec: str
    peak: int
    average: int


@dataclass(frozen=True, slots=True)
class Variant:
    """A rung, as it is played and as it is skimmed: `key_frames` measures its I-frame playlist, where it has one."""

    track: Track
    key_frames: Track | None
    width: int
    height: int
    frame_rate: Fraction


@dataclass(frozen=True, slots=True)
class Sound:
    track: Track
    label: str
    # BCP 47, or empty where nobody said.
    language: str
    channels: int


def measure(name: str, codec: str, pieces: Sequence[Piece]) -> Track:
    """Return a Track from the bytes and seconds of each of its pieces."""
    sizes = tuple((piece.size, piece.seconds) for piece in pieces)
    target = max(seconds for _, seconds in sizes)
    return Track(name, codec, max(_rate(*run) for run in _runs(sizes, target)), _rate(*_sum(sizes)))


def _runs(sizes: Sequence[tuple[int, float]], target: float) -> Iterator[tuple[int, float]]:
    """Yield the bytes and seconds of each run that counts for the peak: 0.5 to 1.5 target durations (RFC 8216bis)."""
    for start in range(len(sizes)):
        total, seconds = 0, 0.0
        for size, length in sizes[start:]:
            total, seconds = total + size, seconds + length
            if seconds > 1.5 * target:
                break
            if seconds >= 0.5 * target:
                yield total, seconds


def _sum(sizes: Sequence[tuple[int, float]]) -> tuple[int, float]:
    return sum(size for size, _ in sizes), sum(seconds for _, seconds in sizes)


def _rate(size: int, seconds: float) -> int:
    return ceil(size * 8 / max(seconds, 0.001))


def media(init: str, segments: Sequence[Piece]) -> str:
    """Return the media playlist of whole segments."""
    return _listing(init, segments, [_target(_longest(segments)), "#EXT-X-PLAYLIST-TYPE:VOD", INDEPENDENT])


def growing(init: str, segments: Sequence[Piece], longest: float, *, ended: bool) -> str:
    """Return the media playlist of what there is so far, none of it longer than `longest` seconds; played from its start."""
    tags = [_target(longest), "#EXT-X-PLAYLIST-TYPE:EVENT", "#EXT-X-START:TIME-OFFSET=0", INDEPENDENT]
    return _listing(init, segments, tags, ended=ended)


def key_frames(init: str, frames: Sequence[Piece]) -> str:
    """Return the I-frame playlist: each key frame with the seconds until the next one, by its bytes."""
    tags = [_target(_longest(frames)), "#EXT-X-PLAYLIST-TYPE:VOD", INDEPENDENT, "#EXT-X-I-FRAMES-ONLY"]
    return _listing(init, frames, tags)


def _target(seconds: float) -> str:
    # No segment may be longer than this, when both are whole seconds.
    return f"#EXT-X-TARGETDURATION:{max(1, floor(seconds + 0.5))}"


def _longest(pieces: Sequence[Piece]) -> float:
    return max(piece.seconds for piece in pieces)


def _listing(init: str, pieces: Sequence[Piece], tags: Sequence[str], *, ended: bool = True) -> str:
    lines = ["#EXTM3U", VERSION, *tags, f'#EXT-X-MAP:URI="{init}"']
    for piece in pieces:
        where = [] if piece.offset is None else [f"#EXT-X-BYTERANGE:{piece.size}@{piece.offset}"]
        lines += [f"#EXTINF:{piece.seconds:.6f},", *where, piece.name]
    return "\n".join([*lines, *(["#EXT-X-ENDLIST"] if ended else [])]) + "\n"


def multivariant(variants: Sequence[Variant], sounds: Sequence[Sound]) -> str:
    """Return the multivariant playlist, best variant first, the sounds as one group, the default one first."""
    lines = ["#EXTM3U", VERSION, INDEPENDENT]
    names = _told_apart([sound.label or sound.language or "Sound" for sound in sounds])
    lines += [
        _media_tag(sound, name, not place)
        for place, (sound, name) in enumerate(zip(sounds, names, strict=True))
    ]
    for variant in variants:
        lines += [_stream_inf(variant, sounds), f"{variant.track.name}/{PLAYLIST}"]
    skimmed = [(variant, variant.key_frames) for variant in variants if variant.key_frames]
    return "\n".join([*lines, *(_key_frame_stream_inf(*each) for each in skimmed)]) + "\n"


def _told_apart(names: Sequence[str]) -> list[str]:
    """Number the names that occur twice: within a group each must be its own."""
    taken: list[str] = []
    for name in names:
        following = (f"{name} {number}" for number in range(2, len(names) + 2))
        taken.append(name if name not in taken else next(other for other in following if other not in taken))
    return taken


def _media_tag(sound: Sound, name: str, is_default: bool) -> str:
    attributes = [
        "TYPE=AUDIO",
        'GROUP-ID="audio"',
        f"NAME={_quoted(name)}",
        *([f"LANGUAGE={_quoted(sound.language)}"] if sound.language else []),
        f"DEFAULT={'YES' if is_default else 'NO'}",
        "AUTOSELECT=YES",
        f'CHANNELS="{sound.channels}"',
        f'URI="{sound.track.name}/{PLAYLIST}"',
    ]
    return "#EXT-X-MEDIA:" + ",".join(attributes)


def _quoted(text: str) -> str:
    """Return a quoted-string, which can hold neither quotes nor line breaks."""
    return '"' + "".join(letter for letter in text if letter.isprintable() and letter != '"') + '"'


def _stream_inf(variant: Variant, sounds: Sequence[Sound]) -> str:
    tracks = [sound.track for sound in sounds]
    codecs = dict.fromkeys(track.codec for track in (variant.track, *tracks))
    attributes = [
        # Of whichever sound weighs most: a player may combine the picture with any of them.
        f"BANDWIDTH={variant.track.peak + max((track.peak for track in tracks), default=0)}",
        f"AVERAGE-BANDWIDTH={variant.track.average + max((track.average for track in tracks), default=0)}",
        f'CODECS="{",".join(codecs)}"',
        f"RESOLUTION={variant.width}x{variant.height}",
        f"FRAME-RATE={float(variant.frame_rate):.3f}",
        "VIDEO-RANGE=SDR",
        *(['AUDIO="audio"'] if sounds else []),
        # Else players look for captions inside the picture, and some offer them unseen (RFC 8216bis, 4.4.6.2).
        "CLOSED-CAPTIONS=NONE",
    ]
    return "#EXT-X-STREAM-INF:" + ",".join(attributes)


def _key_frame_stream_inf(variant: Variant, key_frames: Track) -> str:
    attributes = [
        f"BANDWIDTH={key_frames.peak}",
        f"AVERAGE-BANDWIDTH={key_frames.average}",
        f'CODECS="{variant.track.codec}"',
        f"RESOLUTION={variant.width}x{variant.height}",
        "VIDEO-RANGE=SDR",
        f'URI="{variant.track.name}/{KEY_FRAMES}"',
    ]
    return "#EXT-X-I-FRAME-STREAM-INF:" + ",".join(attributes)
