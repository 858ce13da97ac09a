"""The small modules of the core: progress, notifications, the version floor."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transcode.core import progress
from transcode.core.floor import HOLES, Hole, holes_in, version_of
from transcode.core.notification import Created, Malformed, parse


class ProgressTests:
    def test_hears_frames_and_nothing_else(self):
        lines = ("frame=12", "frame= 13", "fps=25", "frame=x", "")
        assert [progress.frame_of(line) for line in lines] == [12, 13, None, None, None]

    def test_is_news_where_frames_or_time_grow(self):
        course = progress.Course()
        lines = (
            "frame=0",
            "speed=1x",
            "frame=0",
            "speed=2x",
            "out_time_us=N/A",
            "frame=1",
            "out_time_us=9",
            "x",
        )
        news = [line for line in lines if course.is_news(line)]
        assert news == ["frame=0", "out_time_us=N/A", "frame=1", "out_time_us=9"]

    @given(st.floats(-1, 2))
    def test_stays_within_its_stage(self, done):
        assert 5 <= progress.within(5, 95, done) <= 95

    def test_estimates_from_the_speed_so_far(self):
        assert progress.remaining(10, 0.25) == 30

    def test_estimates_no_less_than_the_slowest_part_takes(self):
        parts = [progress.Part(400, 100, 10), progress.Part(400, 380, 10)]
        assert progress.remaining(100, 0.9, parts) == 30

    @pytest.mark.parametrize("part", [progress.Part(400, 0, 100), progress.Part(400, 1, 1)])
    def test_does_not_judge_a_part_that_has_just_begun(self, part):
        assert progress.remaining(10, 0.5, [part]) == 10

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
        assert holes_in(version) == []

    @pytest.mark.parametrize(
        "version", [(4, 4, 9), (5, 1, 9), (6, 0, 9), (7, 0, 5), (7, 1, 4), (8, 0, 9), (8, 1, 1)]
    )
    def test_distrusts_others(self, version):
        assert holes_in(version) == list(HOLES)

    def test_distrusts_a_build_that_names_no_version(self):
        assert holes_in(None) == list(HOLES)

    def test_knows_no_hole_in_a_decoder_that_files_reach(self):
        assert all(hole.is_covered for hole in HOLES)

    def test_takes_nobodys_word_for_a_decoder_that_files_reach(self, monkeypatch):
        hole = Hole("CVE-1", "h264", {(8, 1): 2})
        assert not hole.is_covered and "CVE-1" not in hole.fix
