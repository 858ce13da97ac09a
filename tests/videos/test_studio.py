"""My videos: rows that change by themselves, and what is done to several at once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from tests import factories
from tests.clients import browser
from videos.models import Video


def change(user: Any, *videos: Video, **fields: str) -> Any:
    return browser(user).post("/videos/change/", {"video": [str(v.pk) for v in videos], **fields})


@pytest.fixture
def two(alice) -> list[Video]:
    return [factories.ready(alice, title=name, visibility="private") for name in ("one", "two")]


class RowTests:
    @pytest.mark.parametrize(
        ("fields", "polls"),
        [
            ({"status": "uploading"}, True),
            ({"status": "processing", "progress": 10}, True),
            ({"status": "failed", "failure": "It broke."}, False),
        ],
    )
    def test_asks_again_until_it_is_over(self, alice, fields, polls):
        video = factories.video(alice, **fields)
        answers = [browser(alice).get(path).content for path in ("/videos/", f"/videos/{video.pk}/row/")]
        assert [b"hx-trigger" in answer for answer in answers] == [polls, polls]

    def test_of_a_finished_video_is_still(self, alice):
        video = factories.ready(alice)
        assert b"hx-trigger" not in browser(alice).get(f"/videos/{video.pk}/row/").content

    def test_says_how_long_it_takes(self, alice):
        eta = timezone.now() + timedelta(seconds=350)
        video = factories.video(alice, status="processing", progress=40, eta_at=eta)
        assert b"about 6 minutes left" in browser(alice).get(f"/videos/{video.pk}/row/").content

    def test_says_that_and_why_it_was_taken_down(self, alice):
        video = factories.ready(alice, taken_down_at=factories.AT, taken_down_reason="Not yours.")
        text = browser(alice).get(f"/videos/{video.pk}/row/").content.decode()
        assert ("Taken down" in text, "Not yours." in text, "poster.jpg" in text) == (True, True, False)

    def test_is_what_trying_again_answers_on_that_page(self, alice):
        video = factories.failed(alice)
        answer = browser(alice).post(f"/v/{video.pk}/retry/", headers={"HX-Request": "true"})
        assert (answer.status_code, b"Processing 0 %" in answer.content) == (200, True)


class VisibilityOfSeveralTests:
    def test_changes_what_is_ticked_and_says_how_many(self, alice, two):
        other = factories.ready(alice, visibility="private")
        answer = change(alice, *two, do="visibility", visibility="public")
        public = Video.objects.filter(visibility="public")
        assert (answer["Location"], set(public), other in public) == ("/videos/", set(two), False)

    def test_leaves_alone_what_is_not_ones_own(self, charlie, two):
        change(charlie, *two, do="visibility", visibility="public")
        assert not Video.objects.filter(visibility="public").exists()

    def test_leaves_alone_what_is_deleted(self, alice, now):
        gone = factories.ready(alice, deleted_at=now, visibility="private")
        change(alice, gone, do="visibility", visibility="public")
        assert Video.objects.get().visibility == "private"

    def test_changes_nothing_until_somebody_has_chosen(self, alice, two):
        before = list(Video.objects.values())
        answer = change(alice, *two, do="visibility", visibility="")
        assert (answer["Location"], list(Video.objects.values())) == ("/videos/", before)

    @pytest.mark.parametrize("fields", [{"do": "visibility", "visibility": "x"}, {"do": "burn"}, {}])
    def test_refuses_what_no_page_sends(self, alice, two, fields):
        before = list(Video.objects.values())
        assert (change(alice, *two, **fields).status_code, list(Video.objects.values())) == (400, before)

    def test_does_not_know_what_is_no_video(self, alice):
        answer = browser(alice).post("/videos/change/", {"video": "x", "do": "ask"})
        assert answer.status_code == 404

    def test_says_so_when_nothing_is_ticked(self, alice):
        client = browser(alice)
        client.post("/videos/change/", {"do": "ask"})
        assert b"Nothing was ticked" in client.get("/videos/").content

    def test_goes_back_to_the_page_it_came_from(self, alice, two):
        answer = change(alice, *two, do="visibility", visibility="public", after="1-2&x=3")
        assert answer["Location"] == "/videos/?after=1-2%26x%3D3"


class DeletingSeveralTests:
    def test_asks_first_and_names_them(self, alice, two):
        text = change(alice, *two, do="ask").content.decode()
        assert (
            "Delete these 2 videos?" in text,
            [v.title in text for v in two],
            Video.objects.existing().count(),
        ) == (
            True,
            [True, True],
            2,
        )

    def test_names_nobody_elses(self, charlie, two):
        assert change(charlie, *two, do="ask")["Location"] == "/videos/"

    def test_hides_them_at_once(self, alice, two):
        change(alice, *two, do="delete")
        assert not Video.objects.existing().exists()

    def test_leaves_alone_what_is_not_ones_own(self, charlie, two):
        change(charlie, *two, do="delete")
        assert Video.objects.existing().count() == 2


class CostTests:
    """Queries, whatever the number of videos."""

    def test_of_a_row(self, alice, django_assert_num_queries):
        video, client = factories.video(alice), browser(alice)
        # 1. the session  2. the person  3. the video, with its owner
        with django_assert_num_queries(3):
            client.get(f"/videos/{video.pk}/row/")

    def test_of_a_change(self, alice, two, django_assert_num_queries):
        client, ids = browser(alice), [str(video.pk) for video in two]
        # 1. the session  2. the person  3. a savepoint  4. the videos, locked  5. the UPDATE  6. their timelines
        # 7. the savepoint's end  8. how many they are
        with django_assert_num_queries(8):
            client.post("/videos/change/", {"video": ids, "do": "visibility", "visibility": "public"})

    def test_of_asking(self, alice, two, django_assert_num_queries):
        client, ids = browser(alice), [str(video.pk) for video in two]
        # 1. the session  2. the person  3. the videos
        with django_assert_num_queries(3):
            client.post("/videos/change/", {"video": ids, "do": "ask"})

    def test_of_the_upload_page(self, alice, django_assert_num_queries):
        for _ in range(3):
            factories.upload(factories.video(alice), expires_at=timezone.now() + timedelta(days=1))
        client = browser(alice)
        # 1. the session  2. the person  3. the unfinished uploads
        with django_assert_num_queries(3):
            client.get("/upload/")


class UnfinishedUploadsTests:
    @pytest.fixture
    def shown(self, alice, charlie):
        soon, late = timezone.now() + timedelta(days=2), timezone.now() - timedelta(days=1)
        factories.upload(factories.video(alice), filename="walk.mov", expires_at=soon)
        factories.upload(factories.video(alice), filename="late.mov", expires_at=late)
        factories.upload(factories.video(charlie), filename="his.mov", expires_at=soon)
        done = {"state": "completed", "completed_at": factories.AT}
        factories.upload(factories.video(alice), filename="done.mov", expires_at=soon, **done)
        return browser(alice).get("/upload/").content.decode()

    def test_are_listed_for_their_owner_while_they_can_go_on(self, shown):
        names = ("walk.mov", "late.mov", "his.mov", "done.mov")
        assert [name in shown for name in names] == [True, False, False, False]


class TakenDownTests:
    @pytest.fixture
    def video(self, alice):
        fields = {"taken_down_at": factories.AT, "taken_down_reason": "Not yours.", "visibility": "public"}
        return factories.ready(alice, **fields)

    def test_says_why_to_its_owner_and_plays_nothing(self, alice, video):
        answer = browser(alice).get(f"/v/{video.pk}/")
        text = answer.content.decode()
        assert [
            "Not yours." in text,
            "stream-player" in text,
            "ld+json" in text,
            "CloudFront-Policy" in answer.cookies,
        ] == [
            True,
            False,
            False,
            False,
        ]

    @pytest.mark.parametrize(
        "path", ["/v/{}/", "/v/{}/poster.jpg", "/embed/{}/", "/embed/{}/multivariant.m3u8"]
    )
    def test_is_not_there_for_others(self, charlie, video, path):
        at = path.format(video.pk)
        assert [browser(person).get(at).status_code for person in (None, charlie)] == [404, 404]

    def test_is_in_nobodys_media(self, alice, video):
        assert browser(alice).post(f"/v/{video.pk}/cookies/").status_code == 404
