"""The memory an encode may take, against what encodes took (ffmpeg 9.0, address space in MiB)."""

from __future__ import annotations

from fractions import Fraction

import pytest

from transcode.core.media import Colour
from transcode.core.memory import MIB, memory_for
from transcode.core.plan import Picture, Plan, PlannedRendition

SIDES = {
    2160: (2160, 1440, 1080, 720, 480, 360, 240),
    1080: (1080, 720, 480, 360, 240),
    720: (720, 480, 360, 240),
}
# Short side, threads, address space at its largest.
MEASURED = [
    *((720, 1, 1461), (720, 2, 1664), (720, 4, 1859), (720, 16, 3124)),
    *((1080, 1, 1710), (1080, 2, 2019), (1080, 4, 2321), (1080, 16, 4252)),
    *((2160, 1, 2880), (2160, 2, 3654), (2160, 4, 4279), (2160, 16, 8520)),
]


def plan(side: int) -> Plan:
    renditions = tuple(PlannedRendition(f"{s}p", s * 16 // 9, s, 1000) for s in SIDES[side])
    picture = Picture(side * 16 // 9, side, Colour())
    return Plan(renditions, (), Fraction(30), 0, 0.0, picture, 2.0, 2.0)


class MemoryTests:
    @pytest.mark.parametrize(("side", "threads", "taken"), MEASURED)
    def test_is_half_as_much_again_as_what_was_taken_and_not_without_bounds(self, side, threads, taken):
        assert 1.4 * taken < memory_for(plan(side), threads, 2) / MIB < 5 * taken
