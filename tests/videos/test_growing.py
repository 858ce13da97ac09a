"""Videos that are watched while they are made: their playlists, their pages, and what lists say of them."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests import factories
from tests.clients import browser
from transcode.sweep import sweep
from videos.models import GrowingPlaylist, Growth, Published, Video

WHOLE = Published("a1", 65_000, 1234, ())


@pytest.fixture
def video(alice) -> Video:
    return factories.growing(alice, visibility="public", title="A walk")


def text_of(answer: Any) -> str:
    body: bytes = answer.getvalue()
    return body.decode()


def page_of(path: str, person: Any = None) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", text_of(browser(person).get(path))))


class GrowTests:
    def test_shows_everybody_what_there_is(self, alice, now):
        video = factories.video(alice, status="processing", queue_position=2)
        assert video.publish_growing(
            Growth(video.epoch, "a3", 6_000, None, {"multivariant.m3u8": "#EXTM3U\n"}), now
        )
        found = Video.objects.get()
        assert (found.playable, found.version, found.watchable_ms, found.published_at, found.status) == (
            "growing",
            "a3",
            6_000,
            now,
            "processing",
        )

    def test_replaces_the_playlists_of_before(self, video, now):
        video.publish_growing(Growth(video.epoch, "a1", 24_000, 65_000, {"audio/media.m3u8": "x"}), now)
        assert list(video.growing.values_list("name", "text")) == [("audio/media.m3u8", "x")]

    @pytest.mark.parametrize("is_anew", [False, True])
    def test_knows_when_there_is_more_of_the_same_version(self, video, is_anew):
        less = Growth(video.epoch, "a1", video.watchable_ms - 1, 65_000, {})
        same = Growth(video.epoch, "a1", video.watchable_ms, 65_000, {})
        assert video.shows_more_than(less, is_anew=is_anew)
        assert not video.shows_more_than(same, is_anew=is_anew)

    def test_shows_no_less_of_a_version_that_is_made_once_more(self, video):
        less = Growth(video.epoch, "a2", video.watchable_ms - 1, 65_000, {})
        assert video.shows_more_than(less, is_anew=False)
        assert not video.shows_more_than(less, is_anew=True)

    def test_keeps_the_time_at_which_it_was_first_shown(self, video, now):
        later = now + timedelta(minutes=1)
        video.publish_growing(Growth(video.epoch, "a1", 24_000, 65_000, {}), later)
        assert Video.objects.get().published_at == factories.AT

    def test_is_over_when_the_video_is_whole(self, video, now):
        worker_s = Video.objects.get()
        worker_s.published_at = None
        worker_s.publish(WHOLE, now)
        found = Video.objects.get()
        assert (found.playable, found.status, found.watchable_ms) == ("final", "ready", None)
        assert (found.published_at, found.growing.count()) == (factories.AT, 2)

    def test_leaves_no_playlist_that_names_files_of_another_version(self, video, now):
        video.publish(Published("a2", 65_000, 1234, ()), now)
        assert not video.growing.exists()

    def test_takes_all_back_when_it_fails(self, video):
        assert video.fail("It broke.")
        found = Video.objects.get()
        assert (found.playable, found.version, found.published_at, found.growing.count()) == (
            "nothing",
            "",
            None,
            0,
        )


class PlaylistsTests:
    def test_lead_to_the_media_of_this_video(self, video):
        text = text_of(browser().get(f"/v/{video.pk}/growing/360p/media.m3u8"))
        at = f"{video.version_path}360p/"
        assert re.findall(f'URI="([^"]+)"|(?m:^({at}.*)$)', text) == [
            (f"{at}init.mp4", ""),
            ("", f"{at}00001.m4s"),
        ]

    def test_open_with_the_cookies_of_the_page(self, video, objects):
        objects(video)
        client = browser()
        client.get(f"/v/{video.pk}/")
        address = re.findall("(?m)^/.*$", text_of(client.get(f"/v/{video.pk}/growing/360p/media.m3u8")))[0]
        assert text_of(client.get(address)) == "0123456789"

    def test_are_relative_from_one_to_the_next(self, video):
        text = text_of(browser().get(f"/v/{video.pk}/growing/multivariant.m3u8"))
        assert "360p/media.m3u8" in text.splitlines()

    def test_say_what_they_are_and_are_never_kept(self, video):
        answer = browser().get(f"/v/{video.pk}/growing/multivariant.m3u8")
        assert (answer["Content-Type"], "no-store" in answer["Cache-Control"]) == (
            "application/vnd.apple.mpegurl",
            True,
        )

    @pytest.mark.parametrize("name", ["poster.jpg", "360p/init.mp4", "../multivariant.m3u8", "x/y/z.m3u8"])
    def test_are_all_there_is(self, video, name):
        assert browser().get(f"/v/{video.pk}/growing/{name}").status_code == 404

    @pytest.mark.parametrize(("visibility", "status"), [("public", 200), ("unlisted", 200), ("private", 404)])
    def test_are_for_who_may_watch(self, alice, charlie, visibility, status):
        video = factories.growing(alice, visibility=visibility)
        path = f"/v/{video.pk}/growing/360p/media.m3u8"
        assert [browser(person).get(path).status_code for person in (charlie, alice)] == [status, 200]

    def test_stay_for_those_who_began_with_them(self, video, now):
        video.publish(WHOLE, now)
        assert browser().get(f"/v/{video.pk}/growing/360p/media.m3u8").status_code == 200

    def test_go_when_nobody_is_likely_to_watch_any_more(self, video, alice, emulator, settings):
        video.publish(WHOLE, factories.AT)
        factories.growing(alice)
        later = factories.AT + timedelta(seconds=settings.REPLACED_SECONDS)
        left = []
        for now in (later, later + timedelta(minutes=1)):
            sweep(now, lambda: None)
            left.append(GrowingPlaylist.objects.count())
        assert left == [4, 2]

    def test_cost_two_queries(self, video):
        # The video with its owner, the playlist.
        with CaptureQueriesContext(
            connection,
        ) as seen:
            browser().get(f"/v/{video.pk}/growing/360p/media.m3u8")
        assert len(seen) == 2


class FrameTests:
    def test_signs_every_address(self, video, objects):
        objects(video)
        text = text_of(browser().get(f"/embed/{video.pk}/360p/media.m3u8"))
        found = [re.findall('URI="([^"]+)"', text)[0], re.findall("(?m)^/.*$", text)[0]]
        assert [text_of(browser().get(address)) for address in found] == ["init", "0123456789"]

    def test_has_no_pictures_yet(self, video):
        text = text_of(browser().get(f"/embed/{video.pk}/"))
        assert [word in text for word in ("poster=", "storyboard=", "multivariant.m3u8")] == [
            False,
            False,
            True,
        ]
        assert browser().get(f"/embed/{video.pk}/storyboard.vtt").status_code == 404


class WatchPageTests:
    def test_plays_what_there_is(self, video):
        text = text_of(browser().get(f"/v/{video.pk}/"))
        assert f'src="/v/{video.pk}/growing/multivariant.m3u8"' in text
        assert "poster=" not in text.partition("<stream-player")[2].partition("</stream-player>")[0]

    @pytest.mark.parametrize(
        ("fields", "words"),
        [
            ({}, "Watchable so far: 0:18 of 1:05; the rest is being made."),
            ({"duration_ms": None}, "Watchable so far: 0:18; the rest is being made."),
            ({"watchable_ms": 65_000}, "All of it can be watched; more sizes of the picture are being made."),
        ],
    )
    def test_says_how_much_can_be_watched(self, alice, fields, words):
        video = factories.growing(alice, visibility="public", **fields)
        assert words in page_of(f"/v/{video.pk}/")

    def test_says_how_long_the_rest_takes(self, alice):
        video = factories.growing(
            alice, visibility="public", eta_at=timezone.now() + timedelta(minutes=6, seconds=5)
        )
        assert "about 6 minutes left" in page_of(f"/v/{video.pk}/growth/")

    def test_says_nothing_of_it_when_it_is_whole(self, video, now):
        video.publish(WHOLE, now)
        assert 'id="growth"' not in text_of(browser().get(f"/v/{video.pk}/"))

    def test_takes_the_place_of_the_waiting_page(self, video, alice):
        answer = browser(alice).get(f"/v/{video.pk}/status/")
        assert answer["HX-Refresh"] == "true"


class GrowthTests:
    def test_hands_the_player_what_it_goes_on_with(self, video, now):
        video.publish(Published("a1", 65_000, 1, ()), now)
        text = text_of(browser().get(f"/v/{video.pk}/growth/"))
        at = video.version_path
        wanted = {"state": "final", "src": f"{at}multivariant.m3u8", "place": at, "poster": f"{at}poster.jpg"}
        assert [f'data-{name}="{value}"' in text for name, value in wanted.items()] == [True] * 4

    def test_tells_the_owner_why_it_failed(self, video, alice):
        video.fail("It broke.")
        assert "The rest of this video could not be made. It broke." in page_of(
            f"/v/{video.pk}/growth/", alice
        )

    def test_is_gone_for_others_when_it_failed(self, video):
        video.fail("It broke.")
        assert browser().get(f"/v/{video.pk}/growth/").status_code == 404

    def test_says_that_it_is_made_anew(self, video, alice):
        video.shrink()
        assert 'data-state="anew"' in text_of(browser(alice).get(f"/v/{video.pk}/growth/"))


class ListsTests:
    @pytest.mark.parametrize("path", ["/", "/c/alice/"])
    def test_say_how_much_can_be_watched(self, video, path):
        assert "Watchable so far: 0:18 of 1:05" in page_of(path)

    def test_say_it_to_the_owner_too(self, video, alice):
        text = page_of("/videos/", alice)
        assert "Processing 30 %" in text
        assert "Watchable so far: 0:18 of 1:05; the rest is being made." in text

    def test_say_it_on_the_desk(self, video, db):
        sam = factories.user("sam", is_staff=True, is_superuser=True)
        pages = ("/admin/videos/video/", f"/admin/videos/video/{video.pk}/change/")
        assert ["0:18" in page_of(path, sam) for path in pages] == [True, True]

    def test_say_it_to_programs(self, video):
        found = browser().get("/api/v1/videos/").json()["results"][0]
        assert (found["status"], found["playable"], found["watchable_ms"], found["duration_seconds"]) == (
            "processing",
            "growing",
            18_000,
            65,
        )


class LinkCardTests:
    def test_names_no_picture_that_is_not_there_yet(self, video):
        text = text_of(browser().get(f"/v/{video.pk}/"))
        told = [word in text for word in ("og:title", "og:image", "thumbnailUrl", '"duration": "PT1M5S"')]
        assert told == [True, False, False, True]
        assert browser().get(f"/v/{video.pk}/poster.jpg").status_code == 404

    def test_names_no_length_that_is_not_known(self, alice):
        video = factories.growing(alice, visibility="public", duration_ms=None)
        assert '"duration"' not in text_of(browser().get(f"/v/{video.pk}/"))
