from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given

from tests.transcode.test_plan import media, medias
from transcode.core import gate, patience
from transcode.core.gate import Limits
from transcode.core.patience import patience_for
from transcode.core.plan import plan_encode

LIMITS = Limits()
MIB = 1024**2
PLAN = plan_encode(media(1280, 720, seconds=60.0))


class PatienceTests:
    def test_is_ten_times_what_the_file_says_and_a_minute(self):
        assert patience_for(PLAN, 0, LIMITS, 10).frames == 25 * (10 * 60 + 60)

    def test_believes_a_large_file_that_says_too_little(self):
        small, large = (patience_for(PLAN, size, LIMITS, 10) for size in (MIB, 1000 * MIB))
        assert large.frames == 25 * LIMITS.seconds and large.cpu_seconds > 100 * small.cpu_seconds

    def test_ends_with_the_limits_where_the_file_says_nothing(self):
        assert patience_for(replace(PLAN, seconds=None), MIB, LIMITS, 10).frames == 25 * LIMITS.seconds

    def test_takes_larger_pictures_for_more_work(self):
        plans = [plan_encode(media(width, width * 9 // 16)) for width in (640, 1920, 3840)]
        seconds = [patience_for(plan, MIB, LIMITS, 10).cpu_seconds for plan in plans]
        assert seconds == sorted(seconds) and seconds[2] > 10 * seconds[0]

    def test_is_longer_by_the_clock_than_one_core_takes(self):
        found = patience_for(PLAN, MIB, LIMITS, 10)
        assert found.wall_seconds > 2 * found.cpu_seconds

    @given(medias)
    def test_lasts_for_what_the_file_says(self, source):
        plan = plan_encode(source)
        found = patience_for(plan, 1, LIMITS, 2)
        expected = min(plan.frames or 0, int(LIMITS.seconds * plan.frame_rate))
        assert found.frames >= expected and found.cpu_seconds >= 120


class EndlessTests:
    @pytest.mark.parametrize(
        ("frames", "sentence"), [(100, patience.ENDLESS), (25 * LIMITS.seconds, gate.too_long(LIMITS))]
    )
    def test_names_the_limit_only_where_that_was_reached(self, frames, sentence):
        assert patience.endless(frames, PLAN.frame_rate, LIMITS) == sentence and "pload" in sentence
