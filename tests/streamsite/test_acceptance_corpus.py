"""The parts of `make corpus` that read and compare, without a site."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from streamsite.acceptance import corpus
from streamsite.acceptance.clips import NoClips, clips_below
from streamsite.acceptance.corpus import Row
from streamsite.acceptance.expected import Expected, expectations_in
from streamsite.acceptance.report import Report

READY = Report("a.mp4", "ready", duration_s=2.0, renditions=[{"width": 1280, "height": 720, "kbps": 900}])
FAILED = Report("a.mp4", "failed", "No.")
BOTH = frozenset({"ready", "failed"})


class ExpectedTests:
    @pytest.mark.parametrize(
        ("words", "ends"),
        [
            ("playable upright", {"ready"}),
            ("published; output duration 2.0 s ±0.1", {"ready"}),
            ("failed(unsupported_container), 0 opens outside job dir", {"failed"}),
            ("clear rejection (no video stream)", {"failed"}),
            ("rejected by S3 POST or failed", {"failed"}),
            ("clear rejection or playable; never a hang/500", BOTH),
            ("accepted or failed, 0 opens outside", BOTH),
            ("accepted as caption", frozenset()),
            ("rejected 400", frozenset()),
            ("text shown literally", frozenset()),
            ("", frozenset()),
        ],
    )
    def test_allows_the_ends_its_words_name(self, words, ends):
        assert Expected(words).ends == ends

    @pytest.mark.parametrize(
        ("words", "report"),
        [
            ("clear rejection", READY),
            ("playable", FAILED),
            ("playable upright 480x640", READY),
            ("playable at 4:3 display", READY),
            ("playable portrait, stereo", READY),
            ("published; output duration 3.0 s ±0.1", READY),
            ("playable with true duration; must not claim 2 s", READY),
        ],
    )
    def test_differs_from_what_is_not_so(self, words, report):
        assert len(Expected(words).differences(report)) == 1

    @pytest.mark.parametrize(
        "words",
        ["playable upright 1280x720", "playable at 16:9 display", "published; output duration 2.0 s ±0.1"],
    )
    def test_agrees_with_what_is(self, words):
        assert Expected(words).differences(READY) == ()

    def test_lets_a_file_be_that_nothing_is_said_of(self):
        assert Expected().differences(READY) == Expected().differences(FAILED) == ()


class ManifestTests:
    @pytest.mark.parametrize(
        "head", ["filename\tbytes\texpected\ttrial", "file\ttries\texpected behaviour of our service"]
    )
    def test_is_read_by_the_names_of_its_columns(self, tmp_path: Path, head: str):
        (tmp_path / "MANIFEST.tsv").write_text(f'{head}\n"a".mp4\t5\tplayable\tok\nshort\n')
        assert expectations_in(tmp_path) == {'"a".mp4': Expected("playable")}

    @pytest.mark.parametrize("text", ["", "\n", "file\tsize\na.mp4\t5\n"])
    def test_may_say_nothing(self, tmp_path: Path, text: str):
        (tmp_path / "MANIFEST.tsv").write_text(text)
        assert expectations_in(tmp_path) == {}

    def test_may_be_missing(self, tmp_path: Path):
        assert expectations_in(tmp_path) == {}


class ClipsBelowTests:
    def test_are_found_folder_by_folder(self, tmp_path: Path):
        (tmp_path / "deep" / "er").mkdir(parents=True)
        for name in ("z.mp4", "MANIFEST.tsv", "deep/b.mp4", "deep/README.md", "deep/er/a.mp4"):
            (tmp_path / name).touch()
        names = [str(clip.relative_to(tmp_path)) for clip in clips_below(tmp_path)]
        assert names == ["z.mp4", "deep/b.mp4", "deep/er/a.mp4"]

    def test_are_missing_where_no_folder_is(self, tmp_path: Path):
        with pytest.raises(NoClips, match="make corpus DIR="):
            clips_below(tmp_path / "nothing")


class RowTests:
    def test_shows_what_viewers_get(self):
        line = Row("a.mp4", Expected("playable"), READY).as_line()
        assert [cell.strip() for cell in line.split("|")] == [
            *("a.mp4", "playable", "ready", "1280x720 (720), 2.00 s, no sound", "")
        ]

    def test_points_at_a_difference(self):
        row = Row("a.mp4", Expected("playable"), FAILED)
        assert row.as_line().startswith("≠ a.mp4") and row.as_line().endswith("No.")
        assert json.loads(row.as_json())["differences"] == list(row.differences) != []

    def test_are_counted(self):
        rows = [
            Row("a", Expected("playable"), READY),
            Row("b", Expected("playable"), FAILED),
            Row("c", Expected(), FAILED),
        ]
        assert corpus.summary(rows, 0).startswith("3 files: 1 published, 2 refused, 0 stuck; 1 of 2 are not")
