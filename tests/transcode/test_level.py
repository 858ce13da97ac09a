from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.transcode.test_plan import medias
from transcode.core.ladder import BUFFER_SECONDS
from transcode.core.level import LEVELS, level_for
from transcode.core.plan import plan_encode


class LevelTests:
    @pytest.mark.parametrize(
        ("width", "height", "rate", "kbps", "name"),
        [
            (426, 240, 25, 400, "2.1"),
            (640, 360, 25, 800, "3.0"),
            (854, 480, 25, 1500, "3.0"),
            (1280, 720, 30, 3000, "3.1"),
            (1280, 720, 60, 4500, "3.2"),
            (1920, 1080, 30, 5500, "4.0"),
            (1080, 1920, 30, 5500, "4.0"),
            (1920, 1080, 60, 8250, "4.2"),
            (2560, 1440, 30, 9000, "5.0"),
            (3840, 2160, 30, 16000, "5.1"),
            (3840, 2160, 60, 24000, "5.2"),
        ],
    )
    def test_is_the_one_of_table_a_1(self, width, height, rate, kbps, name):
        assert level_for(width, height, Fraction(rate), kbps, 2 * kbps).name == name

    @given(medias)
    def test_bears_every_rendition(self, source):
        for r in plan_encode(source).renditions:
            level = level_for(r.width, r.height, source.frame_rate, r.max_kbps, BUFFER_SECONDS * r.max_kbps)
            blocks = -(-r.width // 16) * -(-r.height // 16)
            assert blocks <= level.macroblocks and blocks * source.frame_rate <= level.macroblocks_per_second

    @given(st.integers(16, 4096), st.integers(16, 4096))
    def test_rises_with_the_rate(self, width, height):
        slow, fast = (level_for(width, height, Fraction(rate), 1000, 2000) for rate in (25, 50))
        assert LEVELS.index(slow) <= LEVELS.index(fast)
