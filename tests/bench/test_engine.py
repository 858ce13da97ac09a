"""The pure parts of what `make bench` says of the engine."""

from __future__ import annotations

import pytest

from bench import engine, scale, watch, watching
from bench.sources import Source
from bench.table import Row
from bench.watching import Watched
from tests.transcode.test_plan import media
from transcode.core.plan import plan_encode

GROWING = {
    "multivariant.m3u8": '#EXT-X-MEDIA:TYPE=AUDIO,NAME="en",URI="audio/media.m3u8"\n'
    "#EXT-X-STREAM-INF:BANDWIDTH=1\n360p/media.m3u8\n#EXT-X-STREAM-INF:BANDWIDTH=1\n240p/media.m3u8\n",
    "360p/media.m3u8": '#EXT-X-MAP:URI="init.mp4"\n0.m4s\n1.m4s\n2.m4s\n3.m4s\n',
    "240p/media.m3u8": '#EXT-X-MAP:URI="init.mp4"\n0.m4s\n',
    "audio/media.m3u8": '#EXT-X-MAP:URI="init.mp4"\n0.m4s\n1.m4s\n#EXT-X-ENDLIST\n',
}


class FirstNamesTests:
    def test_are_three_segments_of_the_first_rung_and_the_sound(self):
        names = watching.first_names(GROWING)
        assert [name for name in names if name.startswith("360p")] == [
            f"360p/{name}" for name in ("init.mp4", "0.m4s", "1.m4s", "2.m4s")
        ]
        assert [name for name in names if name.startswith("audio")] == [
            f"audio/{name}" for name in ("init.mp4", "0.m4s", "1.m4s")
        ]

    def test_are_none_before_there_are_three(self):
        assert not watching.first_names({**GROWING, "360p/media.m3u8": "0.m4s\n1.m4s\n"})


class StepsTests:
    LINES = (
        (0.5, "INFO transcode.work: job 1, attempt 1 begins"),
        (1.0, "INFO transcode.work: job 2, attempt 1 begins"),
        (2.0, "DEBUG transcode.process: run /opt/ffprobe -v error"),
        (3.0, "INFO transcode.ways: job 2: its picture is kept"),
        (4.0, "INFO transcode.encoding: encode 360p from frame 0"),
        (5.0, "DEBUG transcode.growing: job 2 can be watched for 6000 ms"),
        (6.0, "DEBUG transcode.growing: job 2 can be watched for 12000 ms"),
    )

    def test_are_the_first_of_each_since_then(self):
        found = watching.steps_said(list(self.LINES), 0.9)
        assert found == {"claim": 1.0, "source": 2.0, "probe": 3.0, "encode": 4.0, "shown": 5.0}


class LimitTests:
    @pytest.mark.parametrize(("value", "verdict"), [(0.9, ""), (0.875, ""), (0.5, "too little")])
    def test_may_be_a_least(self, value, verdict):
        assert Row("workers_efficiency", value, "", "", least=0.875).verdict == verdict


class PercentileTests:
    def test_of_ten_the_95th_is_the_largest(self):
        assert scale.percentile([float(n) for n in range(10)], 0.95) == 9.0

    def test_the_half_is_in_the_middle(self):
        assert scale.percentile([3.0, 1.0, 2.0], 0.5) == 2.0


class FlatTests:
    FOUND = {
        Source(length, is_kept): Watched(
            {"claim": 0.5, "watchable": 0.5 + seconds}, range_seconds=seconds / 10
        )
        for is_kept in (True, False)
        for length, seconds in (("30 s", 1.0), ("60 min", 1.5 if is_kept else 4.0))
    }

    def test_is_by_how_much_an_hour_takes_longer_at_most(self):
        row = watch.flat(self.FOUND)
        assert (row.value, row.verdict) == (3.0, "too much")

    def test_leaves_out_what_is_waited_for_before_a_worker_has_it(self):
        slow = Watched({"claim": 9.0, "watchable": 10.0})
        found = {source: slow if source.seconds > 30 else watched for source, watched in self.FOUND.items()}
        assert watch.flat(found).value == pytest.approx(0.0)

    def test_says_how_much_more_a_range_takes(self):
        found = [round(line["of a range more s"], 2) for line in watch.flat(self.FOUND).details["pictures"]]
        assert found == [0.05, 0.3]


class OnGridTests:
    def test_spans_of_a_minute_meet_at_whole_segments(self):
        plan = plan_encode(media(seconds=150.0, is_indexed=True))
        spans = engine.on_grid(plan)
        assert [span.first for span in spans] == [0, 1500]
        assert spans[0].end == spans[1].first and spans[-1].end is None
