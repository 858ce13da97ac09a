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
        assert measured(UNKNOWN, found, Limits(), is_whole=True).video_kbps == pytest.approx(8, abs=1)

    def test_counts_frames_where_there_is_no_clock(self):
        found = tally(*["0,N/A,0.04,1000"] * int(UNKNOWN.frame_rate * 4))
        kbps = UNKNOWN.frame_rate * 8
        assert measured(UNKNOWN, found, Limits(), is_whole=True).video_kbps == int(kbps)

    def test_is_not_thinned_by_a_clock_that_leaps(self):
        found = tally(*(f"0,{n + 90_000 * (n > 5)}.0,1.0,1000" for n in range(11)))
        assert (measured(UNKNOWN, found, Limits(), is_whole=True).video_kbps or 0) >= 4

    def test_of_nothing_is_left_as_it_was(self):
        assert measured(UNKNOWN, tally("", "x,y"), Limits(), is_whole=True) == UNKNOWN
