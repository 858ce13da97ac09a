from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from transcode.core import media
from transcode.core.media import Media, Refused, parse_probe

VIDEO: dict[str, Any] = {
    "index": 0,
    "codec_type": "video",
    "codec_name": "h264",
    "width": 1920,
    "height": 1080,
    "avg_frame_rate": "25/1",
    "r_frame_rate": "25/1",
    "duration": "10.0",
    "bit_rate": "4000000",
    "disposition": {"default": 1, "attached_pic": 0},
}
AUDIO = {"index": 1, "codec_type": "audio", "codec_name": "aac", "channels": 2, "disposition": {"default": 1}}
COVER = {**VIDEO, "index": 2, "disposition": {"default": 1, "attached_pic": 1}}


def probed(*streams: dict[str, Any], **container: Any) -> Media:
    return parse_probe({"streams": list(streams), "format": container})


class ParseProbeTests:
    def test_reads_an_ordinary_file(self):
        assert probed(VIDEO, AUDIO) == Media(1920, 1080, Fraction(25), 10.0, 10.0, 4000, "h264", 0, 1)

    def test_turns_a_phone_video_upright(self):
        turned = probed({**VIDEO, "side_data_list": [{"rotation": -90}]})
        assert (turned.width, turned.height) == (1080, 1920)

    def test_ignores_an_absurd_rotation(self):
        assert probed({**VIDEO, "side_data_list": [{"rotation": -9223372036854775808}]}).width == 1920

    def test_makes_pixels_square(self):
        assert probed({**VIDEO, "width": 1280, "sample_aspect_ratio": "3:2"}).width == 1920

    def test_takes_no_aspect_ratio_for_square(self):
        assert probed({**VIDEO, "sample_aspect_ratio": "0:1"}).width == 1920

    def test_does_not_take_cover_art_for_a_picture(self):
        with pytest.raises(Refused, match="no moving picture"):
            probed(AUDIO, COVER)

    def test_prefers_the_default_track(self):
        other = {**VIDEO, "disposition": {"default": 0}}
        assert probed(other, {**VIDEO, "index": 3}).video_index == 3

    def test_prefers_the_larger_of_two_defaults(self):
        assert probed({**VIDEO, "width": 320, "height": 180}, {**VIDEO, "index": 3}).video_index == 3

    def test_prefers_the_first_of_two_equals(self):
        assert probed(VIDEO, AUDIO, {**AUDIO, "index": 4}).audio_index == 1

    def test_has_no_sound_where_a_track_has_no_channels(self):
        assert probed(VIDEO, {**AUDIO, "channels": 0}).audio_index is None

    @pytest.mark.parametrize(
        ("average", "real", "rate"),
        [
            pytest.param("30000/1001", "30000/1001", Fraction(30000, 1001), id="ntsc"),
            pytest.param(
                "3628800/502589", "57600/1", Fraction(3628800, 502589).limit_denominator(1001), id="vfr"
            ),
            pytest.param("0/0", "24/1", Fraction(24), id="no average"),
            pytest.param("0/0", "0/0", Fraction(30), id="none at all"),
            pytest.param("240/1", "240/1", Fraction(60), id="too fast"),
            pytest.param("1/3600", "1/3600", Fraction(1), id="a still"),
        ],
    )
    def test_finds_a_sane_frame_rate(self, average, real, rate):
        assert probed({**VIDEO, "avg_frame_rate": average, "r_frame_rate": real}).frame_rate == rate

    def test_asks_the_container_where_the_stream_has_no_duration(self):
        assert probed({**VIDEO, "duration": "N/A"}, duration="7.5").seconds == 7.5

    def test_does_not_take_the_containers_duration_for_the_pictures(self):
        # Sound may go on long after the last picture.
        assert probed({**VIDEO, "duration": None}, AUDIO, duration="20").picture_seconds is None

    def test_reads_the_duration_that_matroska_tags_a_track_with(self):
        tagged = {**VIDEO, "duration": None, "tags": {"DURATION": "00:01:04.023000000"}}
        assert probed(tagged, duration="90").picture_seconds == 64.023

    def test_knows_that_it_does_not_know_the_duration(self):
        assert probed({**VIDEO, "duration": None}).seconds is None

    @pytest.mark.parametrize(
        ("changes", "sentence"),
        [
            ({"width": 1, "height": 1}, media.TOO_SMALL),
            ({"width": 16384, "height": 8640}, media.TOO_LARGE),
            ({"duration": str(29 * 24 * 3600)}, media.TOO_LONG),
            ({"width": 0}, media.NO_PICTURE),
        ],
    )
    def test_refuses_what_cannot_be_made(self, changes, sentence):
        with pytest.raises(Refused) as refused:
            probed({**VIDEO, **changes})
        assert str(refused.value) == sentence

    @pytest.mark.parametrize(
        ("stderr", "sentence"),
        [
            ("[h264] Picture size 16384x8640 exceeds specified max pixel count 35389440", media.TOO_LARGE),
            ("[mov] Number of streams exceeds max_streams parameter (64), see", media.TOO_MANY),
            ("source: Invalid data found when processing input", media.NOT_A_VIDEO),
            ("", media.NOT_A_VIDEO),
        ],
    )
    def test_explains_why_ffprobe_gave_up(self, stderr, sentence):
        assert str(media.refusal_of(stderr)) == sentence

    def test_refuses_an_empty_probe(self):
        with pytest.raises(Refused):
            parse_probe({})
