"""The picture that stands for a video: ours, until its owner chooses another."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from tests import factories
from tests.clients import browser
from videos.models import Published, PublishedRendition, Video

VERSION = Published("a2", 5000, 1234, (PublishedRendition("360p", 640, 360, 500),), (2000, 4000))


@pytest.fixture
def video(alice) -> Video:
    return factories.ready(alice, title="before", posters_ms=[2000, 9000, 14_000])


def edit(client, video: Video, **fields: object):
    given = {"title": video.title, "visibility": video.visibility, **fields}
    return client.post(f"/v/{video.pk}/edit/", given)


class PosterNameTests:
    @pytest.mark.parametrize(
        ("chosen", "name"), [(None, "poster.jpg"), (2000, "poster-1.jpg"), (14_000, "poster-3.jpg")]
    )
    def test_is_that_of_the_choice(self, video, chosen, name):
        video.poster_ms = chosen
        assert video.poster_name == name

    def test_is_ours_where_the_version_lacks_the_choice(self, video):
        video.poster_ms = 9001
        assert video.poster_name == "poster.jpg"

    def test_is_ours_of_versions_from_before_there_was_a_choice(self, alice):
        assert factories.ready(alice).poster_name == "poster.jpg"


class NewVersionTests:
    @pytest.mark.parametrize(
        ("posters", "name"), [((2000, 9000), "poster-2.jpg"), ((9000,), "poster-1.jpg"), ((1,), "poster.jpg")]
    )
    def test_keeps_the_choice_where_it_has_that_picture(self, video, now, posters, name):
        video.edit({"poster_ms": 9000}, now, video.owner)
        assert video.publish(replace(VERSION, posters_ms=posters), now)
        video.refresh_from_db()
        assert (video.poster_ms, video.poster_name) == (9000, name)


class EditPageTests:
    def test_shows_ours_and_every_other(self, alice, video):
        text = browser(alice).get(f"/v/{video.pk}/edit/").content.decode()
        assert re.findall(r"/a1/(poster[\w-]*\.jpg)\?", text) == [
            "poster.jpg",
            *(f"poster-{number}.jpg" for number in (1, 2, 3)),
        ]
        assert re.findall(r"<span>(We choose|\d, at [\d:]+)</span>", text) == [
            "We choose",
            *("1, at 0:02", "2, at 0:09", "3, at 0:14"),
        ]

    @pytest.mark.parametrize(
        "fields", [{"posters_ms": []}, {"taken_down_at": factories.AT, "taken_down_reason": "x"}]
    )
    def test_offers_nothing_where_there_is_no_choice(self, alice, video, fields):
        Video.objects.update(**fields)
        assert "poster_ms" not in browser(alice).get(f"/v/{video.pk}/edit/").content.decode()

    @pytest.mark.parametrize(("value", "chosen"), [("9000", 9000), ("", None)])
    def test_writes_the_choice(self, alice, video, value, chosen):
        Video.objects.update(poster_ms=2000)
        assert edit(browser(alice), video, poster_ms=value).status_code == 302
        video.refresh_from_db()
        assert video.poster_ms == chosen

    def test_leaves_a_choice_that_is_gone_as_it_is(self, alice, video):
        Video.objects.update(poster_ms=7777)
        edit(browser(alice), video, title="after", poster_ms="")
        video.refresh_from_db()
        assert (video.title, video.poster_ms) == ("after", 7777)

    def test_refuses_what_was_not_offered(self, alice, video):
        answer = edit(browser(alice), video, poster_ms="1")
        assert (answer.status_code, b'id="poster-error"' in answer.content) == (200, True)

    def test_tells_the_timeline(self, alice, video):
        edit(browser(alice), video, poster_ms="9000")
        assert video.events.get().detail == "poster"


class ApiTests:
    def patch(self, client, video: Video, value: object):
        data = json.dumps({"poster_ms": value})
        return client.patch(f"/api/v1/videos/{video.pk}/", data, "application/json")

    def test_shows_the_choices(self, alice, video):
        shown = browser(alice).get(f"/api/v1/videos/{video.pk}/").json()
        assert (shown["posters_ms"], shown["poster_ms"]) == ([2000, 9000, 14_000], None)

    @pytest.mark.parametrize("value", [9000, None])
    def test_writes_one_of_them(self, alice, video, value):
        Video.objects.update(poster_ms=2000)
        assert self.patch(browser(alice), video, value).json()["poster_ms"] == value

    @pytest.mark.parametrize("value", [1, -1, 2**63, "x", True])
    def test_refuses_any_other(self, alice, video, value):
        answer = self.patch(browser(alice), video, value)
        assert (answer.status_code, list(answer.json()["errors"])) == (400, ["poster_ms"])

    def test_is_its_owners(self, charlie, video):
        assert self.patch(browser(charlie), video, 2000).status_code == 404


class WatchPageTests:
    def test_shows_the_choice(self, alice, video):
        Video.objects.update(poster_ms=9000)
        text = browser(alice).get(f"/v/{video.pk}/").content.decode()
        assert f'poster="{video.version_path}poster-2.jpg"' in text
