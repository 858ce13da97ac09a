"""POST /api/v1/uploads/: leave to send one file."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings as site
from django.utils import timezone

from accounts.models import User
from tests import factories
from tests.clients import browser, send
from tests.videos.ingest import multiparts
from videos import keys, storage, uploads
from videos.models import Upload, Video
from videos.uploads import MIB

GB = 1024**3


@pytest.fixture
def client(alice, emulator):
    return browser(alice)


def begin(client, **wanted: Any) -> Any:
    return send(client, "/api/v1/uploads/", {"filename": "clip.mp4", "size": 1000, **wanted})


def shown(video: Video) -> dict[str, Any]:
    """A video of which nothing is known but its title."""
    nothing: dict[str, Any] = {
        "queue_position": None,
        "eta_at": None,
        "failure": "",
        "duration_seconds": None,
        "published_at": None,
        "renditions": [],
        "posters_ms": [],
        "poster_ms": None,
    }
    words = {
        "title": "clip",
        "description": "",
        "channel": "alice",
        "created_at": video.created_at.isoformat().replace("+00:00", "Z"),
        "visibility": "private",
        "status": "uploading",
        "progress": 0,
        "playable": "nothing",
        "watchable_ms": None,
    }
    return {"id": str(video.pk), "url": f"/v/{video.pk}/", **words, **nothing}


class BeginTests:
    def test_answers_with_all_that_a_page_needs(self, client):
        answer = begin(client, size=20 * MIB)
        upload = Upload.objects.select_related("video").get()
        expires_at = upload.expires_at.isoformat().replace("+00:00", "Z")
        parts = {"part_size": 8 * MIB, "part_count": 3, "parts": []}
        known = {"id": str(upload.pk), "state": "issued", "size": 20 * MIB, "expires_at": expires_at, **parts}
        assert (answer.status_code, answer.json()) == (201, {**known, "video": shown(upload.video)})

    def test_lasts_as_long_as_the_settings_say(self, client):
        expires_at = datetime.fromisoformat(begin(client).json()["expires_at"])
        assert timedelta(days=6) < expires_at - Video.objects.get().created_at <= timedelta(days=7, seconds=1)

    def test_begins_a_multipart_upload_under_a_key_of_the_servers(self, client):
        answer = begin(client, filename="../../etc/passwd", id="x", key="uploads/mine/source")
        assert multiparts(keys.source_key(UUID(answer.json()["id"]))) == 1

    @pytest.mark.parametrize("visibility", ["public", "unlisted", "private"])
    def test_keeps_what_the_person_said(self, client, visibility):
        begin(client, title="My title", description="Two\nlines", visibility=visibility)
        assert Video.objects.values_list("title", "description", "visibility").get() == (
            "My title",
            "Two\nlines",
            visibility,
        )

    @pytest.mark.parametrize(
        ("filename", "title"),
        [
            ("clip.mp4", "clip"),
            ("My holiday (1).final.MOV", "My holiday (1).final"),
            ("no extension", "no extension"),
            ("\u202egpj.exe\u202c.mp4", "gpj.exe"),
            ("new\nline\x1b[31m.mp4", "newline[31m"),
            ("e\u0301te\u0301.mp4", "été"),
            ("👨\u200d👩\u200d👧 at home.mp4", "👨\u200d👩\u200d👧 at home"),
            ("می\u200cخواهم.mp4", "می\u200cخواهم"),
            ("/", "video"),
            ("..", ".."),
            ("\u200f", "video"),
            ("   ", "video"),
            ("a" * 300 + ".mp4", "a" * 200),
        ],
    )
    def test_makes_a_title_of_the_files_name(self, client, filename, title):
        begin(client, filename=filename)
        assert Video.objects.get().title == title

    @pytest.mark.parametrize(
        ("wanted", "status", "detail"),
        [
            ({"size": 0}, 409, "This file is empty. Choose the video itself."),
            (
                {"size": 2 * GB + 1},
                413,
                "This file has 2.0\xa0GB and the limit is 2.0\xa0GB. Export it smaller, or split it.",
            ),
            ({"size": -1}, 400, "size: Ensure this value is greater than or equal to 0."),
            ({"size": 10**400}, 400, "size: Ensure this value is less than or equal to 9223372036854775807."),
            ({"size": "many"}, 400, "size: A valid integer is required."),
            ({"size": None}, 400, "size: This field may not be null."),
            ({"filename": ""}, 400, "filename: This field may not be blank."),
            ({"filename": "a\0.mp4"}, 400, "filename: Null characters are not allowed."),
            ({"filename": ["a"]}, 400, "filename: Not a valid string."),
            ({"visibility": "everybody"}, 400, 'visibility: "everybody" is not a valid choice.'),
            ({"title": "a" * 201}, 400, "title: Ensure this field has no more than 200 characters."),
            (
                {"description": "a" * 5001},
                400,
                "description: Ensure this field has no more than 5000 characters.",
            ),
        ],
    )
    def test_refuses_with_a_sentence(self, client, wanted, status, detail):
        answer = begin(client, **wanted)
        assert (answer.status_code, answer.json()["detail"], Video.objects.count()) == (status, detail, 0)

    @pytest.mark.parametrize(
        "body", ["", "{", "[]", "null", '"text"', "{}", "\xff", '{"size": NaN, "filename": "a"}']
    )
    def test_refuses_what_is_no_request(self, client, body):
        answer = client.generic("POST", "/api/v1/uploads/", body, "application/json")
        assert (answer.status_code, bool(answer.json()["detail"]), Video.objects.count()) == (400, True, 0)

    def test_takes_the_largest_file_that_is_allowed(self, client):
        assert begin(client, size=2 * GB).status_code == 201

    def test_is_for_people_who_are_signed_in(self, db):
        answer = begin(browser())
        assert (answer.status_code, answer.json()["detail"]) == (
            401,
            "Authentication credentials were not provided.",
        )

    def test_wants_the_token_of_our_own_pages(self, alice):
        answer = begin(browser(alice, enforce_csrf_checks=True))
        assert (answer.status_code, Video.objects.count()) == (403, 0)

    def test_takes_the_token_that_our_pages_hand_out(self, alice, emulator):
        client = browser(alice, enforce_csrf_checks=True)
        client.get("/upload/")
        token = client.cookies[site.CSRF_COOKIE_NAME].value
        answer = send(
            client, "/api/v1/uploads/", {"filename": "a", "size": 1}, headers={"X-CSRFToken": token}
        )
        assert answer.status_code == 201

    def test_has_a_limit_of_open_uploads(self, client, alice, settings):
        settings.MAX_OPEN_UPLOADS = 2
        answers = [begin(client) for _ in range(3)]
        assert ([answer.status_code for answer in answers], answers[2].json()["detail"]) == (
            [201, 201, 409],
            "Too many uploads are open. Finish or cancel one first.",
        )

    @pytest.mark.parametrize(
        ("video", "upload"),
        [
            pytest.param({}, {"state": "completed", "completed_at": factories.AT}, id="completed"),
            pytest.param({"deleted_at": factories.AT}, {}, id="deleted"),
            pytest.param({}, {"expires_at": factories.AT - timedelta(days=365)}, id="expired"),
        ],
    )
    def test_counts_only_open_uploads(self, client, alice, settings, video, upload):
        settings.MAX_OPEN_UPLOADS = 1
        later = {"expires_at": timezone.now() + timedelta(days=1)}
        factories.upload(factories.video(alice, **video), **{**later, **upload})
        assert begin(client).status_code == 201

    def test_counts_only_ones_own_uploads(self, client, charlie, settings):
        settings.MAX_OPEN_UPLOADS = 1
        factories.upload(factories.video(charlie), expires_at=timezone.now() + timedelta(days=1))
        assert begin(client).status_code == 201

    def test_slows_down_who_begins_too_often(self, client, settings):
        settings.RATES = {**settings.RATES, "begin": "1/hour"}
        begin(client)
        answer = begin(client)
        assert (answer.status_code, int(answer["Retry-After"]) > 3590, answer.json()["detail"][:22]) == (
            429,
            True,
            "Request was throttled.",
        )


class UnrecordedTests:
    def test_leaves_nothing_in_s3_for_a_video_that_could_not_be_written(self, db, emulator, now):
        before = multiparts("uploads/")
        with pytest.raises(ValueError, match="unsaved"):
            uploads.begin(User(username="nobody"), uploads.Wanted("clip.mp4", 1000), now)
        assert multiparts("uploads/") == before


class StorageAwayTests:
    def test_is_said_in_a_sentence_and_leaves_no_video(self, client, settings):
        settings.INGEST_BUCKET = "nowhere"
        answer = begin(client)
        assert (answer.status_code, answer["Retry-After"], answer.json(), Video.objects.count()) == (
            503,
            "30",
            {
                "type": "about:blank",
                "title": "Service Unavailable",
                "status": 503,
                "detail": "The storage does not answer right now. Nothing is lost; try again in a minute.",
                "instance": "/api/v1/uploads/",
                "code": "storage",
            },
            0,
        )

    def test_is_said_where_nothing_listens(self, alice, settings):
        settings.AWS_ENDPOINT_URL = "http://127.0.0.1:9"
        storage.client.cache_clear()
        try:
            answer = begin(browser(alice))
        finally:
            storage.client.cache_clear()
        assert (answer.status_code, answer.json()["code"], Video.objects.count()) == (503, "storage", 0)
