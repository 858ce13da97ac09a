"""Home and studio: order, pages, and what they cost."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.http import Http404
from hypothesis import HealthCheck, given
from hypothesis import settings as effort
from hypothesis import strategies as st

from tests import factories
from tests.clients import browser
from videos.models import Video
from videos.paging import PAGE_SIZE, page

AT = factories.AT


def walk(field: str, size: int) -> list[Video]:
    """Every video on every page, as a reader meets them who follows the link at each end."""
    seen, after = [], ""
    while True:
        rows, after = page(Video.objects.all(), field, after, size)
        seen += rows
        if not after:
            return seen


def shown(client: Any, path: str) -> tuple[list[str], str]:
    """The titles on a page, and where its link to older ones goes."""
    text = client.get(path).content.decode()
    link = re.search(r'href="([^"]*\?after=[^"]*)"', text)
    return re.findall(r'<a href="/v/[^"]*">([^<]*)</a></h2>', text), link[1] if link else ""


class PageTests:
    @effort(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(offsets=st.lists(st.integers(0, 3), max_size=12), size=st.integers(1, 5))
    def test_shows_every_video_once_newest_first_also_where_times_are_equal(self, alice, offsets, size):
        Video.objects.all().delete()
        for offset in offsets:
            factories.ready(alice, published_at=AT + timedelta(microseconds=offset))
        expected = Video.objects.order_by("-published_at", "-pk")
        assert walk("published_at", size) == list(expected)

    def test_is_not_shifted_by_videos_that_come_meanwhile(self, alice):
        for minute in range(4):
            factories.ready(alice, title=str(minute), published_at=AT + timedelta(minutes=minute))
        _first, after = page(Video.objects.all(), "published_at", "", 2)
        factories.ready(alice, title="new", published_at=AT + timedelta(minutes=9))
        second, _end = page(Video.objects.all(), "published_at", after, 2)
        assert [video.title for video in second] == ["1", "0"]

    @pytest.mark.parametrize(
        "mark",
        [
            "x",
            "-",
            "1",
            "1-",
            "1-x",
            f"x-{'0' * 32}",
            f"{10**30}-{'0' * 32}",
            f"-5-{'0' * 32}",
            f"{'9' * 5000}-{'0' * 32}",
            "\0",
        ],
    )
    def test_does_not_exist_for_a_mark_nobody_gave(self, db, mark):
        with pytest.raises(Http404):
            page(Video.objects.all(), "published_at", mark)


class HomeTests:
    def test_shows_the_newest_first_and_links_to_older_ones(self, alice):
        for number in range(PAGE_SIZE + 2):
            factories.ready(
                alice, visibility="public", title=f"{number:02}", published_at=AT + timedelta(minutes=number)
            )
        titles, link = shown(browser(), "/")
        assert (titles, shown(browser(), link)) == ([f"{n:02}" for n in range(25, 1, -1)], (["01", "00"], ""))

    def test_has_no_link_where_one_page_holds_all(self, alice):
        for _ in range(PAGE_SIZE):
            factories.ready(alice, visibility="public")
        assert shown(browser(), "/")[1] == ""

    @pytest.mark.parametrize("path", ["/?after=x", "/?after=1-2"])
    def test_knows_no_page_behind_a_mark_nobody_gave(self, db, path):
        assert browser().get(path).status_code == 404

    def test_hands_out_a_poster_address_that_stays_the_same_for_a_while(self, alice):
        video = factories.ready(alice, visibility="public")
        found = [re.findall(r'<img src="([^"]*)"', browser().get("/").content.decode()) for _ in range(2)]
        assert (found[0] == found[1], found[0][0].partition("?")[0]) == (
            True,
            f"http://testserver{video.version_path}poster.jpg",
        )


class StudioTests:
    def test_shows_ones_own_videos_in_every_state_newest_first(self, alice):
        factories.ready(alice, title="first")
        factories.failed(alice, title="second")
        factories.video(alice, title="third", status="processing", queue_position=2)
        factories.video(alice, title="fourth")
        assert shown(browser(alice), "/videos/") == (["fourth", "third", "second", "first"], "")

    @pytest.mark.parametrize(
        ("fields", "words"),
        [
            ({"status": "processing", "queue_position": 2}, "Queued #2"),
            ({"status": "processing", "progress": 40}, "Processing 40 %"),
            ({"status": "failed", "failure": "It is not a video."}, "It is not a video."),
            ({"status": "uploading"}, "Uploading"),
        ],
    )
    def test_says_how_each_is_doing(self, alice, fields, words):
        factories.video(alice, **fields)
        assert words in browser(alice).get("/videos/").content.decode()

    def test_turns_pages(self, alice):
        for _ in range(PAGE_SIZE + 1):
            factories.video(alice)
        link = shown(browser(alice), "/videos/")[1]
        assert len(shown(browser(alice), link)[0]) == 1

    def test_knows_no_page_behind_a_mark_nobody_gave(self, alice):
        assert browser(alice).get("/videos/?after=x").status_code == 404


class CostTests:
    """Queries, whatever the number of videos."""

    @pytest.fixture
    def video(self, alice, charlie) -> Video:
        for owner in (alice, charlie):
            for _ in range(3):
                factories.ready(owner, visibility="public")
        return factories.ready(alice, visibility="public")

    def test_of_home_for_nobody(self, video, django_assert_num_queries):
        client = browser()
        # 1. the videos  2. their owners
        with django_assert_num_queries(2):
            client.get("/")

    def test_of_home_for_a_person(self, video, alice, django_assert_num_queries):
        client = browser(alice)
        # 1. the session  2. the person  3. the videos  4. their owners
        with django_assert_num_queries(4):
            client.get("/")

    def test_of_the_studio(self, video, alice, django_assert_num_queries):
        client = browser(alice)
        # 1. the session  2. the person  3. the videos  4. their owner
        with django_assert_num_queries(4):
            client.get("/videos/")

    def test_of_watch_for_nobody(self, video, django_assert_num_queries):
        client = browser()
        # 1. the video, with its owner
        with django_assert_num_queries(1):
            client.get(f"/v/{video.pk}/")

    def test_of_watch_for_its_owner(self, video, alice, django_assert_num_queries):
        client = browser(alice)
        # 1. the session  2. the person  3. the video, with its owner
        with django_assert_num_queries(3):
            client.get(f"/v/{video.pk}/")

    def test_of_the_status_that_a_page_asks_for_every_two_seconds(
        self, video, alice, django_assert_num_queries
    ):
        client = browser(alice)
        # 1. the session  2. the person  3. the video, with its owner
        with django_assert_num_queries(3):
            client.get(f"/v/{video.pk}/status/")

    def test_of_the_api(self, video, alice, django_assert_num_queries):
        client = browser(alice)
        client.get("/api/v1/me/")  # the first of a minute begins the window of the limit
        # 1. the session  2. the person  3. the limit's one UPDATE  4. the video, with its owner  5. its renditions
        with django_assert_num_queries(5):
            client.get(f"/api/v1/videos/{video.pk}/")
