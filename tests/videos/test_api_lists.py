"""Lists of the API: what is in them, their pages, and what they refuse to be asked."""

from __future__ import annotations

import pytest
from django.db import connection

from tests import factories
from tests.clients import browser

NEWEST = "2026-11-22T12:00:00Z"


@pytest.fixture
def public(alice):
    return factories.ready(alice, visibility="public", title="public", description="one")


def titles(answer) -> list[str]:
    return [video["title"] for video in answer.json()["results"]]


class VideosTests:
    def test_are_the_public_ones_for_anybody(self, alice, public):
        factories.ready(alice, title="private")
        factories.failed(alice, title="failed", visibility="public")
        assert titles(browser().get("/api/v1/videos/")) == ["public"]

    def test_have_this_shape(self, public):
        found = browser().get("/api/v1/videos/").json()["results"][0]
        assert {
            name: found[name] for name in ("title", "channel", "published_at", "url", "duration_seconds")
        } == {
            "title": "public",
            "channel": "alice",
            "published_at": NEWEST,
            "url": f"/v/{public.pk}/",
            "duration_seconds": 65.0,
        }

    def test_are_ones_own_in_every_state(self, alice, charlie, public):
        factories.failed(alice, title="failed")
        factories.video(charlie, title="another's")
        assert titles(browser(alice).get("/api/v1/videos/?owner=me")) == ["failed", "public"]

    def test_have_no_owner_for_nobody(self, public):
        answer = browser().get("/api/v1/videos/?owner=me")
        assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")

    def test_are_a_channels(self, alice, charlie, public):
        factories.ready(charlie, visibility="public", title="another's")
        factories.ready(alice, title="private")
        assert titles(browser(alice).get("/api/v1/videos/?channel=alice")) == ["public"]

    def test_do_not_tell_a_person_who_shows_nothing_from_nobody(self, alice, charlie):
        factories.ready(alice, title="private")
        answers = [
            browser(charlie).get(f"/api/v1/videos/?channel={name}").json() for name in ("alice", "nobody")
        ]
        assert answers == [{"next": None, "results": []}] * 2

    @pytest.mark.parametrize("query", ["", "channel=alice&", "owner=me&"])
    def test_turn_pages(self, alice, query):
        factories.many(alice, 5)
        client, address, seen = browser(alice), f"/api/v1/videos/?{query}page_size=2", []
        while address:
            answer = client.get(address)
            seen.append(titles(answer))
            address = answer.json()["next"]
        assert ([len(page) for page in seen], len({title for page in seen for title in page})) == (
            [2, 2, 1],
            5,
        )


class QueryTests:
    @pytest.mark.parametrize("path", ["videos", "search"])
    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("page_size", 10**6),
            ("page_size", 0),
            ("page_size", "x"),
            ("page", 10**9),
            ("ordering", "password"),
            ("filter[__regex]", ".*"),
            ("owner__password", "x"),
            ("cursor", "x"),
            ("cursor", "0.1-x"),
            ("cursor", "1-" + "0" * 33),
            ("cursor", "9" * 10_000),
            ("owner", "alice"),
            ("q", "x" * 10_000),
            ("q", "\0"),
            ("channel", "x" * 200),
        ],
    )
    def test_refuses_what_makes_no_sense(self, db, path, name, value):
        answer = browser().get(
            f"/api/v1/{path}/", {"q": "saw", name: value} if path == "search" else {name: value}
        )
        assert (answer.status_code, answer["Content-Type"], list(answer.json()["errors"])) == (
            400,
            "application/problem+json",
            [name],
        )

    @pytest.mark.parametrize(
        "path", ["videos/?page_size=2&page_size=3", "videos/?owner=me&channel=a", "search/"]
    )
    def test_refuses_what_contradicts_itself_or_lacks_words(self, alice, path):
        assert browser(alice).get(f"/api/v1/{path}").status_code == 400


@pytest.mark.parametrize("count", [10, 1000])
class CostTests:
    """Queries, whatever the number of videos."""

    @pytest.fixture
    def person(self, alice, count):
        factories.many(alice, count)
        return browser(alice)

    @pytest.mark.parametrize("path", ["/", "/c/alice/", "/videos/"])
    def test_of_a_page(self, person, path, django_assert_num_queries):
        # 1. the session  2. the person  3. the videos  4. their owners
        with django_assert_num_queries(4):
            person.get(path)

    @pytest.mark.parametrize("query", ["", "?owner=me", "?channel=alice", "?page_size=50"])
    def test_of_an_api_list(self, person, query, django_assert_num_queries):
        person.get("/api/v1/me/")  # the first of a minute begins the window of the limit
        # 1. the session  2. the person  3. the limit's one UPDATE  4. the videos  5. their owners
        with django_assert_num_queries(5):
            person.get(f"/api/v1/videos/{query}")

    @pytest.mark.parametrize("path", ["/search/?q=zebra", "/api/v1/search/?q=zebra"])
    def test_of_a_search(self, person, path, django_assert_num_queries):
        person.get(path)
        # 1. the session  2. the person  3. the limit's one UPDATE  4. what titles say  5. the rest, where a page
        # has room for it; both twice on MySQL, where the newest did not fill the page
        with django_assert_num_queries(7 if connection.vendor == "mysql" else 5):
            person.get(path)

    def test_of_watch(self, person, alice, django_assert_max_num_queries):
        video = alice.videos.first()
        with django_assert_max_num_queries(7):
            person.get(f"/v/{video.pk}/")
