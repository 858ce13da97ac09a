"""Films that are not what they say: sizes, counts and times that do not add up."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

from tests.attacks.canary import Canary
from tests.attacks.payloads import READY, Payload, box, ends, ffmpeg, in_box, patched
from tests.attacks.references import lying_dref
from transcode.core import gate, patience
from transcode.core.check import CUT_SHORT, NOTHING_DECODED
from transcode.core.media import NO_PICTURE, NOT_A_VIDEO, UNKNOWN_CODEC

NOTHING = ends(NOT_A_VIDEO)
UNKNOWN = (UNKNOWN_CODEC, gate.UNKNOWN_SOUND, gate.UNKNOWN_TEXT)
ANY = ends(READY, gate.TOO_HUNGRY, NOT_A_VIDEO, NO_PICTURE, *UNKNOWN, NOTHING_DECODED, CUT_SHORT)
UNREADABLE = ANY - {READY}
TOO_MANY = ends(gate.too_many(gate.Limits()))
TOO_LONG = ends(gate.too_long(gate.Limits()), patience.ENDLESS)
MOST = b"\xff\xff\xff\xff"


def broken(folder: Path, good: bytes, canary: Canary) -> Iterator[Payload]:
    """Yield what is damaged, by chance or on purpose; `good` ends with its moov."""
    yield from cut(good)
    yield from boxes(good)
    yield from tables(good)
    yield from tracks(folder, canary)


def cut(good: bytes) -> Iterator[Payload]:
    yield Payload("nothing", b"", NOTHING)
    yield Payload("one byte", b"\0", NOTHING)
    yield Payload("zeros", bytes(5_000_000), NOTHING)
    yield Payload("noise", random.Random(7).randbytes(300_000), NOTHING)
    yield Payload("cut at two thirds", good[: len(good) * 2 // 3], NOTHING)
    yield Payload("cut in the index", good[:-200], UNREADABLE)
    yield Payload("the middle overwritten", good[:1500] + bytes(1500) + good[3000:], ANY)


def boxes(good: bytes) -> Iterator[Payload]:
    brand, moov = box(b"ftyp", b"isom\0\0\2\0isomiso2"), good.index(b"moov") - 4
    deep = b""
    for number in range(4000):
        deep = box(b"moov" if number % 2 else b"trak", deep)
    wide = b"".join(box(b"trak") for _ in range(20_000))
    yield Payload("4000 boxes in each other", brand + deep, UNREADABLE)
    yield Payload("20000 empty tracks", brand + box(b"moov", wide), UNREADABLE | TOO_MANY)
    yield Payload("a box of size 0", patched(good, moov, bytes(4)), ANY)
    yield Payload("a box of size 1", patched(good, moov, b"\0\0\0\1"), ANY)
    yield Payload("a box of size 7", patched(good, moov, b"\0\0\0\7"), ANY)
    yield Payload("a box of 4 GB", patched(good, moov, MOST), ANY)
    yield Payload("a box of 2**63 bytes", brand + b"\0\0\0\1mdat" + b"\x7f" + b"\xff" * 7, UNREADABLE)
    yield Payload("only a brand", brand, UNREADABLE)
    # ISO/IEC 14496-12: no table of samples, and no data either.
    yield Payload("data without an index", brand + box(b"mdat", bytes(1000)), UNREADABLE)


def tables(good: bytes) -> Iterator[Payload]:
    """Yield films whose counts and times are absurd."""
    many = (60_000_000).to_bytes(4)
    sizes = in_box(in_box(good, b"stsz", 4, b"\0\0\0\1"), b"stsz", 8, many)
    yield Payload(
        "60 million samples in 3 kB", in_box(in_box(sizes, b"stsc", 12, many), b"stts", 8, many), ANY
    )
    for kind, offset in ((b"stts", 4), (b"stsc", 4), (b"stco", 4), (b"stss", 4), (b"stsd", 4), (b"stsz", 8)):
        yield Payload(f"{kind.decode()} of 4 billion entries", in_box(good, kind, offset, MOST), ANY)
    # mdhd, version 0: flags, two times, the timescale, the duration.
    for value in (0, 1, 0xFFFFFFFF):
        yield Payload(f"a timescale of {value}", in_box(good, b"mdhd", 12, value.to_bytes(4)), ANY | TOO_LONG)
    yield Payload(
        "samples that last for ever", in_box(good, b"stts", 12, MOST[:1] + bytes(3)), ANY | TOO_LONG
    )
    yield Payload("a list of edits into nowhere", in_box(good, b"elst", 12, b"\x7f" + MOST[1:]), ANY)
    yield Payload("an index with 60 wrong bytes", fuzzed_index(good), ANY)
    yield Payload("data in no file", lying_dref(good), ANY)


def fuzzed_index(good: bytes) -> bytes:
    chance, data, start = random.Random(7), bytearray(good), good.index(b"moov")
    for _ in range(60):
        data[chance.randrange(start + 8, len(good))] = chance.randrange(256)
    return bytes(data)


def tracks(folder: Path, canary: Canary) -> Iterator[Payload]:
    """Yield films that lack what a video needs, and some that bring more than they should."""
    tone, picture = ("-f", "lavfi", "-i", "sine=d=1"), ("-f", "lavfi", "-i", "testsrc=s=64x48:r=5:d=1")

    def made(name: str, *options: str) -> bytes:
        ffmpeg(folder, *options, name)
        return (folder / name).read_bytes()

    yield Payload("sound alone", made("sound.mp4", *tone, "-c:a", "aac"), ends(NO_PICTURE))
    cover = (
        "-map",
        "0",
        "-map",
        "1",
        "-frames:v",
        "1",
        "-c:v",
        "mjpeg",
        "-pix_fmt",
        "yuvj420p",
        "-c:a",
        "aac",
    )
    yield Payload(
        "sound with a cover",
        made("cover.mp4", *tone, *picture, *cover, "-disposition:v", "attached_pic"),
        ends(NO_PICTURE),
    )
    for codec, pixels in (("magicyuv", "gbrp"), ("ffv1", "yuv420p"), ("utvideo", "yuv420p")):
        options = (*picture, "-c:v", codec, "-pix_fmt", pixels)
        yield Payload(f"pictures in {codec}", made(f"{codec}.avi", *options), ends(UNKNOWN_CODEC))
    font = folder / "font.ttf"
    font.write_bytes(b"\0\1\0\0" + b"A" * 64)
    climbing = (*("-attach", font.name, "-metadata:s:t", "mimetype=application/x-truetype-font"),)
    named = ("-metadata:s:t", f"filename={'../' * 9}{canary.path[1:]}escaped.ttf")
    yield Payload("an attachment with a path", made("attached.mkv", *picture, *climbing, *named), ends(READY))
    tags = (
        "-metadata",
        "title=</script><script>alert(1)</script>\nCRITICAL forged",
        "-metadata",
        "comment=${jndi:x}",
    )
    yield Payload("tags that are scripts", made("tags.mp4", *picture, *tags), ends(READY))
