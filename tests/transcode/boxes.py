"""Segments made by hand, as small as the format allows."""

from __future__ import annotations

KEY, OTHER = 0x02000000, 0x01010000


def box(kind: bytes, content: bytes = b"") -> bytes:
    return (8 + len(content)).to_bytes(4) + kind + content


def words(*values: int) -> bytes:
    return b"".join(value.to_bytes(4) for value in values)


def fragment(sizes: list[int], *, decode_time: int = 0, ticks: int = 1000, first: int = KEY) -> bytes:
    """A moof and its mdat, in the way ffmpeg writes them: what is the same for all samples stands in tfhd."""
    tfhd = box(b"tfhd", words(0x020038, 1, ticks, 0, OTHER))
    tfdt = box(b"tfdt", b"\x01\x00\x00\x00" + decode_time.to_bytes(8))

    def moof(offset: int) -> bytes:
        trun = box(b"trun", words(0x205, len(sizes), offset, first, *sizes))
        return box(b"moof", box(b"mfhd", bytes(8)) + box(b"traf", tfhd + tfdt + trun))

    return moof(len(moof(0)) + 8) + box(b"mdat", bytes(sum(sizes)))


def init(*, ticks_per_second: int = 1000, channels: int = 0) -> bytes:
    """An init segment of H.264 High 3.1, or of AAC-LC with so many channels."""
    mdhd = box(b"mdhd", bytes(12) + words(ticks_per_second) + bytes(8))
    if channels:
        esds = box(b"esds", bytes(4) + b"\x03\x19\x00\x00\x00\x04\x11" + bytes(13) + b"\x05\x02\x11\x90")
        entry = box(b"mp4a", bytes(16) + channels.to_bytes(2) + bytes(10) + esds)
    else:
        entry = box(b"avc1", bytes(78) + box(b"avcC", b"\x01\x64\x00\x1f"))
    stbl = box(b"stbl", box(b"stsd", words(0, 1) + entry))
    return box(b"ftyp") + box(b"moov", box(b"trak", box(b"mdia", mdhd + box(b"minf", stbl))))
