"""Read the few ISO base media file format boxes (ISO/IEC 14496-12) that publishing depends on."""

from __future__ import annotations

from collections.abc import Iterator


class Broken(Exception):
    """The boxes do not add up: the file was cut short or is not what it should be."""


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


def is_whole_segment(data: bytes) -> bool:
    """True if the file is made of whole boxes and carries samples."""
    try:
        kinds = [kind for kind, _, _ in boxes(data)]
    except Broken:
        return False
    return "moof" in kinds and "mdat" in kinds


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


def _audio_object_type(descriptors: bytes) -> int:
    """Return the first five bits of the AudioSpecificConfig (ISO/IEC 14496-3), which follows tag 5 and its length."""
    at = descriptors.index(b"\x05") + 1
    while descriptors[at] & 0x80:
        at += 1
    return descriptors[at + 1] >> 3
