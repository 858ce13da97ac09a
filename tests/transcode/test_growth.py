"""What viewers are told of a video that is still made."""

from __future__ import annotations

from dataclasses import replace

import m3u8
import pytest

from tests.transcode.test_plan import media
from transcode.core import growth, ledger
from transcode.core.check import File, Output
from transcode.core.mp4 import Fragment, Init
from transcode.core.plan import plan_encode
from transcode.core.playlist import MediaPlaylist

PLAN = plan_encode(media(640, 360, is_indexed=True))
INIT = Init("avc1.64001e", 25, 0, 800)
SOUND = replace(INIT, codec="mp4a.40.2", channels=2)
# As ffmpeg leaves it: one segment, without a sample.
ONLY_ANNOUNCED = Output(
    "audio",
    MediaPlaylist("c0a1-init.mp4", (("c0a1-0.m4s", 0.0),), True),
    SOUND,
    {"c0a1-0.m4s": File(24, why="no samples")},
)


def output(
    name: str, seconds: list[int], *, first: int = 0, ended: bool = False, prefix: str = "c0a1-"
) -> Output:
    """A track with segments of these lengths, the first of them at second `first`."""
    begun = [first + sum(seconds[:n]) for n in range(len(seconds))]
    files = {
        f"{prefix}{n}.m4s": File(1000, (Fragment(0, 1000, at * 25, length * 25, length * 25, 100),))
        for n, (at, length) in enumerate(zip(begun, seconds, strict=True))
    }
    listed = MediaPlaylist(f"{prefix}init.mp4", tuple((file, 0.0) for file in files), ended)
    return Output(name, listed, SOUND if name == "audio" else INIT, files)


def lead(sound: list[int], *, ended: bool = False) -> dict[str, Output]:
    rungs = {name: output(name, [2, 2, 2], ended=ended) for name in ("360p", "240p")}
    return {**rungs, "audio": output("audio", sound, ended=ended)}


def chunk(seconds: list[int], first: int, number: int) -> dict[str, ledger.Entry]:
    prefix = f"c{number}a1-"
    made = {name: output(name, seconds, first=first, ended=True, prefix=prefix) for name in ("360p", "240p")}
    # All that follows has the first one's header.
    return {name: ledger.dump(replace(found, init=INIT)) for name, found in made.items()}


class WatchableTests:
    def test_takes_three_segments_of_every_track(self):
        assert not growth.is_watchable(lead([6, 6]), ended=False)
        assert growth.is_watchable(lead([6, 6, 6]), ended=False)

    def test_takes_what_there_is_of_a_video_that_is_over(self):
        assert growth.is_watchable(lead([6], ended=True), ended=True)

    def test_does_not_take_a_sound_that_was_only_announced(self):
        announced = replace(ONLY_ANNOUNCED, init=None)
        found = growth.tracks(PLAN, {**lead([6, 6, 6]), "audio": announced}, [])
        assert growth.is_watchable(found, ended=False)

    def test_takes_a_sound_that_is_not_there_yet(self):
        late = replace(ONLY_ANNOUNCED, playlist=MediaPlaylist("", (), False), files={})
        found = growth.tracks(PLAN, {**lead([6, 6, 6]), "audio": late}, [])
        assert not growth.is_watchable(found, ended=False)

    def test_takes_an_init_segment(self):
        found = lead([6, 6, 6])
        found["audio"] = replace(found["audio"], init=None)
        assert not growth.is_watchable(found, ended=False)


class BeginningTests:
    def test_is_three_segments_of_every_track(self):
        found = growth.beginning(
            {"360p": output("360p", [2] * 100, ended=True), "audio": output("audio", [6] * 4)}
        )
        assert [len(one.segments) for one in found.values()] == [3, 3]
        assert growth.is_watchable(found, ended=False)

    def test_has_not_ended_where_there_is_more(self):
        assert not growth.beginning(lead([6] * 4, ended=True))["audio"].playlist.ended

    def test_is_all_of_what_is_short(self):
        assert growth.beginning(lead([6], ended=True)) == lead([6], ended=True)


class PlaylistTests:
    def test_grows_as_far_as_spans_follow_one_another(self):
        found = growth.tracks(PLAN, lead([6, 6, 6]), [chunk([6, 6], 6, 1)])
        assert growth.seconds(found, PLAN) == 18
        assert [name for name, _ in found["240p"].playlist.segments][2:4] == ["c0a1-2.m4s", "c1a1-0.m4s"]

    @pytest.mark.parametrize("keeps_top", [True, False], ids=["kept", "encoded"])
    def test_names_no_sound_that_was_only_announced(self, keeps_top):
        plan = replace(PLAN, keeps_top=keeps_top)
        found = growth.tracks(plan, {**lead([6, 6, 6]), "audio": ONLY_ANNOUNCED}, [])
        texts = growth.playlists(plan, found, ended=False)
        assert "audio/media.m3u8" not in texts
        assert not m3u8.loads(texts["multivariant.m3u8"]).media

    def test_is_an_event_that_begins_at_its_start(self):
        text = growth.playlists(PLAN, lead([6, 6, 6]), ended=False)["360p/media.m3u8"]
        read = m3u8.loads(text)
        assert (read.playlist_type, read.is_endlist, read.target_duration) == ("event", False, 6)
        assert read.start.time_offset == 0

    def test_keeps_the_target_duration_it_began_with(self):
        targets = {
            m3u8.loads(growth.playlists(PLAN, found, ended=False)["360p/media.m3u8"]).target_duration
            for found in (lead([6, 6, 6]), growth.tracks(PLAN, lead([6, 6, 6]), [chunk([6, 6], 6, 1)]))
        }
        assert targets == {6}

    def test_ends_with_the_last_segment(self):
        texts = growth.playlists(PLAN, lead([6, 6, 6], ended=True), ended=True)
        assert all(text.endswith("#EXT-X-ENDLIST\n") for name, text in texts.items() if "/" in name)

    def test_says_no_less_than_what_a_rung_may_need(self):
        read = m3u8.loads(growth.playlists(PLAN, lead([6, 6, 6]), ended=False)["multivariant.m3u8"])
        most = {r.name: r.max_kbps * 1000 for r in PLAN.renditions}
        assert all(one.stream_info.bandwidth >= most[one.uri.partition("/")[0]] for one in read.playlists)
        assert not read.iframe_playlists

    def test_of_a_kept_picture_has_that_one_alone(self):
        plan = replace(PLAN, keeps_top=True)
        found = {"360p": output("360p", [8, 12, 6]), "audio": output("audio", [6, 6, 6])}
        texts = growth.playlists(plan, growth.tracks(plan, found, []), ended=False)
        assert set(texts) == {"multivariant.m3u8", "360p/media.m3u8", "audio/media.m3u8"}
        assert m3u8.loads(texts["360p/media.m3u8"]).target_duration == 18
