"""What is made of the packets of a source, told one by one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.transcode.test_plan import media
from transcode.core.gate import Limits
from transcode.core.measure import Tally, measured

UNKNOWN = replace(media(), video_index=0, video_kbps=None, seconds=None, picture_seconds=None)


def tally(*lines: str) -> Tally:
    found = Tally()
    for line in lines:
        found.hear(line)
    return found


class RateTests:
    def test_is_the_pictures_alone(self):
        found = tally(*(f"0,{n}.0,1.0,1000" for n in range(11)), *(f"1,{n}.0,1.0,99999" for n in range(11)))
        assert measured(UNKNOWN, found, 10**6, Limits(), is_whole=True).video_kbps == pytest.approx(8, abs=1)

    def test_counts_frames_where_there_is_no_clock(self):
        found = tally(*["0,N/A,0.04,1000"] * int(UNKNOWN.frame_rate * 4))
        kbps = UNKNOWN.frame_rate * 8
        assert measured(UNKNOWN, found, 10**6, Limits(), is_whole=True).video_kbps == int(kbps)

    def test_is_not_thinned_by_a_clock_that_leaps(self):
        found = tally(*(f"0,{n + 90_000 * (n > 5)}.0,1.0,1000" for n in range(11)))
        assert (measured(UNKNOWN, found, 10**6, Limits(), is_whole=True).video_kbps or 0) >= 4

    def test_of_nothing_is_left_as_it_was(self):
        assert measured(UNKNOWN, tally("", "x,y"), 10**6, Limits(), is_whole=True) == UNKNOWN


class BeginningTests:
    """Where only the beginning was walked through: 8 kbit/s of picture and as much of sound, of a file with 100 s."""

    LINES = tuple(f"{track},{n}.0,1.0,1000,{2000 * n + 1000 * track}" for n in range(11) for track in (0, 1))

    def kbps(self, source_bytes: int, *lines: str) -> int | None:
        long = replace(UNKNOWN, seconds=100.0)
        return measured(long, tally(*lines), source_bytes, Limits(), is_whole=False).video_kbps

    def test_picture_has_what_the_sound_leaves_of_all_bytes(self):
        assert self.kbps(10**6, *self.LINES) == pytest.approx(80 - 8, abs=1)

    def test_what_the_container_adds_is_no_picture(self):
        spread = [line.rpartition(",") for line in self.LINES]
        padded = [f"{line},{2 * int(place)}" for line, _, place in spread]
        assert self.kbps(10**6, *padded) == pytest.approx(40 - 8, abs=2)

    def test_picture_has_some_rate_where_nothing_is_left(self):
        assert self.kbps(1000, *self.LINES) == 1

    def test_counts_for_all_where_nobody_knows_how_long_that_is(self):
        found = measured(UNKNOWN, tally(*self.LINES), 10**6, Limits(), is_whole=False)
        assert found.video_kbps == pytest.approx(8, abs=1)


class LengthTests:
    def test_counts_from_the_first_packet(self):
        assert tally("0,100.0,1.0,10", "0,104.0,1.0,10").seconds == 5
