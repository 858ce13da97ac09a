from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transcode.core.colour import colour_of
from transcode.core.ladder import LADDER, kbps_for, sides_for, size_for
from transcode.core.media import Colour, Media, Sound
from transcode.core.plan import plan_encode
from transcode.core.turn import UPRIGHT, Turn

STEREO = (Sound(1, 2),)


def media(width: int = 1920, height: int = 1080, **changes: Any) -> Media:
    fields: dict[str, Any] = {
        "coded_width": width,
        "coded_height": height,
        "stretch": Fraction(1),
        "turn": UPRIGHT,
        "claimed_rate": Fraction(25),
        "frame_rate": Fraction(25),
        "seconds": 60.0,
        "picture_seconds": 60.0,
        "picture_at": Fraction(0),
        "video_kbps": 20_000,
        "video_codec": "mpeg2video",
        "video_index": 0,
        "pixel_format": "yuv420p",
        "colour": Colour(),
        "has_fields": False,
        "is_dolby_only": False,
        "sounds": STEREO,
        "streams": 2,
    }
    return Media(**{"width": width, "height": height, **fields, **changes})


medias = st.builds(
    media,
    width=st.integers(16, 7680),
    height=st.integers(16, 4320),
    frame_rate=st.fractions(1, 60, max_denominator=1001),
    seconds=st.none() | st.floats(0.1, 36_000),
    picture_at=st.fractions(0, 20, max_denominator=90_000),
    video_kbps=st.none() | st.integers(1, 100_000),
    video_codec=st.sampled_from(["h264", "hevc", "mjpeg"]),
    sounds=st.just(()) | st.just(STEREO),
)


def names(of: Media, top: int = 2160) -> list[str]:
    return [rendition.name for rendition in plan_encode(of, top).renditions]


class LadderTests:
    @pytest.mark.parametrize(
        ("size", "sides"),
        [
            ((3840, 2160), [2160, 1440, 1080, 720, 480, 360, 240]),
            ((1920, 1080), [1080, 720, 480, 360, 240]),
            ((1080, 1920), [1080, 720, 480, 360, 240]),
            ((1920, 1088), [1080, 720, 480, 360, 240]),
            ((1920, 804), [804, 480, 360, 240]),
            ((720, 576), [576, 360, 240]),
            ((320, 240), [240]),
            ((176, 144), [144]),
            ((314, 273), [272]),
        ],
    )
    def test_goes_down_from_the_source(self, size, sides):
        assert list(sides_for(media(*size))) == sides

    def test_ends_at_the_top_that_is_set(self):
        assert names(media(3840, 2160), top=720) == ["720p", "480p", "360p", "240p"]

    def test_keeps_the_size_of_a_source_below_the_ladder(self):
        (only,) = plan_encode(media(176, 144)).renditions
        assert (only.name, only.width, only.height) == ("144p", 176, 144)

    def test_does_not_scale_for_an_odd_line(self):
        (only,) = plan_encode(media(314, 273)).renditions
        assert (only.width, only.height) == (314, 272)

    @given(medias)
    def test_never_is_empty_and_never_above_the_source(self, source):
        sides = sides_for(source)
        assert sides and max(sides) <= min(source.width, source.height) + 1

    @given(medias)
    def test_steps_down_by_a_fifth_or_more(self, source):
        sides = sides_for(source)
        assert all(lower <= upper * 0.8 for upper, lower in zip(sides, sides[1:], strict=False))


class RateTests:
    def test_is_the_ladders_where_the_source_has_more_or_says_nothing(self):
        for kbps in (100_000, None):
            rates = [r.max_kbps for r in plan_encode(media(video_kbps=kbps)).renditions]
            assert rates == pytest.approx(
                [rung.max_kbps for rung in LADDER if rung.short_side <= 1080], rel=0.01
            )

    def test_is_scaled_by_pixels_where_the_source_has_less(self):
        assert [r.max_kbps for r in plan_encode(media(video_kbps=900)).renditions] == [900, 400, 177, 100, 44]

    def test_is_half_as_much_again_for_fast_pictures(self):
        assert plan_encode(media(video_kbps=None, frame_rate=Fraction(60))).renditions[0].max_kbps == 8250

    def test_is_by_the_pixels_of_a_square(self):
        assert plan_encode(media(1080, 1080, video_kbps=None)).renditions[0].max_kbps == 3093

    @given(medias.map(lambda source: replace(source, video_codec="h264")))
    def test_cannot_make_an_h264_source_larger(self, source):
        seconds = source.seconds or 60
        for rendition in plan_encode(source).renditions:
            if source.video_kbps is not None and rendition.max_kbps > 16:
                # All at the ceiling, and the buffer spent besides.
                assert rendition.max_kbps * (seconds + 1.8) <= source.video_kbps * seconds * 1.001

    @given(medias)
    def test_is_never_nothing(self, source):
        assert all(r.max_kbps >= 16 for r in plan_encode(source).renditions)


class WorthTests:
    """Which rungs of the ladder are made at all."""

    def test_leaves_out_rungs_that_would_all_lie_at_the_floor(self):
        poor = plan_encode(media(video_kbps=40, video_codec="h264")).renditions
        assert [(r.name, r.max_kbps) for r in poor] == [("1080p", 35), ("720p", 16)]

    @pytest.mark.parametrize("side", range(240, 2161, 48))
    def test_keeps_the_whole_ladder_where_rates_fall(self, side):
        source = media(side * 16 // 9, side, video_kbps=None)
        assert names(source) == [f"{side}p" for side in sides_for(source)]

    @given(medias)
    def test_makes_the_best_one_and_below_it_what_is_clearly_lighter(self, source):
        rates = [r.max_kbps for r in plan_encode(source).renditions]
        assert names(source)[0] == f"{sides_for(source)[0]}p"
        assert all(lower <= upper * 0.9 for upper, lower in zip(rates, rates[1:], strict=False))

    @given(medias)
    def test_leaves_out_only_what_is_no_lighter_than_one_that_is_made(self, source):
        made = {r.name: r.max_kbps for r in plan_encode(source).renditions}
        above = 0
        for side in sides_for(source):
            rate = kbps_for(source, *size_for(source, side), 6)
            above = made.get(f"{side}p", above)
            assert f"{side}p" in made or rate > above * 0.9


class PlanTests:
    @given(medias)
    def test_gives_every_rendition_even_dimensions(self, source):
        assert all(r.width % 2 == 0 == r.height % 2 for r in plan_encode(source).renditions)

    @given(medias)
    def test_keeps_the_shape(self, source):
        for r in plan_encode(source).renditions:
            # Each side is at most a pixel off.
            assert abs(r.width * source.height - r.height * source.width) <= source.width + source.height + 1

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

    def test_expects_the_frames_of_the_whole_length(self):
        assert plan_encode(media(seconds=10.0)).frames == 250

    def test_expects_nothing_where_the_length_is_not_known(self):
        assert plan_encode(media(seconds=None)).frames is None


class NudgeTests:
    @given(medias)
    def test_puts_the_first_picture_on_a_frame_and_moves_by_less_than_one(self, source):
        plan = plan_encode(source)
        frames = (source.picture_at + Fraction(plan.nudge)) * plan.frame_rate
        assert float(frames) == pytest.approx(round(frames), abs=1e-6)
        assert -1 / plan.frame_rate < plan.nudge <= 0.001

    @pytest.mark.parametrize(("at", "rate"), [("0.083333", 24), ("0.033", 30), ("0.017", 60), ("0", 25)])
    def test_takes_rounded_times_for_what_they_mean(self, at, rate):
        plan = plan_encode(media(picture_at=Fraction(at), frame_rate=Fraction(rate)))
        assert abs(plan.nudge) <= 0.001


class SoundTests:
    def test_is_named_by_language_so_that_each_can_be_told_apart(self):
        sounds = (
            Sound(2, 2, language="de"),
            Sound(1, 2, language="en"),
            Sound(3, 2, language="en", is_commentary=True),
            Sound(4, 2, language="en"),
            Sound(5, 2),
        )
        planned = [(s.name, s.language, s.label) for s in plan_encode(media(sounds=sounds)).sounds]
        assert planned == [
            ("audio", "de", "German"),
            ("audio-2", "en", "English"),
            ("audio-3", "en", "English (commentary)"),
            ("audio-4", "en", "English 2"),
            ("audio-5", "", "Sound"),
        ]

    @pytest.mark.parametrize(
        ("sound", "mix"),
        [
            (Sound(1, 1), "as it is"),
            (Sound(1, 2, has_layout=False), "as it is"),
            (Sound(1, 6), "down"),
            (Sound(1, 6, has_layout=False), "first two"),
            (Sound(1, 16), "first two"),
        ],
    )
    def test_is_mixed_by_what_is_known_of_its_channels(self, sound, mix):
        assert plan_encode(media(sounds=(sound,))).sounds[0].mix == mix

    def test_without_a_broken_track_begins_with_the_next(self):
        plan = plan_encode(media(sounds=(Sound(1, 2), Sound(2, 2))))
        assert [(s.index, s.name) for s in plan.without_sounds(frozenset({1})).sounds] == [(2, "audio")]

    def test_is_eight_tracks_at_most(self):
        assert len(plan_encode(media(sounds=tuple(Sound(n, 2) for n in range(1, 40)))).sounds) == 8


class PictureTests:
    def test_knows_how_to_turn(self):
        turned = plan_encode(media(1080, 1920, turn=Turn(("transpose=clock",), is_sideways=True)))
        assert turned.picture.turn == ("transpose=clock",) and turned.picture.is_sideways

    @pytest.mark.parametrize(
        ("changes", "colour"),
        [
            pytest.param({}, Colour("bt709", "bt709", "bt709", False), id="HD says nothing"),
            pytest.param(
                {"coded_width": 720, "coded_height": 576},
                Colour("smpte170m", "smpte170m", "bt709", False),
                id="SD says nothing",
            ),
            pytest.param({"pixel_format": "yuvj420p"}, Colour("bt709", "bt709", "bt709", True), id="JPEG"),
            pytest.param({"pixel_format": "rgb24"}, Colour("gbr", "bt709", "bt709", True), id="RGB"),
            pytest.param(
                {"pixel_format": "", "video_codec": "png"},
                Colour("gbr", "bt709", "bt709", True),
                id="PNG not decoded",
            ),
            pytest.param(
                {"colour": Colour(transfer="arib-std-b67")},
                Colour("bt2020nc", "bt2020", "arib-std-b67", False),
                id="HLG says no more",
            ),
            pytest.param(
                {"colour": Colour("nonsense", "nonsense", "nonsense")},
                Colour("bt709", "bt709", "bt709", False),
                id="nonsense",
            ),
        ],
    )
    def test_has_a_colour_whatever_the_file_says(self, changes, colour):
        assert colour_of(media(**changes)) == colour
