"""What the API says when it cannot, and how often one may ask."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as site
from django.utils import timezone

from accounts.models import AccessToken
from tests.clients import browser
from videos.tallies import Tally

MINUTE = timedelta(minutes=1)


class ProblemsTests:
    @pytest.mark.parametrize(
        ("method", "path", "status", "code"),
        [
            ("get", "/api/v1/nothing/", 404, "not_found"),
            ("get", "/api/", 404, "not_found"),
            ("get", "/api/v1/videos/0b0b0b0b-0000-4000-8000-000000000000/", 404, "not_found"),
            ("post", "/api/v1/videos/", 405, "method_not_allowed"),
            ("get", "/api/v1/videos/?x=1", 400, "invalid"),
        ],
    )
    def test_are_documents(self, alice, method, path, status, code):
        answer = getattr(browser(alice), method)(path)
        said = answer.json()
        assert (
            answer.status_code,
            answer["Content-Type"],
            said["status"],
            said["code"],
            said["instance"],
        ) == (
            status,
            "application/problem+json",
            status,
            code,
            path.partition("?")[0],
        )

    def test_say_which_token_was_no_good(self, db):
        answer = browser().get("/api/v1/me/", headers={"Authorization": "Bearer nonsense"})
        assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")

    @pytest.mark.parametrize(
        "path", ["/api/v1/uploads/", "/api/v1/uploads/0b0b0b0b-0000-4000-8000-000000000000/parts/"]
    )
    def test_refuse_a_body_that_is_too_large(self, alice, path):
        body = b'{"filename": "%s", "size": 1}' % (b"x" * site.DATA_UPLOAD_MAX_MEMORY_SIZE)
        answer = browser(alice).generic("POST", path, body, "application/json")
        assert (answer.status_code, answer["Content-Type"], answer.json()["code"]) == (
            413,
            "application/problem+json",
            "too_large",
        )

    def test_refuse_it_from_programs_too(self, alice, now):
        _token, text = AccessToken.issue(alice, "A script", timezone.now() + MINUTE, now)
        length: Any = {
            "CONTENT_LENGTH": str(site.DATA_UPLOAD_MAX_MEMORY_SIZE + 1),
            "HTTP_AUTHORIZATION": f"Bearer {text}",
        }
        answer = browser().generic("POST", "/api/v1/uploads/", b"{", "application/json", **length)
        assert (answer.status_code, answer.json()["code"]) == (413, "too_large")

    def test_do_not_wait_for_a_body_that_is_too_large(self, alice):
        length: Any = {"CONTENT_LENGTH": str(10**12)}
        answer = browser(alice).generic("POST", "/api/v1/uploads/", b"{", "application/json", **length)
        assert answer.status_code == 413

    @pytest.mark.parametrize("length", ["0", "", "x"])
    def test_are_made_of_lengths_that_are_none(self, alice, length):
        answer = browser(alice).generic(
            "POST", "/api/v1/uploads/", b"", "application/json", CONTENT_LENGTH=length
        )
        assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")

    def test_are_made_of_what_is_nested_too_deeply(self, alice):
        body = b"[" * 100_000
        answer = browser(alice).generic("POST", "/api/v1/uploads/", body, "application/json")
        assert (answer.status_code, answer.json()["code"]) == (400, "parse_error")

    def test_are_not_made_of_what_is_no_json(self, alice):
        answer = browser(alice).generic("POST", "/api/v1/uploads/", "a=1", "text/plain")
        assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")


class LimitsTests:
    @pytest.mark.parametrize("scope", ["api", "search"])
    def test_slow_down_a_person_and_say_for_how_long(self, alice, charlie, settings, scope):
        settings.RATES = {**settings.RATES, scope: "2/minute"}
        path = {"api": "/api/v1/videos/", "search": "/api/v1/search/?q=saw"}[scope]
        answers = [browser(alice).get(path) for _ in range(3)]
        assert ([answer.status_code for answer in answers], 0 < int(answers[2]["Retry-After"]) <= 60) == (
            [200, 200, 429],
            True,
        )
        assert browser(charlie).get(path).status_code == 200

    @pytest.mark.parametrize("scope", ["parts", "complete"])
    def test_slow_down_an_upload(self, alice, settings, scope):
        settings.RATES = {**settings.RATES, scope: "1/minute"}
        path = f"/api/v1/uploads/0b0b0b0b-0000-4000-8000-000000000000/{scope}/"
        found = [
            browser(alice).post(path, {"numbers": [1]}, "application/json").status_code for _ in range(2)
        ]
        assert found == [404, 429]

    def test_believe_no_address_but_the_connections_own(self, db, settings):
        settings.RATES = {**settings.RATES, "api-anon": "1/minute"}
        found = [
            browser().get("/api/v1/videos/", headers={"X-Forwarded-For": f"10.0.0.{n}"}).status_code
            for n in range(2)
        ]
        assert (site.REST_FRAMEWORK["NUM_PROXIES"], found) == (0, [200, 429])


class TallyTests:
    def test_counts_up_to_the_limit_of_a_window(self, db, now):
        found = [Tally.objects.allow("a", 2, MINUTE, now) for _ in range(3)]
        assert (found, Tally.objects.seconds_left("a", now)) == ([True, True, False], 60)

    def test_begins_again_after_it(self, db, now):
        found = [Tally.objects.allow("a", 1, MINUTE, now + n * MINUTE / 2) for n in range(4)]
        assert found == [True, False, True, False]

    def test_counts_each_name_for_itself(self, db, now):
        assert [Tally.objects.allow(name, 1, MINUTE, now) for name in "ab"] == [True, True]

    def test_is_one_query_within_a_window(self, db, now, django_assert_num_queries):
        Tally.objects.allow("a", 9, MINUTE, now)
        with django_assert_num_queries(1):
            Tally.objects.allow("a", 9, MINUTE, now)

    def test_is_forgotten_when_it_is_long_over(self, db, now):
        for name, at in (("old", now - 3 * 60 * MINUTE), ("new", now)):
            Tally.objects.allow(name, 1, MINUTE, at)
        Tally.objects.forget_old(now)
        assert [tally.name for tally in Tally.objects.all()] == ["new"]


class DocsTests:
    def test_load_nothing_from_elsewhere(self, db):
        answer = browser().get("/api/docs/")
        policy = answer["Content-Security-Policy"]
        assert ("://" in answer.content.decode(), "script-src 'self';" in policy) == (False, True)

    def test_describe_the_api_to_anybody(self, db):
        assert b"/api/v1/search/" in browser().get("/api/v1/schema/").content
