from __future__ import annotations

import json
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from transcode.core.media import Media
from transcode.core.plan import LADDER, plan_encode, rungs_for

medias = st.builds(
    Media,
    width=st.integers(16, 7680),
    height=st.integers(16, 4320),
    frame_rate=st.fractions(1, 60, max_denominator=1001),
    seconds=st.none() | st.floats(0.1, 36_000),
    picture_seconds=st.none() | st.floats(0.1, 36_000),
    video_kbps=st.none() | st.integers(1, 100_000),
    video_codec=st.sampled_from(["h264", "hevc"]),
    video_index=st.just(0),
    audio_index=st.none() | st.just(1),
)


def media(width: int = 1920, height: int = 1080, **changes) -> Media:
    fields = {
        "frame_rate": Fraction(25),
        "seconds": 60.0,
        "picture_seconds": 60.0,
        "video_kbps": 8000,
        "video_codec": "h264",
    }
    return Media(
        **{"width": width, "height": height, "video_index": 0, "audio_index": 1, **fields, **changes}
    )


def names(of: Media) -> list[str]:
    return [rendition.name for rendition in plan_encode(of).renditions]


class LadderTests:
    def test_goes_down_from_the_source(self):
        assert names(media(1280, 720)) == ["720p", "480p", "360p"]

    def test_measures_a_portrait_source_by_its_short_side(self):
        assert names(media(1080, 1920)) == ["1080p", "720p", "480p", "360p"]

    def test_keeps_the_size_of_a_source_below_the_ladder(self):
        (only,) = plan_encode(media(320, 240)).renditions
        assert (only.name, only.width, only.height) == ("240p", 320, 240)

    @given(medias)
    def test_never_is_empty_and_never_above_the_source(self, source):
        short_side = min(source.width, source.height)
        assert all(rung.short_side <= short_side + 1 for rung in rungs_for(source))
        assert rungs_for(source)


class PlanTests:
    @given(medias)
    def test_gives_every_rendition_even_dimensions(self, source):
        assert all(r.width % 2 == 0 == r.height % 2 for r in plan_encode(source).renditions)

    @given(medias)
    def test_puts_a_keyframe_on_or_just_after_every_two_seconds(self, source):
        plan = plan_encode(source)
        late = plan.gop / plan.frame_rate - plan.keyframe_seconds
        assert 0 <= late < 1 / plan.frame_rate

    def test_rounds_the_gop_up(self):
        assert plan_encode(media(frame_rate=Fraction("10.4"))).gop == 21

    @given(medias)
    def test_can_be_kept_as_json(self, source):
        assert json.loads(json.dumps(plan_encode(source).as_json()))["renditions"]

    def test_gives_no_rung_more_than_its_source_has_and_the_lower_ones_less(self):
        assert [r.max_kbps for r in plan_encode(media(video_kbps=1000)).renditions] == [1000, 545, 272, 145]

    def test_gives_every_rung_something(self):
        assert {r.max_kbps for r in plan_encode(media(video_kbps=1)).renditions} == {50}

    def test_gives_a_dense_codec_twice_its_rate(self):
        assert plan_encode(media(video_kbps=1000, video_codec="hevc")).renditions[0].max_kbps == 2000

    def test_uses_the_ladder_where_the_rate_is_not_known(self):
        rates = [r.max_kbps for r in plan_encode(media(video_kbps=None)).renditions]
        assert rates == [rung.max_kbps for rung in LADDER]

    def test_expects_the_frames_of_the_whole_length(self):
        assert plan_encode(media(seconds=10.0)).frames == 250

    def test_expects_nothing_where_the_length_is_not_known(self):
        assert plan_encode(media(seconds=None)).frames is None
