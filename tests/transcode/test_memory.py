"""The threads and the memory of an encode, against what encodes took (ffmpeg 9.0, MiB)."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as some

from transcode.core.host import Memory
from transcode.core.media import Colour
from transcode.core.memory import MIB, memory_for, needed_for, threads_for, why_no_room
from transcode.core.plan import Picture, Plan, PlannedRendition

SIDES = {
    2160: (2160, 1440, 1080, 720, 480, 360, 240),
    1080: (1080, 720, 480, 360, 240),
    720: (720, 480, 360, 240),
    360: (360, 240),
    240: (240,),
}
# Short side, threads, address space at its largest.
MEASURED = [
    *((720, 1, 1461), (720, 2, 1664), (720, 4, 1859), (720, 16, 3124)),
    *((1080, 1, 1710), (1080, 2, 2019), (1080, 4, 2321), (1080, 16, 4252)),
    *((2160, 1, 2880), (2160, 2, 3654), (2160, 4, 4279), (2160, 16, 8520)),
]
# Short side, threads, what was resident at its largest.
RESIDENT = [
    *((360, 1, 86), (360, 2, 97), (360, 4, 108)),
    *((720, 1, 207), (720, 2, 257), (720, 4, 296), (720, 8, 377)),
    *((1080, 1, 383), (1080, 2, 478), (1080, 4, 562), (1080, 8, 745)),
    *((2160, 1, 1319), (2160, 2, 1676), (2160, 4, 2007), (2160, 8, 2631)),
]
SIZES = some.sampled_from(sorted(SIDES))
COUNTS = some.integers(min_value=1, max_value=256)


def plan(side: int) -> Plan:
    renditions = tuple(PlannedRendition(f"{s}p", s * 16 // 9, s, 1000) for s in SIDES[side])
    picture = Picture(side * 16 // 9, side, Colour())
    return Plan(renditions, (), Fraction(30), 0, 0.0, picture, 2.0, 2.0)


class MemoryTests:
    @pytest.mark.parametrize(("side", "threads", "taken"), MEASURED)
    def test_is_half_as_much_again_as_what_was_taken_and_not_without_bounds(self, side, threads, taken):
        assert 1.4 * taken < memory_for(plan(side), threads, 2) / MIB < 5 * taken


class NeedTests:
    @pytest.mark.parametrize(("side", "threads", "taken"), RESIDENT)
    def test_is_more_than_what_was_taken_and_not_twice_as_much(self, side, threads, taken):
        assert 1.1 * taken < needed_for(plan(side), threads) / MIB < 1.7 * taken

    @given(SIZES, SIZES, some.integers(1, 16), some.integers(1, 16))
    def test_grows_with_frames_and_threads(self, small, large, few, many):
        small, large = sorted((small, large))
        few, many = sorted((few, many))
        assert needed_for(plan(small), few) <= needed_for(plan(large), many)

    @given(SIZES, some.integers(1, 16))
    def test_is_less_than_what_an_encode_may_take(self, side, threads):
        assert needed_for(plan(side), threads) < memory_for(plan(side), threads, 1)


class ThreadTests:
    @given(SIZES, COUNTS, COUNTS, some.integers(1, 16))
    def test_are_one_at_least_and_never_more_than_anybody_allows(self, side, cores, slots, most):
        threads = threads_for(plan(side), cores, slots, most)
        assert 1 <= threads <= most
        assert threads == 1 or threads * slots <= cores

    @given(SIZES, SIZES, COUNTS, COUNTS)
    def test_are_no_fewer_for_larger_frames(self, small, large, cores, slots):
        small, large = sorted((small, large))
        assert threads_for(plan(small), cores, slots, 16) <= threads_for(plan(large), cores, slots, 16)

    @pytest.mark.parametrize(("side", "threads"), [(240, 2), (360, 2), (720, 4), (1080, 4), (2160, 4)])
    def test_are_two_for_little_frames_and_four_for_others_on_a_large_host(self, side, threads):
        assert threads_for(plan(side), cores=32, slots=1, most=4) == threads


class RoomTests:
    @given(COUNTS, COUNTS, COUNTS)
    def test_is_there_when_as_much_is_free_as_needed(self, needed, total, free):
        memory = Memory(max(total, free) * MIB, free * MIB)
        assert (why_no_room(needed * MIB, memory) == "") == (needed <= free)

    def test_that_never_comes_is_told_with_what_to_do(self):
        why = why_no_room(2600 * MIB, Memory(2048 * MIB, 1900 * MIB))
        assert why == (
            "this needs 2600 MiB of memory and this host has 2048 MiB in all, so it never fits here;"
            " set LADDER_TOP lower, or have a larger host take it"
        )

    def test_that_may_come_is_told_in_numbers(self):
        why = why_no_room(2600 * MIB, Memory(4096 * MIB, 1900 * MIB))
        assert why == "1900 MiB of memory are free, this needs 2600 MiB"
