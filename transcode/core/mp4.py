"""Read the few ISO base media file format boxes (ISO/IEC 14496-12) that publishing depends on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from struct import error as StructError
from struct import unpack_from

# What a trun says of each sample, in this order; what it leaves out, tfhd says for all of them.
DURATION, SIZE, FLAGS, SHIFT = 0x100, 0x200, 0x400, 0x800
NOT_A_KEY_FRAME = 0x10000
# The type of NAL units that hold a picture which needs no other.
IDR = 5


class Broken(Exception):
    """The boxes do not add up: the file was cut short or is not what it should be."""


@dataclass(frozen=True, slots=True)
class Init:
    """What an initialization segment says of its one track; `channels` is 0 for a picture."""

    codec: str
    ticks_per_second: int
    channels: int
    size: int
    # Two that differ cannot stand for one another.
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Fragment:
    """One moof and its mdat: the bytes from `start` to `end` of its file, and the ticks that its samples last."""

    start: int
    end: int
    decode_time: int
    ticks: int
    samples: int
    # From `start` to the end of the first sample where that is a key frame, else 0.
    key_bytes: int


@contextmanager
def _broken_where_it_ends() -> Iterator[None]:
    """A box may be too short for what belongs into it."""
    try:
        yield
    except (IndexError, ValueError, StructError) as why:
        raise Broken(f"a box that is too short: {why}") from why


def boxes(data: bytes, start: int = 0, end: int | None = None) -> Iterator[tuple[str, int, int]]:
    """Yield (type, start of content, end) of each box in `data[start:end]`; raise Broken where one does not fit."""
    end = len(data) if end is None else end
    while start < end:
        size = int.from_bytes(data[start : start + 4])
        header = 8
        if size == 1:
            size, header = int.from_bytes(data[start + 8 : start + 16]), 16
        if size < header or start + size > end:
            raise Broken(f"a box of {size} bytes at {start} of {end}")
        yield data[start + 4 : start + 8].decode("latin-1"), start + header, start + size
        start += size


def read_init(data: bytes) -> Init:
    """Return what `data` says of its track, where the first box after moov ends it; raise Broken."""
    with _broken_where_it_ends():
        return _read_init(data)


def _read_init(data: bytes) -> Init:
    size = init_size(data)
    header = data[:size]
    at, _ = _inside(header, "moov", "trak", "mdia", "mdhd")
    # mdhd, version 1: two times of 8 bytes go before the timescale; version 0: two of 4 bytes.
    scale = int.from_bytes(header[at + 20 : at + 24] if header[at] == 1 else header[at + 12 : at + 16])
    if not scale:
        raise Broken("a timescale of 0")
    return Init(codec_of(header), scale, _channels(header), size, sha256(header).hexdigest())


def init_size(data: bytes) -> int:
    """Return where ftyp and moov end; raise Broken if there is no moov."""
    for kind, _, end in boxes(data):
        if kind == "moov":
            return end
    raise Broken("no moov")


def insert_after_type(segment: bytes, rest: bytes) -> bytes:
    """Return a segment with `rest` behind its styp, before whatever else it holds."""
    end = next((end for kind, _, end in boxes(segment) if kind == "styp"), 0)
    return segment[:end] + rest + segment[end:]


def _inside(data: bytes, *path: str, start: int = 0, end: int | None = None) -> tuple[int, int]:
    """Return where the content of the first box at the end of `path` lies."""
    for kind, at, until in boxes(data, start, end):
        if kind == path[0]:
            return (at, until) if len(path) == 1 else _inside(data, *path[1:], start=at, end=until)
    raise Broken(f"no {path[0]}")


def _channels(init: bytes) -> int:
    # stsd: version, count, then the AudioSampleEntry: box header, 6 + 2 + 8 bytes, channelcount.
    at, _ = _inside(init, "moov", "trak", "mdia", "minf", "stbl", "stsd")
    is_sound = init[at + 12 : at + 16] == b"mp4a"
    return int.from_bytes(init[at + 32 : at + 34]) if is_sound else 0


def fragments(data: bytes) -> tuple[Fragment, ...]:
    """Return the fragments of a media segment; raise Broken unless it is made of whole ones."""
    with _broken_where_it_ends():
        return _fragments(data)


def _fragments(data: bytes) -> tuple[Fragment, ...]:
    found, moof = [], None
    for kind, at, end in boxes(data):
        if kind == "moof":
            moof = (at - 8, at, end)
        elif kind == "mdat":
            if moof is None:
                raise Broken("an mdat without its moof")
            found.append(_fragment(data, *moof, end))
            moof = None
    if moof or not found:
        raise Broken("no samples")
    return tuple(found)


def _fragment(data: bytes, start: int, content: int, moof_end: int, end: int) -> Fragment:
    traf = _inside(data, "traf", start=content, end=moof_end)
    head, _ = _inside(data, "tfhd", start=traf[0], end=traf[1])
    time, _ = _inside(data, "tfdt", start=traf[0], end=traf[1])
    run, run_end = _inside(data, "trun", start=traf[0], end=traf[1])
    decode_time = int.from_bytes(data[time + 4 : time + (12 if data[time] == 1 else 8)])
    usual = _defaults(data, head)
    count, columns, first_flags, offset = _run(data, run, run_end)
    # All of one size take a product, however many they are said to be.
    first, size = (
        (columns[SIZE][0], sum(columns[SIZE])) if columns.get(SIZE) else (usual[1], usual[1] * count)
    )
    if not count or offset + size > end - start:
        raise Broken(f"{count} samples of {size} bytes do not fit")
    flags = columns[FLAGS][0] if columns.get(FLAGS) else usual[2]
    is_key = not (flags if first_flags is None else first_flags) & NOT_A_KEY_FRAME
    return Fragment(
        start=start,
        end=end,
        decode_time=decode_time,
        ticks=sum(columns[DURATION]) if DURATION in columns else usual[0] * count,
        samples=count,
        key_bytes=offset + first if is_key else 0,
    )


def _defaults(data: bytes, head: int) -> tuple[int, int, int]:
    """Return the duration, size and flags that tfhd gives to samples which have none of their own."""
    flags = int.from_bytes(data[head + 1 : head + 4])
    at = head + 8 + 8 * bool(flags & 0x1) + 4 * bool(flags & 0x2)
    values = []
    for flag in (0x8, 0x10, 0x20):
        values.append(int.from_bytes(data[at : at + 4]) if flags & flag else 0)
        at += 4 * bool(flags & flag)
    return values[0], values[1], values[2]


def _run(data: bytes, run: int, end: int) -> tuple[int, dict[int, tuple[int, ...]], int | None, int]:
    """Return a trun: how many samples, its columns, the flags of the first one, where they begin in the moof."""
    flags, count = int.from_bytes(data[run + 1 : run + 4]), int.from_bytes(data[run + 4 : run + 8])
    at, offset, first_flags = run + 8, 0, None
    if flags & 0x1:
        offset, at = int.from_bytes(data[at : at + 4], signed=True), at + 4
    if flags & 0x4:
        first_flags, at = int.from_bytes(data[at : at + 4]), at + 4
    kinds = [kind for kind in (DURATION, SIZE, FLAGS, SHIFT) if flags & kind]
    if at + 4 * count * len(kinds) > end:
        raise Broken(f"{count} samples in {end - at} bytes")
    table = unpack_from(f">{count * len(kinds)}I", data, at)
    return count, {kind: table[n :: len(kinds)] for n, kind in enumerate(kinds)}, first_flags, offset


@dataclass(frozen=True, slots=True)
class Index:
    """Where a moov begins, and where it ends if its head was seen."""

    start: int
    end: int | None


def find_index(head: bytes) -> Index | None:
    """Return where the moov of an MP4 lies whose first bytes these are, or must lie; None for what is no such MP4."""
    at = 0
    while at + 16 <= len(head):
        size, kind = int.from_bytes(head[at : at + 4]), head[at + 4 : at + 8]
        if size == 1:
            size = int.from_bytes(head[at + 8 : at + 16])
        if at == 0 and kind != b"ftyp":
            return None
        if kind == b"moov":
            return Index(at, at + size)
        if size < 8:
            return None
        at += size
    # Behind what does not fit in here: the media itself.
    return Index(at, None) if at > len(head) else None


def first_sample(fragment: bytes) -> bytes:
    """Return the first sample of a fragment, which ends with it: it lies behind moof and the head of mdat."""
    return fragment[int.from_bytes(fragment[:4]) + 8 :]


def nal_types(sample: bytes, length_bytes: int = 4) -> set[int]:
    """Return the types of the NAL units in a sample, or in its beginning (H.264, 7.4.1). Ours have lengths of four bytes."""
    found, at = set(), 0
    while at + length_bytes < len(sample):
        found.add(sample[at + length_bytes] & 0x1F)
        at += length_bytes + int.from_bytes(sample[at : at + length_bytes])
    return found


def codec_of(init: bytes) -> str:
    """Return the RFC 6381 name of an init segment's codec, from its avcC or esds; raise Broken if it has neither."""
    avcc = init.find(b"avcC")
    if avcc >= 0:
        # AVCDecoderConfigurationRecord (ISO/IEC 14496-15): version, profile, compatibility, level.
        profile, compatibility, level = init[avcc + 5 : avcc + 8]
        return f"avc1.{profile:02x}{compatibility:02x}{level:02x}"
    esds = init.find(b"esds")
    if esds >= 0:
        return f"mp4a.40.{_audio_object_type(init[esds + 8 :])}"
    raise Broken("no avcC and no esds")


# Descriptors of ISO/IEC 14496-1, 7.2.6: by their tags, how many bytes go before those inside; of the first, without its options.
INSIDE = {3: 3, 4: 13}
SPECIFIC_CONFIG = 5


def _audio_object_type(descriptors: bytes) -> int:
    """Return the first five bits of the AudioSpecificConfig (ISO/IEC 14496-3, 1.6.2.1); raise Broken if there is none."""
    at = 0
    while at + 2 < len(descriptors):
        tag, at = descriptors[at], at + 1
        # Lengths are of one byte to four; all but the last say that another follows.
        while at + 1 < len(descriptors) and descriptors[at] & 0x80:
            at += 1
        at += 1
        if tag == SPECIFIC_CONFIG and at < len(descriptors):
            return descriptors[at] >> 3
        if tag not in INSIDE:
            break
        at += INSIDE[tag]
    raise Broken("an esds without a configuration")
