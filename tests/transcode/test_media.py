"""Facts of a source: one recorded answer of ffprobe for each oddity (`probes/`), and small ones made up here."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from transcode.core import media
from transcode.core.media import Colour, Media, Refused, parse_probe

PROBES = Path(__file__).parent / "probes"
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
    "pix_fmt": "yuv420p",
    "disposition": {"default": 1, "attached_pic": 0},
}
AUDIO: dict[str, Any] = {
    "index": 1,
    "codec_type": "audio",
    "codec_name": "aac",
    "channels": 2,
    "channel_layout": "stereo",
    "sample_rate": "48000",
    "disposition": {"default": 1},
}
COVER = {**VIDEO, "index": 2, "disposition": {"default": 1, "attached_pic": 1}}


def recorded(name: str) -> Media:
    return parse_probe(json.loads((PROBES / f"{name}.json").read_text()))


def probed(*streams: dict[str, Any], **container: Any) -> Media:
    return parse_probe({"streams": list(streams), "format": container})


class SizeTests:
    @pytest.mark.parametrize(
        ("name", "size"),
        [
            ("phone_upright", (320, 568)),
            ("upside_down", (1280, 720)),
            ("mirrored", (320, 180)),
            ("mirrored_and_turned", (180, 320)),
            ("absurd_matrix", (320, 240)),
            ("wide_pixels", (1920, 1080)),
            ("narrow_pixels_transport_stream", (626, 352)),
            ("edit_list", (853, 480)),
        ],
    )
    def test_is_as_people_see_the_picture(self, name, size):
        found = recorded(name)
        assert (found.width, found.height) == size

    @pytest.mark.parametrize(
        ("name", "filters"),
        [
            ("phone_upright", ("transpose=clock",)),
            ("upside_down", ("hflip", "vflip")),
            ("mirrored", ("hflip",)),
            ("mirrored_and_turned", ("transpose=clock_flip",)),
            ("absurd_matrix", ()),
        ],
    )
    def test_goes_with_how_to_turn_it(self, name, filters):
        assert recorded(name).turn.filters == filters

    def test_takes_no_aspect_ratio_for_square(self):
        assert probed({**VIDEO, "sample_aspect_ratio": "0:1"}).width == 1920

    def test_leaves_out_what_the_container_cuts_away(self):
        cut = {"side_data_type": "Frame Cropping", "crop_top": 40, "crop_bottom": 40}
        assert probed({**VIDEO, "side_data_list": [cut]}).height == 1000


class ChoiceTests:
    def test_passes_over_cover_art(self):
        assert recorded("cover_beside_picture").video_index == 0

    def test_does_not_take_cover_art_for_a_picture(self):
        with pytest.raises(Refused, match="no moving picture"):
            recorded("cover_art")

    def test_passes_over_an_empty_track(self):
        assert probed({**VIDEO, "nb_frames": "0"}, {**VIDEO, "index": 1, "width": 64}).video_index == 1

    def test_passes_over_a_track_of_which_nothing_was_read(self):
        assert recorded("empty_default_picture").video_index == 1

    def test_prefers_the_default_picture_and_sound(self):
        found = recorded("two_pictures_two_sounds")
        assert (found.video_index, found.sounds[0].index) == (3, 1) and len(found.sounds) == 2

    def test_prefers_the_larger_of_two_defaults(self):
        assert probed({**VIDEO, "width": 320, "height": 180}, {**VIDEO, "index": 3}).video_index == 3

    def test_refuses_a_picture_in_a_format_that_is_not_taken(self):
        with pytest.raises(Refused, match="format that we do not take"):
            probed({**VIDEO, "codec_name": "magicyuv"})

    def test_refuses_an_empty_probe(self):
        with pytest.raises(Refused):
            parse_probe({})


class SoundTests:
    def test_is_listed_with_the_default_first_and_languages_in_bcp_47(self):
        sounds = [
            (sound.index, sound.language, sound.is_commentary) for sound in recorded("three_sounds").sounds
        ]
        assert sounds == [(2, "de", False), (1, "en", False), (3, "en", True)]

    def test_keeps_its_channels(self):
        (sound,) = recorded("television_surround").sounds
        assert (sound.index, sound.channels, sound.language) == (1, 6, "en")

    def test_may_have_channels_without_names(self):
        (sound,) = recorded("ten_channels").sounds
        assert (sound.channels, sound.has_layout) == (10, False)

    @pytest.mark.parametrize(
        "broken", [{"channels": 0}, {"sample_rate": "0"}, {"codec_name": "unknown"}, {"codec_name": None}]
    )
    def test_is_none_where_it_cannot_be_heard(self, broken):
        assert probed(VIDEO, {**AUDIO, **broken}).sounds == ()


class FrameRateTests:
    @pytest.mark.parametrize(
        ("average", "real", "rate"),
        [
            pytest.param("30000/1001", "30000/1001", Fraction(30000, 1001), id="ntsc"),
            pytest.param("24000/1001", "24000/1001", Fraction(24000, 1001), id="film on ntsc"),
            pytest.param("52/5", "52/5", Fraction(52, 5), id="10.4"),
            pytest.param("37200/1241", "30000/1001", Fraction(30000, 1001), id="a hair off"),
            pytest.param("745000/35229", "117/4", Fraction(117, 4), id="a phone that dropped frames"),
            pytest.param("50/7", "25/1", Fraction(25), id="a pause"),
            pytest.param("24000/7007", "24000/1001", Fraction(24000, 1001), id="a long pause of film"),
            pytest.param("120/7", "120/1", Fraction(60), id="a pause of a fast source"),
            pytest.param("25/1", "50/1", Fraction(25), id="fields counted"),
            pytest.param("3628800/502589", "57600/1", Fraction(30), id="screen recording"),
            pytest.param("0/0", "24/1", Fraction(24), id="no average"),
            pytest.param("0/0", "0/0", Fraction(30), id="none at all"),
            pytest.param("120000/1999", "60/1", Fraction(60), id="sixty and a bit"),
            pytest.param("120/1", "120/1", Fraction(60), id="every second"),
            pytest.param("100/1", "100/1", Fraction(50), id="every second of 100"),
            pytest.param("144/1", "144/1", Fraction(48), id="every third"),
            pytest.param("240/1", "240/1", Fraction(60), id="every fourth"),
            pytest.param("1/3600", "1/3600", Fraction(1), id="a still"),
        ],
    )
    def test_is_sane(self, average, real, rate):
        assert probed({**VIDEO, "avg_frame_rate": average, "r_frame_rate": real}).frame_rate == rate

    def test_is_not_halved_where_frames_are_known_to_be_whole(self):
        whole = {**VIDEO, "avg_frame_rate": "25/2", "r_frame_rate": "25/1", "field_order": "progressive"}
        assert probed(whole).frame_rate == 25

    @pytest.mark.parametrize(
        ("name", "rate"),
        [("screen_recording", 30), ("sixty_and_a_bit", 60), ("phone_upright", Fraction(30000, 1001))],
    )
    def test_is_found_in_real_files(self, name, rate):
        assert recorded(name).frame_rate == rate


class FieldTests:
    @pytest.mark.parametrize("name", ["interlaced_mpeg2", "interlaced_h264"])
    def test_are_looked_for_where_a_file_has_them(self, name):
        assert recorded(name).has_fields

    @pytest.mark.parametrize("name", ["full_range", "phone_upright", "no_duration", "animated_gif"])
    def test_are_not_looked_for_elsewhere(self, name):
        assert not recorded(name).has_fields


class ColourTests:
    @pytest.mark.parametrize(
        ("name", "colour"),
        [
            ("hdr10", Colour("bt2020nc", "bt2020", "smpte2084", False)),
            ("phone_dolby_vision", Colour("bt2020nc", "bt2020", "arib-std-b67", False)),
            ("phone_upright", Colour("bt709", "bt709", "bt709", False)),
            ("ten_bit_422", Colour("", "", "", None)),
        ],
    )
    def test_is_what_the_file_says(self, name, colour):
        assert recorded(name).colour == colour

    def test_of_dolby_vision_that_others_can_show_is_fine(self):
        assert not recorded("phone_dolby_vision").is_dolby_only

    def test_of_dolby_vision_that_others_cannot_show_is_noticed(self):
        record = {
            "side_data_type": "DOVI configuration record",
            "dv_profile": 5,
            "dv_bl_signal_compatibility_id": 0,
        }
        assert probed({**VIDEO, "side_data_list": [record]}).is_dolby_only


class TimeTests:
    def test_asks_the_container_where_the_stream_has_no_duration(self):
        assert probed({**VIDEO, "duration": "N/A"}, duration="7.5").seconds == 7.5

    def test_does_not_take_the_containers_duration_for_the_pictures(self):
        # Sound may go on long after the last picture.
        assert probed({**VIDEO, "duration": None}, AUDIO, duration="20").picture_seconds is None

    def test_reads_the_duration_that_matroska_tags_a_track_with(self):
        tagged = {**VIDEO, "duration": None, "tags": {"DURATION": "00:01:04.023000000"}}
        assert probed(tagged, duration="90").picture_seconds == 64.023

    def test_knows_that_it_does_not_know_the_duration(self):
        assert recorded("no_duration").seconds is None

    @pytest.mark.parametrize("name", ["starts_at_100", "late_sound", "edit_list"])
    def test_begins_with_the_picture_wherever_the_clock_stood(self, name):
        assert recorded(name).picture_at == 0

    def test_knows_a_picture_that_comes_later(self):
        found = recorded("late_picture")
        assert (found.picture_at, found.seconds) == (Fraction(2, 5), 4.0)


class RateTests:
    def test_is_the_pictures_own(self):
        assert probed(VIDEO).video_kbps == 4000

    def test_is_else_what_the_sound_leaves_of_the_containers(self):
        without = {**VIDEO, "bit_rate": None}
        assert probed(without, {**AUDIO, "bit_rate": "128000"}, bit_rate="1128000").video_kbps == 1000

    def test_is_not_made_up(self):
        assert probed({**VIDEO, "bit_rate": None}).video_kbps is None


def test_sentences_say_what_to_do():
    assert all(
        "pload" in text or "Choose" in text
        for text in (media.NOT_A_VIDEO, media.NO_PICTURE, media.UNKNOWN_CODEC)
    )
