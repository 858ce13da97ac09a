"""`make bench` prints and keeps what it measured; nothing is measured here."""

from __future__ import annotations

import json
import os
import sys

from bench import figures, meter, table
from bench.site import Published
from bench.table import Row

ROWS = [
    Row("pipeline_cpu_ratio", 1.034, "x", "the whole by the part.", 1.05, {"pairs": [{"bare CPU s": 10.0}]}),
    Row("stored_ratio", 2.5, "x", "stored by sent.", 2),
    Row("peak_rss_720p", 312, " MB", "in memory."),
]


class TableTests:
    def test_has_a_line_for_each_row_with_its_limit(self):
        lines = table.text(ROWS, "bench").splitlines()
        assert lines[4].split() == ["pipeline_cpu_ratio", "1.03x", "≤", "1.05"]
        assert lines[6].split() == ["peak_rss_720p", "312", "MB"]

    def test_points_at_what_is_too_much(self):
        assert [line.endswith("too much") for line in table.text(ROWS, "bench").splitlines()[4:7]] == [
            0,
            1,
            0,
        ]

    def test_explains_every_row_with_its_figures(self):
        text = table.text(ROWS, "bench")
        assert all(f"{row.name}: {row.explanation}" in text for row in ROWS)
        assert "bare CPU s\n         10.00" in text

    def test_is_kept_by_the_names_of_its_rows(self):
        kept = json.loads(json.dumps(table.as_json(ROWS, {"cores": 2})))
        assert (kept["cores"], list(kept["rows"])) == (2, [row.name for row in ROWS])
        assert kept["rows"]["stored_ratio"]["holds"] is False
        assert kept["rows"]["pipeline_cpu_ratio"]["details"] == {"pairs": [{"bare CPU s": 10.0}]}


class SameQualityTests:
    def test_lies_on_the_line_through_both_figures(self):
        fine, coarse = {"kB": 100.0, "VMAF": 95.0, "CPU s": 4.0}, {"kB": 60.0, "VMAF": 91.0, "CPU s": 3.0}
        found = figures.at_same_quality([fine, coarse], {"VMAF": 94.0, "CPU s": 2.0})
        assert (found["kB at same VMAF"], found["CPU ratio"], found["kB"]) == (90.0, 2.0, 100.0)


class SpreadTests:
    def test_is_that_of_single_pairs(self):
        pairs = [{"ratio": ratio} for ratio in (1.03, 1.0161, 1.069)]
        assert figures.spread(pairs) == "Single pairs are from 1.016 to 1.069."


class StoredTests:
    def test_is_that_of_the_clip_that_grows_most(self):
        made = [("a.mp4", Published(1, 1, 1000, 900)), ("b.mp4", Published(1, 1, 1000, 2100))]
        row = figures.stored("stored_ratio", "kept where it may be", made)
        assert (row.value, row.most, row.holds) == (2.1, 2, False)


class MeterTests:
    def test_counts_what_a_program_took(self, tmp_path):
        spent = meter.run((sys.executable, "-c", "sum(range(3_000_000))"), tmp_path)
        assert spent.cpu_seconds > 0 and spent.peak_mb > 1

    def test_counts_children_that_ended(self, tmp_path):
        before = meter.tree_cpu_seconds(os.getpid())
        spent = meter.run((sys.executable, "-c", "sum(range(3_000_000))"), tmp_path)
        assert meter.tree_cpu_seconds(os.getpid()) - before >= spent.cpu_seconds - 0.05
