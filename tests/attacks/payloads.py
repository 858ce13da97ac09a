"""What a payload is, and small bricks to build one of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from transcode import process

READY = "ready"


@dataclass(frozen=True, slots=True)
class Payload:
    """One file, and how it may end: READY, or the sentence that its uploader reads."""

    name: str
    data: bytes
    ends: frozenset[str]

    def __str__(self) -> str:
        return self.name


def ends(*outcomes: str) -> frozenset[str]:
    return frozenset(outcomes)


def ffmpeg(folder: Path, *options: str) -> None:
    process.run((settings.FFMPEG, "-v", "error", "-y", *options), folder, silence=60)


def box(kind: bytes, *content: bytes) -> bytes:
    """An ISO box (ISO/IEC 14496-12)."""
    inside = b"".join(content)
    return (8 + len(inside)).to_bytes(4) + kind + inside


def find_boxes(
    data: bytes, *path: bytes, start: int = 0, end: int | None = None
) -> Iterator[tuple[int, int]]:
    """Yield where each box at the end of `path` begins and ends, its header with it."""
    end = len(data) if end is None else end
    while start + 8 <= end:
        size = int.from_bytes(data[start : start + 4])
        if data[start + 4 : start + 8] == path[0]:
            if len(path) == 1:
                yield start, start + size
            else:
                yield from find_boxes(data, *path[1:], start=start + 8, end=start + size)
        start += max(size, 8)


def patched(data: bytes, at: int, value: bytes) -> bytes:
    return data[:at] + value + data[at + len(value) :]


def in_box(data: bytes, kind: bytes, offset: int, value: bytes) -> bytes:
    """Overwrite bytes of the content of the first box of a kind."""
    return patched(data, data.index(kind) + 4 + offset, value)


def chunk(kind: bytes, content: bytes) -> bytes:
    """A RIFF chunk, padded to an even size."""
    return kind + len(content).to_bytes(4, "little") + content + b"\0" * (len(content) % 2)


def riff_list(kind: bytes, *chunks: bytes) -> bytes:
    return chunk(b"LIST", kind + b"".join(chunks))
