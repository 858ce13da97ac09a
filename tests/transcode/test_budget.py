"""What a whole ladder may have of the bytes that came."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given

from tests.transcode.test_plan import media, medias
from transcode.core.ladder import DENSE_CODECS, LEAST_KBPS
from transcode.core.plan import plan_encode


class DenseTests:
    @pytest.mark.parametrize("codec", DENSE_CODECS)
    def test_ladder_has_no_more_than_twice_its_source(self, codec):
        for side, kbps in ((2160, 9000), (1080, 2000), (480, 700), (240, 200)):
            source = media(side * 16 // 9, side, video_codec=codec, video_kbps=kbps)
            assert sum(rung.max_kbps for rung in plan_encode(source).renditions) <= 2 * kbps

    def test_rung_alone_may_have_nearly_twice_its_source(self):
        (rung,) = plan_encode(media(426, 240, video_codec="hevc", video_kbps=100)).renditions
        assert 190 <= rung.max_kbps <= 200

    @given(medias)
    def test_top_rung_has_no_less_than_of_h264(self, source):
        most = {
            codec: plan_encode(replace(source, video_codec=codec)).renditions[0].max_kbps
            for codec in ("hevc", "h264")
        }
        assert most["hevc"] >= most["h264"] >= LEAST_KBPS
