"""Good clips, a little or very wrong: the same seed always makes the same files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random

from tests.attacks.payloads import ffmpeg

PICTURE = ("-f", "lavfi", "-i", "testsrc2=d=1:s=64x48:r=15")
TONE = ("-f", "lavfi", "-i", "sine=d=1:r=44100")
X264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "5")
# One second, 15 frames, for every container that is taken, and for every way of making it. The MXF muxer wants a size and a rate that are broadcast.
CLIPS: dict[str, tuple[str, ...]] = {
    "mp4": (*X264, "-c:a", "aac"),
    "fragmented.mp4": (*X264, "-c:a", "aac", "-movflags", "frag_keyframe+empty_moov"),
    "mov": ("-c:v", "prores_ks", "-profile:v", "0", "-c:a", "pcm_s16be"),
    "3gp": ("-s", "128x96", "-c:v", "h263", "-an"),
    "mkv": (*X264, "-c:a", "flac"),
    "webm": ("-c:v", "libvpx", "-deadline", "realtime", "-c:a", "libopus"),
    "avi": ("-c:v", "mpeg4", "-c:a", "libmp3lame"),
    "ts": (*X264, "-c:a", "mp2"),
    "mpg": ("-r", "25", "-c:v", "mpeg1video", "-c:a", "mp2"),
    "m2v": ("-r", "25", "-c:v", "mpeg2video", "-an", "-f", "mpeg2video"),
    "flv": ("-c:v", "flv", "-c:a", "libmp3lame"),
    "wmv": ("-c:v", "wmv2", "-c:a", "wmav2"),
    "ogv": ("-c:v", "libtheora", "-c:a", "libvorbis"),
    "mxf": ("-r", "25", "-c:v", "mpeg2video", "-ar", "48000", "-c:a", "pcm_s16le"),
    "gif": ("-an",),
    # What stays as it is, with a rung beside it; and what is made in three spans.
    "kept.mp4": ("-vf", "scale=480:360", *X264, "-crf", "35", "-ac", "2", "-c:a", "aac"),
    "long.mkv": ("-vf", "setpts=45*PTS,fps=5", "-af", "apad=whole_dur=45", *X264, "-c:a", "aac"),
}
EXTREMES = (b"\0\0\0\0", b"\0\0\0\1", b"\x7f\xff\xff\xff", b"\x80\0\0\0", b"\xff\xff\xff\xff")
# Where containers say what is in them: at either end.
HEAD = 1024


def clip(folder: Path, kind: str) -> bytes:
    ffmpeg(folder, *PICTURE, *TONE, *CLIPS[kind], f"clip.{kind}")
    return (folder / f"clip.{kind}").read_bytes()


def mutated(data: bytes, kind: str, seed: int, number: int) -> bytes:
    """Return the mutation of this number: one to four changes, of whichever sort."""
    chance = Random(f"{seed}/{kind}/{number}")
    changed = bytearray(data)
    for _ in range(chance.randint(1, 4)):
        chance.choice(CHANGES)(changed, chance)
    return bytes(changed)


def _place(data: bytearray, chance: Random) -> int:
    """Choose a place, as often in what describes the rest as in the rest."""
    size = len(data)
    near = min(HEAD, size)
    return chance.choice((chance.randrange(near), size - 1 - chance.randrange(near), chance.randrange(size)))


def _flip(data: bytearray, chance: Random) -> None:
    for _ in range(chance.randint(1, 30)):
        data[_place(data, chance)] ^= 1 << chance.randrange(8)


def _overwrite(data: bytearray, chance: Random) -> None:
    start, length = _place(data, chance), chance.randint(1, 200)
    end = min(len(data), start + length)
    data[start:end] = chance.randbytes(end - start)


def _blank(data: bytearray, chance: Random) -> None:
    start, length = _place(data, chance), chance.randint(1, 2000)
    end = min(len(data), start + length)
    data[start:end] = bytes(end - start)


def _extreme(data: bytearray, chance: Random) -> None:
    """Put the smallest and largest of numbers where a length, a count or a time may stand."""
    at = min(_place(data, chance), len(data) - 4)
    data[at : at + 4] = chance.choice(EXTREMES)


def _repeat(data: bytearray, chance: Random) -> None:
    start, to = _place(data, chance), _place(data, chance)
    data[to:to] = data[start : start + chance.randint(1, 2000)]


def _take_out(data: bytearray, chance: Random) -> None:
    start = _place(data, chance)
    end = min(start + chance.randint(1, 2000), len(data) - HEAD)
    del data[start : max(start, end)]


def _cut(data: bytearray, chance: Random) -> None:
    del data[max(HEAD, chance.randrange(len(data))) :]


Change = Callable[[bytearray, Random], None]
CHANGES: tuple[Change, ...] = (_flip, _flip, _overwrite, _blank, _extreme, _extreme, _repeat, _take_out, _cut)
