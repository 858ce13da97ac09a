"""One video through the API: read, change, delete, another try; and who one is."""

from __future__ import annotations

import json

import pytest

from tests import factories
from tests.clients import browser, send
from videos.models import Video


@pytest.fixture
def video(alice) -> Video:
    return factories.ready(alice, title="before", description="old")


def patch(client, video: Video, data: object):
    return client.patch(f"/api/v1/videos/{video.pk}/", json.dumps(data), "application/json")


class ChangeTests:
    def test_writes_what_is_given_and_nothing_else(self, alice, video):
        answer = patch(browser(alice), video, {"title": " after\u202e ", "visibility": "public"})
        video.refresh_from_db()
        assert (
            answer.status_code,
            answer.json()["title"],
            video.title,
            video.description,
            video.visibility,
        ) == (
            200,
            "after",
            "after",
            "old",
            "public",
        )

    def test_is_told_in_the_timeline(self, alice, video):
        patch(browser(alice), video, {"title": "after"})
        event = video.events.get()
        assert (event.kind, event.actor) == ("edited", alice)

    def test_writes_nothing_where_nothing_is_new(self, alice, video):
        answer = patch(browser(alice), video, {"title": "before"})
        assert (answer.status_code, video.events.count()) == (200, 0)

    @pytest.mark.parametrize(
        ("data", "name"),
        [
            ({"title": ""}, "title"),
            ({"title": "\u200b"}, "title"),
            ({"title": "x" * 201}, "title"),
            ({"title": None}, "title"),
            ({"description": "x" * 5001}, "description"),
            ({"visibility": "everyone"}, "visibility"),
            ({"status": "ready"}, "status"),
            ({"owner": 1}, "owner"),
            ([], "non_field_errors"),
        ],
    )
    def test_refuses_what_cannot_be(self, alice, video, data, name):
        answer = patch(browser(alice), video, data)
        assert (answer.status_code, list(answer.json()["errors"]), bool(answer.json()["detail"])) == (
            400,
            [name],
            True,
        )

    def test_is_for_its_owner_alone(self, charlie, video):
        answers = [
            patch(client, video, {"title": "mine"}).status_code for client in (browser(), browser(charlie))
        ]
        video.refresh_from_db()
        assert (answers, video.title) == ([401, 404], "before")


class DeleteTests:
    def test_hides_the_video_at_once(self, alice, video):
        client = browser(alice)
        found = [client.delete(f"/api/v1/videos/{video.pk}/").status_code for _ in range(2)]
        assert (found, Video.objects.existing().count()) == ([204, 404], 0)

    def test_is_for_its_owner_alone(self, charlie, video):
        path = f"/api/v1/videos/{video.pk}/"
        found = [client.delete(path).status_code for client in (browser(), browser(charlie))]
        assert (found, Video.objects.existing().count()) == ([401, 404], 1)


class RetryTests:
    def test_asks_for_another_try(self, alice):
        failed = factories.failed(alice)
        answer = send(browser(alice), f"/api/v1/videos/{failed.pk}/retry/", {})
        assert (answer.status_code, answer.json()["status"]) == (202, "processing")

    def test_does_nothing_where_nothing_failed(self, alice, video):
        answer = send(browser(alice), f"/api/v1/videos/{video.pk}/retry/", {})
        assert (answer.status_code, answer.json()["status"]) == (202, "ready")


class MeTests:
    def test_says_who_one_is(self, alice):
        assert browser(alice).get("/api/v1/me/").json() == {
            "id": alice.pk,
            "username": "alice",
            "email": "alice@example.org",
            "is_staff": False,
        }

    def test_is_nobody_without_a_session(self, db):
        assert browser().get("/api/v1/me/").status_code == 401
