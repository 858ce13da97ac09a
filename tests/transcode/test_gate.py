from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from tests.transcode.test_plan import media
from transcode.core import gate
from transcode.core.gate import Limits
from transcode.core.media import NOT_A_VIDEO, UNKNOWN_CODEC, Refused

LIMITS = Limits()


class GateTests:
    def test_lets_an_ordinary_video_through(self):
        gate.check(media(), LIMITS)

    @pytest.mark.parametrize(
        ("changes", "sentence"),
        [
            ({"width": 15, "height": 15}, gate.too_small()),
            ({"width": 16384, "height": 8640}, gate.too_large(LIMITS)),
            ({"width": 4000, "height": 20}, gate.too_narrow(LIMITS)),
            ({"seconds": 29 * 24 * 3600.0}, gate.too_long(LIMITS)),
            ({"claimed_rate": Fraction(60000)}, gate.too_fast(LIMITS)),
            ({"streams": 65}, gate.too_many(LIMITS)),
            ({"stretch": Fraction(1, 65000)}, gate.too_stretched(LIMITS)),
            ({"stretch": Fraction(9)}, gate.too_stretched(LIMITS)),
            ({"is_dolby_only": True}, gate.DOLBY_ONLY),
        ],
    )
    def test_refuses_what_is_beyond_a_limit(self, changes, sentence):
        with pytest.raises(Refused) as refused:
            gate.check(replace(media(), **changes), LIMITS)
        assert str(refused.value) == sentence and "pload" in sentence

    @pytest.mark.parametrize(
        "changes",
        [
            {"width": 16, "height": 16},
            {"width": 1600, "height": 100},
            {"seconds": 12 * 3600.0},
            {"claimed_rate": Fraction(240)},
            {"claimed_rate": None, "seconds": None},
        ],
    )
    def test_takes_what_is_at_a_limit(self, changes):
        gate.check(replace(media(), **changes), LIMITS)

    def test_names_the_limits_as_they_are_set(self):
        assert "2 hours" in gate.too_long(Limits(seconds=7200))
        assert "5 minutes" in gate.too_long(Limits(seconds=300))
        assert "2.07 million" in gate.too_large(Limits(pixels=1920 * 1080))


class RefusalTests:
    @pytest.mark.parametrize(
        ("stderr", "sentence"),
        [
            ("Picture size 16384x8640 exceeds specified max pixel count 35389440", gate.too_large(LIMITS)),
            ("Number of streams exceeds max_streams parameter (64), see", gate.too_many(LIMITS)),
            ("[magicyuv @ 0x1] Codec (magicyuv) not on whitelist 'h264'", UNKNOWN_CODEC),
            (
                "Codec (magicyuv) not on whitelist 'h264'\n[dca @ 0x1] Codec (dca) not on whitelist 'h264'",
                UNKNOWN_CODEC,
            ),
            ("[dca @ 0x1] Codec (dca) not on whitelist 'h264'", gate.UNKNOWN_SOUND),
            ("[xsub @ 0x1] Codec (xsub) not on whitelist 'h264'", gate.UNKNOWN_TEXT),
            ("[jpeg_pipe @ 0x1] Format not on whitelist 'mov'", NOT_A_VIDEO),
            ("source: Invalid data found when processing input", NOT_A_VIDEO),
            ("", NOT_A_VIDEO),
        ],
    )
    def test_explains_why_ffprobe_gave_up(self, stderr, sentence):
        assert str(gate.refusal_of(stderr, LIMITS)) == sentence
