"""Pages: what they answer, what they let a browser do, what their forms say."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings as site

from tests import factories
from tests.clients import browser
from videos.forms import VideoForm
from videos.models import Published, Video

NOWHERE = "0b0b0b0b-0000-4000-8000-000000000000"
PAGE_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self';"
    " media-src 'self' blob:; connect-src 'self' {ingest}; worker-src 'self' blob:; manifest-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
PLAYER_CSP = PAGE_CSP.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'")
EMBED_CSP = PLAYER_CSP.replace("frame-ancestors 'none'", "frame-ancestors *")


@pytest.fixture
def video(alice) -> Video:
    return factories.ready(alice, visibility="public")


class PagesTests:
    @pytest.mark.parametrize(
        ("path", "nobody", "person"),
        [
            ("/", 200, 200),
            ("/upload/", 302, 200),
            ("/videos/", 302, 200),
            ("/healthz", 200, 200),
            ("/accounts/login/", 200, 302),
            ("/accounts/signup/", 200, 302),
            ("/accounts/logout/", 302, 200),
            ("/accounts/email/", 302, 200),
            ("/accounts/password/change/", 302, 200),
            ("/accounts/password/reset/", 200, 200),
            ("/accounts/inactive/", 200, 200),
            ("/accounts/confirm-email/", 200, 200),
            ("/admin/", 302, 302),
            ("/nothing/here", 404, 404),
            ("/v/1/", 404, 404),
            (f"/v/{NOWHERE}/", 404, 404),
            (f"/embed/{NOWHERE}/", 404, 404),
            ("/media/", 403, 403),
        ],
    )
    def test_answer_as_expected(self, alice, path, nobody, person):
        assert (browser().get(path).status_code, browser(alice).get(path).status_code) == (nobody, person)

    @pytest.mark.parametrize(
        "path", ["/", "/upload/", "/videos/", "/v/{}/", "/v/{}/status/", "/embed/{}/", "/healthz"]
    )
    @pytest.mark.parametrize("method", ["post", "put", "delete"])
    def test_are_for_reading(self, video, alice, path, method):
        assert getattr(browser(alice), method)(path.format(video.pk)).status_code == 405

    @pytest.mark.parametrize("path", ["/v/{}/retry/", "/v/{}/cookies/"])
    def test_change_nothing_when_read(self, video, alice, path):
        assert browser(alice).get(path.format(video.pk)).status_code == 405

    @pytest.mark.parametrize("path", ["/upload/", "/videos/", "/v/{}/edit/", "/v/{}/delete/"])
    def test_send_strangers_to_the_sign_in_and_back(self, video, path):
        where = path.format(video.pk)
        assert browser().get(where)["Location"] == f"/accounts/login/?next={where}"

    @pytest.mark.parametrize("path", ["/videos/", "/v/{}/", "/v/{}/status/", "/embed/{}/"])
    def test_are_never_kept_where_they_depend_on_who_asks(self, video, alice, path):
        assert "no-store" in browser(alice).get(path.format(video.pk))["Cache-Control"]


class HeadersTests:
    @pytest.mark.parametrize(
        "path",
        [
            "/",
            "/upload/",
            "/videos/",
            "/v/{}/status/",
            "/v/{}/edit/",
            "/v/{}/delete/",
            "/accounts/email/",
            "/nothing",
            "/api/v1/videos/{}/",
        ],
    )
    def test_let_an_ordinary_page_do_what_ours_need_and_no_more(self, video, alice, path):
        answer = browser(alice).get(path.format(video.pk))
        assert policy(answer) == PAGE_CSP

    def test_let_the_players_styles_in_on_watch(self, video):
        assert policy(browser().get(f"/v/{video.pk}/")) == PLAYER_CSP

    def test_let_everybody_frame_the_embedded_player(self, video):
        answer = browser().get(f"/embed/{video.pk}/")
        assert (policy(answer), answer.get("X-Frame-Options")) == (EMBED_CSP, None)

    @pytest.mark.parametrize("path", ["/", "/v/{}/", "/accounts/login/", "/nothing", "/admin/"])
    def test_let_nobody_frame_anything_else(self, video, path):
        answer = browser().get(path.format(video.pk))
        assert (answer["X-Frame-Options"], "frame-ancestors 'none'" in policy(answer)) == ("DENY", True)

    @pytest.mark.parametrize("path", ["/", "/v/{}/", "/embed/{}/", "/api/v1/videos/{}/", "/nothing"])
    def test_tell_browsers_not_to_guess_and_not_to_tell(self, video, path):
        answer = browser().get(path.format(video.pk))
        names = ["X-Content-Type-Options", "Referrer-Policy", "Cross-Origin-Opener-Policy"]
        assert [answer[name] for name in names] == [
            "nosniff",
            "strict-origin-when-cross-origin",
            "same-origin",
        ]

    @pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://testserver.evil.example"])
    @pytest.mark.parametrize("path", ["/", "/v/{}/", "/api/v1/videos/{}/"])
    def test_open_nothing_to_other_sites(self, video, alice, path, origin):
        answer = browser(alice).get(path.format(video.pk), headers={"Origin": origin})
        assert [name for name in answer.headers if name.startswith("Access-Control")] == []


class WatchTests:
    def test_gives_the_player_its_addresses(self, video):
        text = browser().get(f"/v/{video.pk}/").content.decode()
        names = [
            f"{video.version_path}{name}" for name in ("multivariant.m3u8", "poster.jpg", "storyboard.vtt")
        ]
        assert [f'"{name}"' in text for name in [*names, f"/v/{video.pk}/cookies/"]] == [True] * 4

    @pytest.mark.parametrize(
        ("fields", "words"),
        [
            ({"status": "uploading"}, "The file is not here yet"),
            ({"status": "processing", "queue_position": 3}, "Queued #3"),
            ({"status": "processing", "progress": 40}, "40 %"),
            ({"status": "failed", "failure": "It is not a video."}, "It is not a video."),
        ],
    )
    def test_tells_the_owner_how_far_it_is(self, alice, fields, words):
        video = factories.video(alice, **fields)
        assert words in browser(alice).get(f"/v/{video.pk}/").content.decode()

    def test_tells_staff_that_it_is_not_ready_but_not_why(self, alice, staff):
        video = factories.failed(alice)
        text = browser(staff).get(f"/v/{video.pk}/").content.decode()
        assert ("could not be processed" in text, video.failure in text) == (True, False)

    @pytest.mark.parametrize(
        ("status", "refresh", "polls"),
        [("uploading", None, True), ("processing", None, True), ("failed", "true", False)],
    )
    def test_asks_again_until_it_is_over(self, alice, status, refresh, polls):
        video = factories.video(alice, status=status, failure="It broke." if status == "failed" else "")
        answer = browser(alice).get(f"/v/{video.pk}/status/")
        assert (answer.get("HX-Refresh"), b"hx-trigger" in answer.content) == (refresh, polls)

    def test_loads_the_page_anew_once_it_is_ready(self, video, alice):
        assert browser(alice).get(f"/v/{video.pk}/status/")["HX-Refresh"] == "true"


class EditTests:
    def edit(self, user, video: Video, **fields: str) -> Any:
        data = {"title": "New", "description": "", "visibility": "private", **fields}
        return browser(user).post(f"/v/{video.pk}/edit/", data)

    def test_saves_and_goes_back_to_the_video(self, video, alice):
        answer = self.edit(alice, video, description="Words", visibility="unlisted")
        stored = Video.objects.values_list("title", "description", "visibility").get()
        assert (answer.status_code, answer["Location"], stored) == (
            302,
            f"/v/{video.pk}/",
            ("New", "Words", "unlisted"),
        )

    @pytest.mark.parametrize(
        ("fields", "sentence"),
        [
            ({"title": ""}, "This field is required."),
            ({"title": "\u202e\u200f"}, "Write a title that can be seen."),
            ({"title": "a" * 201}, "Ensure this value has at most 200 characters (it has 201)."),
            ({"title": "a\0"}, "Null characters are not allowed."),
            ({"description": "a" * 5001}, "Ensure this value has at most 5000 characters (it has 5001)."),
            (
                {"visibility": "everybody"},
                "Select a valid choice. everybody is not one of the available choices.",
            ),
        ],
    )
    def test_says_what_is_wrong_and_saves_nothing(self, video, alice, fields, sentence):
        before = Video.objects.values().get()
        answer = self.edit(alice, video, **fields)
        assert (answer.status_code, sentence in answer.content.decode(), Video.objects.values().get()) == (
            200,
            True,
            before,
        )

    def test_drops_what_would_turn_the_text_around(self, video, alice):
        self.edit(alice, video, title="a\u202eb")
        assert Video.objects.get().title == "ab"

    def test_writes_over_nothing_that_a_worker_wrote_meanwhile(self, alice, now):
        opened = factories.video(alice, status="processing")
        form = VideoForm({"title": "New", "visibility": "public"}, instance=opened)
        Video.objects.get().publish(Published("a1", 1000, 1, ()), now)
        assert form.is_valid()
        opened.edit(form.changes(), now, alice)
        assert Video.objects.values_list("status", "version", "title").get() == ("ready", "a1", "New")


class DeleteTests:
    def test_asks_first(self, video, alice):
        answer = browser(alice).get(f"/v/{video.pk}/delete/")
        assert (b"Delete this video?" in answer.content, Video.objects.existing().count()) == (True, 1)

    def test_hides_the_video_at_once(self, video, alice):
        answer = browser(alice).post(f"/v/{video.pk}/delete/")
        assert (answer["Location"], browser(alice).get(f"/v/{video.pk}/").status_code) == ("/videos/", 404)

    def test_is_gone_the_second_time(self, video, alice):
        answers = [browser(alice).post(f"/v/{video.pk}/delete/").status_code for _ in range(2)]
        assert answers == [302, 404]


class RetryTests:
    def test_asks_for_another_try(self, alice):
        video = factories.failed(alice)
        answer = browser(alice).post(f"/v/{video.pk}/retry/")
        video.refresh_from_db()
        assert (answer["Location"], video.status, video.encode_requested_at is None) == (
            f"/v/{video.pk}/",
            "processing",
            False,
        )

    def test_changes_nothing_that_has_not_failed(self, video, alice):
        before = Video.objects.values().get()
        browser(alice).post(f"/v/{video.pk}/retry/")
        assert Video.objects.values().get() == before


def policy(answer: Any) -> str:
    text: str = answer["Content-Security-Policy"]
    return text.replace(site.AWS_ENDPOINT_URL, "{ingest}")
