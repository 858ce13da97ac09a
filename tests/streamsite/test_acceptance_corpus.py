"""The parts of `make corpus` that read and compare, without a site."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from streamsite.acceptance import corpus
from streamsite.acceptance.clips import NoClips, clips_below
from streamsite.acceptance.corpus import Row
from streamsite.acceptance.expected import Expected, expectations_in, missing_in
from streamsite.acceptance.listing import Listing
from streamsite.acceptance.report import Report

READY = Report("a.mp4", "ready", duration_s=2.0, renditions=[{"width": 1280, "height": 720, "kbps": 900}])
LISTED = Listing(
    *((), (), (), True),
    channels=("2",),
    codecs=("avc1.64001f,mp4a.40.2", "avc1.640015,mp4a.40.2"),
    ranges=("SDR", "SDR"),
)
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
            ("playable portrait", READY),
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

    def test_judges_upright_by_the_size_that_the_manifest_tells(self):
        sideways = Expected("playable upright", upright=(720, 1280))
        assert sideways.differences(READY) == ("expected upright 720x1280, and it is 1280x720",)
        assert Expected("playable upright", upright=(1920, 1080)).differences(READY) == ()

    def test_takes_upright_for_nothing_where_no_size_is_told(self):
        assert len(Expected("playable upright").differences(READY)) == 1

    @pytest.mark.parametrize(
        ("words", "listed"),
        [
            ("playable, stereo", replace(LISTED, channels=("2", "6"))),
            ("playable, stereo", replace(LISTED, channels=())),
            ("playable, SDR 8-bit", replace(LISTED, ranges=("SDR", "PQ"))),
            ("playable, SDR 8-bit", replace(LISTED, codecs=("avc1.64001f,mp4a.40.2", "avc1.6e001f"))),
            ("playable, SDR 8-bit", replace(LISTED, codecs=("hvc1.2.4.L93",))),
        ],
    )
    def test_judges_by_what_players_are_told(self, words, listed):
        assert Expected(words).differences(replace(READY, listed=LISTED)) == ()
        assert len(Expected(words).differences(replace(READY, listed=listed))) == 1

    def test_lets_no_rendition_be_larger_than_a_source_that_bounds_it(self):
        report = replace(READY, source_bytes=1000, rung_bytes=[1001, 500])
        assert len(Expected("playable", is_bound=True).differences(report)) == 1
        assert Expected("playable", is_bound=True).differences(replace(report, rung_bytes=[1000])) == ()
        assert Expected("playable").differences(report) == ()


class MissingTests:
    def test_is_what_a_manifest_tells_of_and_no_file_is(self, tmp_path: Path):
        (tmp_path / "deep").mkdir()
        text = "file\texpected\na.mp4\tplayable\nb.mp4\tplayable\n"
        for folder in (tmp_path, tmp_path / "deep"):
            (folder / "MANIFEST.tsv").write_text(text)
        for name in ("a.mp4", "b.mp4", "deep/a.mp4"):
            (tmp_path / name).touch()
        assert [text.partition(":")[0] for text in missing_in(tmp_path)] == ["deep/b.mp4"]

    def test_is_nothing_that_a_row_of_no_one_file_tells_of(self, tmp_path: Path):
        (tmp_path / "MANIFEST.tsv").write_text("file\texpected\nnames/*\tplayable\n")
        assert not list(missing_in(tmp_path))


class ManifestTests:
    @pytest.mark.parametrize(
        "head", ["filename\tbytes\texpected\ttrial", "file\ttries\texpected behaviour of our service"]
    )
    def test_is_read_by_the_names_of_its_columns(self, tmp_path: Path, head: str):
        (tmp_path / "MANIFEST.tsv").write_text(f'{head}\n"a".mp4\t5\tplayable\tok\nshort\n')
        assert expectations_in(tmp_path) == {'"a".mp4': Expected("playable")}

    def test_tells_of_a_size_and_how_it_is_turned(self, tmp_path: Path):
        head = "filename\twxh\trotation\texpected\n"
        rows = ("a\t568x320\t[-90]", "b\t1280x720\t[-180]", "c\t640x480\tNone", "d\t\t")
        (tmp_path / "MANIFEST.tsv").write_text(head + "".join(f"{row}\tplayable\n" for row in rows))
        found = [one.upright for one in expectations_in(tmp_path).values()]
        assert found == [(320, 568), (1280, 720), (640, 480), None]

    def test_tells_anywhere_that_a_rendition_may_not_be_larger(self, tmp_path: Path):
        text = "file\ttests\texpected\na\tlow rate (renditions must not be bigger than source)\tplayable\nb\tx\tplayable\n"
        (tmp_path / "MANIFEST.tsv").write_text(text)
        assert [one.is_bound for one in expectations_in(tmp_path).values()] == [True, False]

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
