"""Which pictures of an MP4 are said to need no other, and where they lie (ISO/IEC 14496-12, 8.6.2 and 8.7)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from struct import unpack_from

from transcode.core import moov
from transcode.core.mp4 import Broken

# Nine hours of a picture at 60 frames a second that is made of nothing else.
MOST_KEY_FRAMES = 2**21


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a file a sample lies."""

    start: int
    size: int


@dataclass(frozen=True, slots=True)
class Table:
    """The sample table of one track: the bytes of its moov, and which of them it is."""

    moov: bytes
    at: tuple[int, int]

    def count(self) -> int:
        start, end = self._box("stsz")
        return self._word(start + 8, end)

    def key_frames(self) -> Sequence[int]:
        """Return the numbers of the frames that are said to need no other, from 0 on; raise Broken if the first is none."""
        try:
            start, end = self._box("stss")
        except Broken:
            # Then all of them are.
            return range(_not_too_many(self.count()))
        found = tuple(number - 1 for number in self._words(start + 4, end))
        if not found or found[0] != 0:
            raise Broken("no key frame at the beginning")
        return found

    def place(self, sample: int) -> Place:
        """Return where a sample lies; takes longer the later it is."""
        first, chunk = self._chunk_with(sample)
        before = sum(self._size(each) for each in range(first, sample))
        return Place(self._chunk_start(chunk) + before, self._size(sample))

    def nal_length_bytes(self) -> int:
        """Return how many bytes say how long each NAL unit is (ISO/IEC 14496-15, 5.3.3.1)."""
        start, end = self._box("stsd")
        _, entry, entry_end = next(iter(moov.boxes(self.moov, start + 8, end)))
        config, _ = moov.inside(self.moov, (entry + 78, entry_end), "avcC")
        return (self.moov[config + 4] & 3) + 1

    def _chunk_with(self, sample: int) -> tuple[int, int]:
        """Return which sample is the first of the chunk that has this one, and the number of that chunk."""
        start, end = self._box("stsc")
        entries, first = self._word(start + 4, end), 0
        for entry in range(entries):
            begin, each, _ = self._row(start + 8 + 12 * entry, end)
            # The last run goes on to the end.
            until = (
                self._word(start + 8 + 12 * (entry + 1), end) if entry + 1 < entries else begin + sample + 1
            )
            if not each or until <= begin:
                raise Broken("chunks without samples")
            if sample < first + (until - begin) * each:
                passed = (sample - first) // each
                return first + passed * each, begin - 1 + passed
            first += (until - begin) * each
        raise Broken(f"no chunk with sample {sample}")

    def _chunk_start(self, chunk: int) -> int:
        try:
            start, end = self._box("stco")
            return self._word(start + 8 + 4 * chunk, end)
        except Broken:
            start, end = self._box("co64")
            at = start + 8 + 8 * chunk
            return self._word(at, end) << 32 | self._word(at + 4, end)

    def _size(self, sample: int) -> int:
        start, end = self._box("stsz")
        return self._word(start + 4, end) or self._word(start + 12 + 4 * sample, end)

    def _box(self, kind: str) -> tuple[int, int]:
        return moov.inside(self.moov, self.at, kind)

    def _row(self, at: int, end: int) -> tuple[int, int, int]:
        return self._word(at, end), self._word(at + 4, end), self._word(at + 8, end)

    def _word(self, at: int, end: int) -> int:
        if at + 4 > end:
            raise Broken("a table that is cut short")
        return int.from_bytes(self.moov[at : at + 4])

    def _words(self, at: int, end: int) -> tuple[int, ...]:
        count = _not_too_many(self._word(at, end))
        if at + 4 + 4 * count > end:
            raise Broken(f"{count} numbers in {end - at} bytes")
        return unpack_from(f">{count}I", self.moov, at + 4)


def _not_too_many(count: int) -> int:
    if count > MOST_KEY_FRAMES:
        raise Broken("too many key frames")
    return count


def most_apart(key_frames: Sequence[int], count: int) -> int:
    """Return at most how many frames there are from one key frame to the next, or to the end."""
    return max((after - before for before, after in pairwise((*key_frames, count))), default=0)
