"""Small files that claim, or really are, an enormous amount of work."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tests.attacks.payloads import READY, Payload, ends, ffmpeg, find_boxes, in_box, patched
from transcode.core import gate
from transcode.core.check import NOTHING_DECODED
from transcode.core.media import NO_PICTURE, NOT_A_VIDEO

LIMITS = gate.Limits()
LARGE, LONG, FAST, MANY, STRETCHED = (
    ends(make(LIMITS))
    for make in (gate.too_large, gate.too_long, gate.too_fast, gate.too_many, gate.too_stretched)
)
UNREADABLE = ends(NOT_A_VIDEO, NOTHING_DECODED)
X264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")


def bombs(folder: Path, good: bytes) -> Iterator[Payload]:
    yield from enormous(folder)
    yield from endless(folder, good)
    yield from countless(good)
    yield Payload("an index of 250 million entries", hungry(folder), ends(gate.TOO_HUNGRY))
    yield Payload("a change from 64 to 4096 pixels", growing(folder), ends(READY))


def source(picture: str) -> tuple[str, ...]:
    return ("-f", "lavfi", "-i", picture)


def enormous(folder: Path) -> Iterator[Payload]:
    """Yield pictures whose size is written large in their headers, with few bytes behind it."""
    small = source("testsrc=s=64x48:r=5:d=1")
    ffmpeg(folder, *small, "-c:v", "png", "small.mov")
    ffmpeg(folder, *small, "-c:v", "mjpeg", "-pix_fmt", "yuvj420p", "small.avi")
    ffmpeg(folder, *small, "small.gif")
    ffmpeg(folder, *small, *X264, "small.mp4")
    png, jpeg, gif, film = ((folder / f"small.{kind}").read_bytes() for kind in ("mov", "avi", "gif", "mp4"))
    for side in (16_000, 65_000):
        size = side.to_bytes(4)
        # IHDR: width, height. SOF0: length, precision, height, width. The logical screen of a GIF: width, height.
        yield Payload(f"png of {side} pixels", _each(png, b"IHDR", 4, size * 2), LARGE | UNREADABLE)
        yield Payload(f"jpeg of {side} pixels", _each(jpeg, b"\xff\xc0", 5, size[2:] * 2), LARGE | UNREADABLE)
        screen = side.to_bytes(2, "little") * 2
        yield Payload(f"gif of {side} pixels", patched(gif, 6, screen), ends(NO_PICTURE))
        yield Payload(
            f"mp4 that claims {side} pixels", in_box(film, b"avc1", 24, size[2:] * 2), ends(READY, *LARGE)
        )
    ffmpeg(folder, *small, "-vf", "setsar=1/2", *X264, "stretched.mp4")
    stretched = in_box((folder / "stretched.mp4").read_bytes(), b"pasp", 0, pair(1, 65_000))
    yield Payload("pixels 65000 times as high as wide", stretched, STRETCHED)


def pair(first: int, second: int) -> bytes:
    return first.to_bytes(4) + second.to_bytes(4)


def _each(data: bytes, marker: bytes, offset: int, value: bytes) -> bytes:
    at = data.find(marker)
    while at >= 0:
        data, at = patched(data, at + offset, value), data.find(marker, at + 2)
    return data


def endless(folder: Path, good: bytes) -> Iterator[Payload]:
    """Yield films of few frames that last, or say that they last, for days."""
    days = ("-vf", "settb=1/1000,setpts=N*5000000", "-fps_mode", "passthrough", "-enc_time_base", "1/1000")
    picture = source("color=c=black:s=64x48:r=25:d=20")
    ffmpeg(folder, *picture, *days, *X264, "-bf", "0", "days.mp4")
    ffmpeg(folder, *picture, *days, *X264, "-bf", "0", "days.mkv")
    film = (folder / "days.mp4").read_bytes()
    yield Payload("29 days in 15 kB, mp4", film, LONG)
    yield Payload("29 days in 15 kB, mkv", (folder / "days.mkv").read_bytes(), LONG)
    yield Payload("29 days that say they are one second", one_second(film), LONG | UNREADABLE)
    fast = source("color=c=black:s=64x48:r=60000:d=0.05")
    ffmpeg(folder, *fast, *X264, "fast.mp4")
    yield Payload("60000 frames a second", (folder / "fast.mp4").read_bytes(), FAST)
    # mvhd, version 0: flags, two times, the timescale, the duration.
    yield Payload(
        "a header that says 49 days", in_box(good, b"mvhd", 16, b"\xff\xff\xff\xf0"), ends(READY, *LONG)
    )


def one_second(film: bytes) -> bytes:
    """Say one second in every header; the table of times still says days."""
    for kind, scale in ((b"mvhd", 12), (b"mdhd", 12)):
        # One second is as many units as the timescale has; both boxes keep it right before the duration.
        at = film.index(kind) + 4 + scale
        film = in_box(film, kind, scale + 4, film[at : at + 4])
    return in_box(film, b"tkhd", 20, (1000).to_bytes(4))


def countless(good: bytes) -> Iterator[Payload]:
    """Yield films of very many tracks, which are all the same one."""
    for count in (65, 900):
        yield Payload(f"{count} tracks", with_tracks(good, count), MANY)


def with_tracks(film: bytes, count: int) -> bytes:
    (start, end), *_ = find_boxes(film, b"moov")
    (first, last), *others = find_boxes(film, b"moov", b"trak")
    more = film[first:last] * (count - 1 - len(others))
    return film[:start] + (end - start + len(more)).to_bytes(4) + film[start + 4 : end] + more + film[end:]


def hungry(folder: Path) -> bytes:
    """A film whose index wants two gigabytes for itself (SMPTE ST 377-1, IndexEntryArray: tag, length, count)."""
    ffmpeg(folder, *source("testsrc=s=64x48:r=25:d=1"), "-c:v", "mpeg2video", "index.mxf")
    film = (folder / "index.mxf").read_bytes()
    return patched(film, film.rindex(b"\x3f\x0a") + 4, (250_000_000).to_bytes(4))


def growing(folder: Path) -> bytes:
    """One second at 64 × 48, then one at 4096 × 3072, in one transport stream."""
    ffmpeg(folder, *source("testsrc=s=64x48:r=5:d=1"), *X264, "-f", "mpegts", "one.ts")
    large = ("-output_ts_offset", "1", "-f", "mpegts", "two.ts")
    ffmpeg(folder, *source("color=s=4096x3072:r=5:d=0.4"), *X264, *large)
    return (folder / "one.ts").read_bytes() + (folder / "two.ts").read_bytes()


def looped(folder: Path, size: str, seconds: int) -> bytes:
    """AV1 of one still at 60 frames a second, each a few bytes: an hour of work for a minute of it in 4K."""
    still = (
        "-frames:v",
        "1",
        "-c:v",
        "libsvtav1",
        "-preset",
        "12",
        "-svtav1-params",
        "lp=1:enable-overlays=0",
    )
    ffmpeg(folder, *source(f"color=s={size}:r=60"), *still, "still.mp4")
    loops = ("-stream_loop", str(seconds * 60 - 1))
    ffmpeg(folder, *loops, "-i", "still.mp4", "-c", "copy", "looped.mp4")
    return (folder / "looped.mp4").read_bytes()
