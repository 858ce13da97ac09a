"""The edge on a laptop, asked as a player asks it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from tests import factories
from tests.clients import browser
from tests.conftest import FILES
from videos import access
from videos.models import Video, new_epoch

ORIGIN = "http://testserver"


def watching(video: Video, user: User | None = None) -> Client:
    """A browser that has opened the video's page."""
    client = browser(user)
    client.get(f"/v/{video.pk}/")
    return client


def expired(video: Video) -> Client:
    client = Client()
    then = timezone.now() - timedelta(seconds=1)
    client.cookies.load(access.site_signer().cookies(f"{ORIGIN}{video.epoch_path}*", then))
    return client


def statuses(client: Client, video: Video) -> set[int]:
    answers = [client.get(f"{video.version_path}{name}") for name in FILES]
    return {answer.status_code for answer in answers if answer.getvalue()}


class EdgeTests:
    def test_opens_every_object_to_who_has_opened_the_page(self, published: Video):
        client = watching(published)
        got = {name: client.get(f"{published.version_path}{name}").getvalue() for name in FILES}
        assert got == FILES

    def test_opens_nothing_without_cookies(self, published: Video):
        assert statuses(browser(), published) == {403}

    def test_opens_nothing_with_the_cookies_of_another_video(self, published: Video, alice: User):
        other = factories.ready(alice, visibility="public")
        assert statuses(watching(other), published) == {403}

    def test_opens_nothing_with_expired_cookies(self, published: Video):
        assert statuses(expired(published), published) == {403}

    def test_opens_nothing_of_a_new_epoch_with_the_old_ones_cookies(
        self, published: Video, objects: Callable[[Video], None]
    ):
        client = watching(published)
        Video.objects.filter(pk=published.pk).update(epoch=new_epoch())
        published.refresh_from_db()
        objects(published)
        assert statuses(client, published) == {403}

    def test_opens_a_poster_to_its_signed_address_alone(self, published: Video, now):
        client = browser()
        url = access.site_signer().url(
            f"{ORIGIN}{published.version_path}poster.jpg", timezone.now() + timedelta(1)
        )
        query = url.partition("?")[2]
        paths = [f"{published.version_path}{name}?{query}" for name in ("poster.jpg", "storyboard.vtt")]
        assert [client.get(path).status_code for path in paths] == [200, 403]

    def test_tells_nothing_about_why_it_refuses(self, published: Video):
        response = browser().get(f"{published.version_path}poster.jpg")
        assert (response.content, response["Cache-Control"]) == (b"Access denied", "no-store")

    def test_knows_no_object_that_is_not_there(self, published: Video):
        response = watching(published).get(f"{published.version_path}1080p/init.mp4")
        assert (response.status_code, response.content, response["Cache-Control"]) == (
            404,
            b"Not found",
            "no-store",
        )

    @pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "options"])
    def test_is_only_for_reading(self, published: Video, method):
        response = getattr(watching(published), method)(f"{published.version_path}poster.jpg")
        assert (response.status_code, response["Allow"]) == (405, "GET, HEAD")

    def test_does_not_exist_where_cloudfront_does_its_work(self, published: Video, settings):
        settings.EDGE = "cloudfront"
        assert statuses(watching(published), published) == {404}

    @pytest.mark.parametrize(
        "path",
        [
            "{mine}../{other}",
            "{mine}a1/../../{other}",
            "{mine}%2e%2e/{other}",
            "{mine}%2E%2E%2F{other}",
            "{mine}%252e%252e/{other}",
            "{mine}..%5c{other}",
            "{mine}..\\{other}",
            "{mine}/../{other}",
            "{mine}a1//poster.jpg",
            "/{mine}a1/poster.jpg",
            "{mine}a1/./poster.jpg",
            "{mine}a1/poster.jpg/.",
            "{mine}a1/poster.jpg/..",
            "{mine}a1/poster.jpg/",
            "{mine}a1/poster.jpg%00",
            "{mine}a1/poster.jpg%0a",
            "{mine}a1/poster.jpg;{other}",
        ],
    )
    def test_is_not_led_astray_by_paths(self, published: Video, alice: User, path):
        other = factories.ready(alice).epoch_path.removeprefix("/media/v/") + "a1/poster.jpg"
        response = watching(published).get(path.format(mine=published.epoch_path, other=other))
        assert response.status_code in (403, 404)


class ServingTests:
    @pytest.fixture
    def viewer(self, published: Video) -> Client:
        return watching(published)

    @pytest.mark.parametrize(
        ("name", "content_type"),
        [
            ("multivariant.m3u8", "application/vnd.apple.mpegurl"),
            ("storyboard.vtt", "text/vtt; charset=utf-8"),
            ("poster.jpg", "image/jpeg"),
            ("360p/init.mp4", "video/mp4"),
            ("360p/00001.m4s", "video/mp4"),
        ],
    )
    def test_sends_what_players_and_caches_need(self, viewer: Client, published: Video, name, content_type):
        response = viewer.get(f"{published.version_path}{name}")
        response.getvalue()
        names = ["Content-Type", "Cache-Control", "Content-Length", "Accept-Ranges", "X-Content-Type-Options"]
        assert [response[name] for name in names] == [
            content_type,
            "public, max-age=31536000, immutable",
            str(len(FILES[name])),
            "bytes",
            "nosniff",
        ]

    def test_lets_no_object_act_as_a_page(self, viewer: Client, published: Video):
        response = viewer.get(f"{published.version_path}storyboard.vtt")
        response.getvalue()
        assert response["Content-Security-Policy"] == "sandbox; default-src 'none'"

    def test_sets_no_cookie(self, published: Video):
        url = access.site_signer().url(
            f"{ORIGIN}{published.version_path}poster.jpg", timezone.now() + timedelta(1)
        )
        assert not browser().get(url.removeprefix(ORIGIN)).cookies

    def test_sends_the_same_headers_and_nothing_else_to_head(self, viewer: Client, published: Video):
        path = f"{published.version_path}360p/00001.m4s"
        got, head = viewer.get(path), viewer.head(path)
        assert (got.getvalue(), head.getvalue(), head.headers) == (b"0123456789", b"", got.headers)

    @pytest.mark.parametrize(
        ("asked", "body", "content_range"),
        [
            ("bytes=0-3", b"0123", "bytes 0-3/10"),
            ("bytes=4-", b"456789", "bytes 4-9/10"),
            ("bytes=-2", b"89", "bytes 8-9/10"),
            ("bytes=8-99", b"89", "bytes 8-9/10"),
        ],
    )
    def test_sends_the_range_it_is_asked_for(
        self, viewer: Client, published: Video, asked, body, content_range
    ):
        response = viewer.get(f"{published.version_path}360p/00001.m4s", headers={"Range": asked})
        assert (
            response.status_code,
            response.getvalue(),
            response["Content-Range"],
            response["Content-Length"],
        ) == (
            206,
            body,
            content_range,
            str(len(body)),
        )

    def test_says_how_long_the_object_is_where_a_range_lies_outside(self, viewer: Client, published: Video):
        response = viewer.get(f"{published.version_path}360p/00001.m4s", headers={"Range": "bytes=10-"})
        assert (response.status_code, response.getvalue(), response["Content-Range"]) == (
            416,
            b"",
            "bytes */10",
        )

    def test_says_so_while_the_storage_is_away(self, viewer: Client, published: Video, settings):
        settings.MEDIA_BUCKET = "nowhere"
        response = viewer.get(f"{published.version_path}poster.jpg")
        assert (response.status_code, response["Cache-Control"]) == (502, "no-store")
