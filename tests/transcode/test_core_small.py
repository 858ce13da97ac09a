"""The small modules of the core: boxes, progress, notifications, the version floor, the output check."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.transcode.test_plan import media
from transcode.core import check, mp4, progress
from transcode.core.floor import is_safe, version_of
from transcode.core.media import Refused
from transcode.core.notification import Created, Malformed, parse
from transcode.core.plan import plan_encode
from transcode.core.playlist import MediaPlaylist


def box(kind: bytes, content: bytes = b"") -> bytes:
    return (8 + len(content)).to_bytes(4) + kind + content


class BoxesTests:
    def test_lists_whole_boxes(self):
        assert [kind for kind, _, _ in mp4.boxes(box(b"moof") + box(b"mdat", b"xy"))] == ["moof", "mdat"]

    @given(st.integers(1, 24))
    def test_sees_that_a_segment_was_cut(self, missing):
        assert not mp4.is_whole_segment((box(b"moof", b"12345678") + box(b"mdat", b"x"))[:-missing])

    def test_does_not_take_an_init_segment_for_a_segment(self):
        assert not mp4.is_whole_segment(box(b"ftyp") + box(b"moov"))

    @given(st.binary(max_size=64))
    def test_ends_on_any_bytes(self, data):
        assert mp4.is_whole_segment(data) in (True, False)


class CodecOfTests:
    def test_names_profile_and_level_of_h264(self):
        assert mp4.codec_of(b"....avcC\x01\x64\x00\x1f") == "avc1.64001f"

    def test_names_aac_lc(self):
        descriptors = b"\x00\x00\x00\x00\x03\x19\x05\x80\x80\x80\x02\x11\x90"
        assert mp4.codec_of(b"esds" + descriptors) == "mp4a.40.2"

    def test_refuses_what_it_does_not_know(self):
        with pytest.raises(mp4.Broken):
            mp4.codec_of(b"hvcC")


class ProgressTests:
    def test_hears_frames_and_nothing_else(self):
        lines = ("frame=12", "frame= 13", "fps=25", "frame=x", "")
        assert [progress.frame_of(line) for line in lines] == [12, 13, None, None, None]

    @given(st.floats(-1, 2))
    def test_stays_within_its_stage(self, done):
        assert 5 <= progress.within(5, 95, done) <= 95

    def test_estimates_from_the_speed_so_far(self):
        assert progress.remaining(10, 0.25) == 30

    def test_estimates_nothing_from_nothing(self):
        assert progress.remaining(10, 0.01) is None


def record(key: str, **changes: Any) -> dict[str, Any]:
    s3 = {"bucket": {"name": "ingest"}, "object": {"key": key}}
    return {
        "eventSource": "aws:s3",
        "eventName": "ObjectCreated:CompleteMultipartUpload",
        "s3": s3,
        **changes,
    }


class ParseNotificationTests:
    def test_reads_every_record(self):
        body = json.dumps({"Records": [record("uploads/a/source"), record("b")]})
        assert parse(body) == (Created("ingest", "uploads/a/source"), Created("ingest", "b"))

    def test_decodes_the_key(self):
        (created,) = parse(json.dumps({"Records": [record("a+b%2B%C3%BC")]}))
        assert created.key == "a b+ü"

    def test_passes_over_what_was_not_created(self):
        assert parse(json.dumps({"Records": [record("a", eventName="ObjectRemoved:Delete")]})) == ()

    def test_passes_over_the_test_event(self):
        assert parse('{"Event": "s3:TestEvent"}') == ()

    @pytest.mark.parametrize("body", ["", "{}", "[]", "null", "12", '"x"', "junk", b"\xff", '{"Records": 1}'])
    def test_calls_all_else_malformed(self, body):
        with pytest.raises(Malformed):
            parse(body)

    @given(
        st.recursive(
            st.none() | st.text() | st.integers(), lambda c: st.lists(c) | st.dictionaries(st.text(), c)
        )
    )
    def test_ends_on_any_json(self, value):
        with pytest.raises(Malformed):
            parse(json.dumps({"Records": [value]}))


class FloorTests:
    @pytest.mark.parametrize(
        ("banner", "version"),
        [
            ("ffmpeg version 5.1.9-0+deb12u1 Copyright", (5, 1, 9)),
            ("ffmpeg version n9.0.2-17-g2a571b6068-20260930", (9, 0, 2)),
            ("ffprobe version n8.1.2 Copyright", (8, 1, 2)),
            ("ffmpeg version 8.1", (8, 1, 0)),
            ("ffmpeg version N-121123-gabcdef", None),
        ],
    )
    def test_reads_a_banner(self, banner, version):
        assert version_of(banner) == version

    @pytest.mark.parametrize("version", [(5, 1, 10), (6, 1, 6), (7, 1, 5), (8, 1, 2), (8, 2, 0), (9, 0, 0)])
    def test_trusts_fixed_releases(self, version):
        assert is_safe(version)

    @pytest.mark.parametrize(
        "version", [(4, 4, 9), (5, 1, 9), (6, 0, 9), (7, 0, 5), (7, 1, 4), (8, 0, 9), (8, 1, 1)]
    )
    def test_distrusts_others(self, version):
        assert not is_safe(version)


PLAN = plan_encode(media(1280, 720, seconds=10.0, picture_seconds=10.0))


def output(name: str = "720p", **changes: Any) -> check.Output:
    files = ("init.mp4", "0.m4s", "1.m4s")
    playlist = MediaPlaylist("init.mp4", (("0.m4s", 6.0), ("1.m4s", 4.0)), True)
    whole = check.Output(name, playlist, dict.fromkeys(files, 1000), dict.fromkeys(files, True))
    return replace(whole, **changes)


class CheckDecodedTests:
    def test_counts_frames_not_claims(self):
        assert check.check_decoded(PLAN, 249) == 9.96

    def test_refuses_nothing(self):
        with pytest.raises(Refused, match="no picture"):
            check.check_decoded(PLAN, 0)

    def test_refuses_a_file_that_ends_too_early(self):
        with pytest.raises(Refused, match="ends too early"):
            check.check_decoded(PLAN, 100)

    def test_believes_the_frames_where_the_file_claims_nothing(self):
        assert check.check_decoded(replace(PLAN, picture_seconds=None), 100) == 4.0


class SilentTrackTests:
    def test_is_one_without_a_whole_segment(self):
        assert check.is_silent(output("audio", whole=dict.fromkeys(("init.mp4", "0.m4s", "1.m4s"), False)))

    def test_is_not_one_that_was_cut_on_the_way(self):
        assert not check.is_silent(output("audio", whole={"init.mp4": True, "0.m4s": True, "1.m4s": False}))
        unfinished = replace(output().playlist, ended=False)
        assert not check.is_silent(output("audio", whole={}, playlist=unfinished))


class CheckPictureTests:
    def test_accepts_whole_rungs(self):
        check.check_picture((output("720p"), output("480p")), 10.0)

    @pytest.mark.parametrize(
        "broken",
        [
            pytest.param({"sizes": {"init.mp4": 1, "0.m4s": 1}}, id="a segment is missing"),
            pytest.param({"sizes": {"init.mp4": 1, "0.m4s": 1, "1.m4s": 0}}, id="a segment is empty"),
            pytest.param({"whole": {"init.mp4": True, "0.m4s": True, "1.m4s": False}}, id="a segment is cut"),
            pytest.param({"playlist": MediaPlaylist("", (), False)}, id="an empty playlist"),
            pytest.param({"playlist": replace(output().playlist, ended=False)}, id="no end"),
            pytest.param(
                {"playlist": replace(output().playlist, segments=(("0.m4s", 6.0),))}, id="too short"
            ),
        ],
    )
    def test_refuses_what_a_full_disk_leaves(self, broken):
        with pytest.raises(check.Unfit):
            check.check_picture((output("720p"), output("480p", **broken)), 10.0)

    def test_refuses_rungs_that_are_cut_differently(self):
        one = replace(output().playlist, segments=(("0.m4s", 10.0),))
        with pytest.raises(check.Unfit, match="cut differently"):
            check.check_picture((output("720p"), output("480p", playlist=one)), 10.0)
