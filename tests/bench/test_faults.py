"""What `make faults` counts, and how it says so; nothing is killed here."""

from __future__ import annotations

import json
from random import Random

import pytest

from bench.faults import __main__ as faults
from bench.faults import count, events, publishing
from bench.faults.count import Count
from transcode.core.notification import Malformed, parse

TEXTS = {
    "multivariant.m3u8": '#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,NAME="en",URI="audio/media.m3u8"\n'
    "#EXT-X-STREAM-INF:BANDWIDTH=1,RESOLUTION=640x360\n360p/media.m3u8\n",
    "360p/media.m3u8": '#EXTM3U\n#EXT-X-MAP:URI="c0a1-init.mp4"\n#EXTINF:2,\nc0a1-00000.m4s\n',
    "audio/media.m3u8": '#EXTM3U\n#EXT-X-MAP:URI="c0a1-init.mp4"\n#EXTINF:2,\nc0a1-00000.m4s\n',
}
FILES = {f"{track}/c0a1-{name}" for track in ("360p", "audio") for name in ("init.mp4", "00000.m4s")}


class NamedTests:
    def test_is_all_that_a_player_comes_to(self):
        assert count.named(TEXTS) == FILES | TEXTS.keys()

    def test_is_not_what_lies_beside_it(self):
        assert "240p/media.m3u8" not in count.named({**TEXTS, "240p/media.m3u8": "#EXTM3U\n"})

    def test_has_the_sheets_of_a_storyboard(self):
        text = "WEBVTT\n\n00:00.000 --> 00:01.000\nstoryboard-001.jpg#xywh=0,0,1,1\n"
        assert list(count.names_in("storyboard.vtt", text)) == ["storyboard-001.jpg"]


class MissingTests:
    def test_is_nothing_where_all_is_there(self):
        assert not count.missing(TEXTS, FILES | TEXTS.keys())

    def test_is_what_was_named_too_early(self):
        there = (FILES | TEXTS.keys()) - {"360p/c0a1-00000.m4s"}
        assert count.missing(TEXTS, there) == {"360p/c0a1-00000.m4s"}


class CountTests:
    def test_holds_where_nothing_went_wrong(self):
        assert Count(100, 100, seconds=7).holds

    def test_does_not_hold_where_nothing_was_tried(self):
        assert not Count(0, 0).holds

    def test_does_not_hold_where_less_was_tried_than_wanted(self):
        assert not Count(20, 100).holds

    def test_says_how_much_was_wanted(self):
        said = count.table({"lease_lost": Count(20, 50)}).splitlines()[-1]
        assert said == "lease_lost: 50 tries were wanted, and there was time for 20"

    def test_does_not_hold_with_one_job_too_many(self):
        assert not Count(300, 300, others=(("jobs", 301, 300),)).holds

    def test_says_in_the_table_what_is_wrong(self):
        lines = count.table({"events": Count(300, 300, lost=1, others=(("jobs", 301, 300),))}).splitlines()
        assert lines[2].split() == ["events", "300", "1", "0", "0", "0", "0", "0", "wrong"]
        assert lines[4] == "events: jobs: 301, not 300"

    def test_is_kept_as_the_issue_names_it(self):
        kept = json.loads(json.dumps(count.as_json({"lease_lost": Count(50, 50)}, {"cores": 2})))
        assert {name: kept["faults"]["lease_lost"][name] for name in count.COLUMNS} == {
            "tried": 50, "lost": 0, "doubled": 0, "left_running": 0, "orphaned": 0, "broken": 0
        }  # fmt: skip


class MissedTests:
    @pytest.mark.parametrize(("tried", "hits", "short"), [(100, 80, 0), (100, 79, 1), (3, 3, 0), (3, 2, 1)])
    def test_is_what_lacks_of_four_fifths(self, tried, hits, short):
        _, found, wanted = count.missed(tried, hits)
        assert (found, wanted) == (short, 0)


class MinutesTests:
    def test_of_all_faults_are_no_more_than_there_are(self):
        assert sum(fault.minutes for fault in faults.FAULTS.values()) <= faults.ALL_MINUTES

    def test_are_those_that_later_faults_do_not_need(self):
        later = faults.FAULTS["events"].minutes
        assert faults.seconds_for(["events"], gone=60) == 60 * (faults.ALL_MINUTES - later - 1)


class EventsTests:
    def test_are_three_times_each_but_for_those_that_are_lost(self):
        keys = [f"uploads/10000000-0000-4000-8000-{number:012}/source" for number in range(100)]
        told, _ = events.messages(keys, Random(1))
        ours = [sum(body == events.notification("ingest", key) for body in told) for key in keys]
        assert sorted(set(ours)) == [0, 3] and ours.count(0) == 5

    def test_that_nobody_can_read_are_all_different(self):
        told, malformed = events.messages(["a"] * 300, Random(1))
        assert len(set(malformed)) == len(malformed) == 18 and set(malformed) < set(told)

    @pytest.mark.parametrize("kind", events.JUNK)
    def test_of_every_kind_cannot_be_read(self, kind):
        with pytest.raises(Malformed):
            parse(kind)

    def test_that_cannot_be_read_are_of_every_kind(self):
        assert {body.rstrip() for body in events.junk(2 * len(events.JUNK))} == set(events.JUNK)


class PickedTests:
    def test_are_all_steps_where_there_is_time(self):
        assert publishing.picked(5, 9) == [1, 2, 3, 4, 5]

    def test_begin_with_the_first_and_end_with_the_last(self):
        assert publishing.picked(50, 3) == [1, 25, 50]

    def test_may_be_one(self):
        assert publishing.picked(50, 1) == [1]
