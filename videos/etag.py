"""S3's checksum of an object, computed again while its bytes pass by."""

from __future__ import annotations

import hashlib


class EtagOf:
    """S3's ETag: MD5 of the object, or of its parts' MD5s for a multipart upload, with their number behind it."""

    def __init__(self, part_size: int | None) -> None:
        self._part_size = part_size
        self._parts: list[bytes] = []
        self._md5, self._room = hashlib.md5(usedforsecurity=False), part_size or 0

    def update(self, block: bytes) -> None:
        if self._part_size is None:
            self._md5.update(block)
            return
        view = memoryview(block)
        while len(view):
            taken = view[: self._room]
            self._md5.update(taken)
            self._room -= len(taken)
            view = view[len(taken) :]
            if not self._room:
                self._end_part(self._part_size)

    def _end_part(self, part_size: int) -> None:
        self._parts.append(self._md5.digest())
        self._md5, self._room = hashlib.md5(usedforsecurity=False), part_size

    def value(self) -> str:
        if self._part_size is None:
            return self._md5.hexdigest()
        digests = [*self._parts, *([self._md5.digest()] if self._room < self._part_size else [])]
        return f"{hashlib.md5(b''.join(digests), usedforsecurity=False).hexdigest()}-{len(digests)}"
