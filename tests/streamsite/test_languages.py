"""Every page speaks the reader's language: the catalogue is whole, and nothing beside it is said in English."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from django.utils import translation

from tests import catalogue, factories
from tests.accounts import passwords
from tests.clients import browser, send
from transcode.core import media
from videos.moments import time_left

GERMAN: dict[str, Any] = {"HTTP_ACCEPT_LANGUAGE": "de-AT,de;q=0.9,en;q=0.5"}
SHOWN = ("aria-label", "title", "placeholder", "alt", "label", "speed", "quality", "trouble")
LETTERS = re.compile(r"[^\W\d_]{2,}")
# The same in both languages, or no language at all.
NAMES = {
    "streamsite",
    "alice",
    "Video",
    "Videos",
    "Link",
    "Name",
    "Code",
    "Tokens",
    "Passkeys",
    "Zqx",
    "SQS",
    "al",
}
STATES: dict[str, dict[str, Any]] = {
    "uploading": {"status": "uploading"},
    "queued": {"status": "processing", "queue_position": 2},
    "processing": {"status": "processing", "progress": 42},
    "failed": {"status": "failed", "failure": media.NO_PICTURE},
    "taken down": {"taken_down_at": factories.AT, "taken_down_reason": "Zqx"},
}
OPEN = [
    *("/", "/search/", "/search/?q=zqx", "/nothing/", "/accounts/login/?next=/upload/", "/accounts/signup/"),
    *("/accounts/password/reset/", "/accounts/password/reset/done/", "/accounts/password/reset/key/1-x/"),
    *("/accounts/confirm-email/x/", "/accounts/confirm-email/", "/accounts/inactive/"),
    "/accounts/password/reset/key/done/",
]
OWN = [
    *("", "email/", "password/change/", "logout/", "2fa/", "2fa/totp/activate/", "2fa/webauthn/", "tokens/"),
    *("2fa/webauthn/add/", "2fa/recovery-codes/generate/", "sessions/", "data/", "leave/", "reauthenticate/"),
]


class Words(HTMLParser):
    """What of a page people read or hear."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.inside = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.inside = tag
        self.found |= {value.strip() for name, value in attrs if value and _is_said(name)}

    def handle_data(self, data: str) -> None:
        if self.inside not in ("script", "style", "kbd", "svg"):
            self.found.add(" ".join(data.split()))


def _is_said(attribute: str) -> bool:
    return attribute in SHOWN or attribute in (
        "data-offline",
        "data-copied",
        "data-by-hand",
        "data-selected",
        "data-gone",
    )


def same_in_both(client: Any, path: str) -> set[str]:
    """Return what the page says in German as it does in English."""
    english, german = (client.get(path, **headers).content.decode() for headers in ({}, GERMAN))
    same = Words(english).found & Words(german).found
    return {text for text in same if set(LETTERS.findall(text)) - NAMES}


def english_beside(text: str) -> bool:
    """Addresses and numbers that hold letters."""
    return not re.search(r"@|://|^/|Zqx|streamsite|\{speed\}", text)


class CatalogueTests:
    def test_has_every_sentence_in_every_language(self):
        assert catalogue.problems() == []

    def test_knows_what_a_worker_says(self):
        assert media.NO_PICTURE in {entry.msgid for entry in catalogue.extract()}


class GermanTests:
    @pytest.mark.parametrize("path", OPEN)
    def test_page_has_no_english_left(self, db, path):
        assert {text for text in same_in_both(browser(), path) if english_beside(text)} == set()

    @pytest.mark.parametrize("path", OWN)
    def test_account_page_has_no_english_left(self, alice, path):
        client = passwords.reauthenticated(passwords.confirmed(alice))
        assert {text for text in same_in_both(client, f"/accounts/{path}") if english_beside(text)} == set()

    @pytest.mark.parametrize("state", [*STATES, "growing", "ready"])
    @pytest.mark.parametrize("path", ["/", "/videos/", "/upload/", "/v/{}/", "/v/{}/edit/", "/v/{}/delete/"])
    def test_page_of_a_video_has_no_english_left(self, alice, state, path):
        fields = {"title": "Zqx", "visibility": "public", **STATES.get(state, {})}
        make = {"ready": factories.ready, "taken down": factories.ready, "growing": factories.growing}
        video = make.get(state, factories.video)(alice, **fields)
        factories.upload(video, filename="Zqx", expires_at=factories.AT.replace(year=2090))
        found = same_in_both(browser(alice), path.format(video.pk))
        assert {text for text in found if english_beside(text)} == set()

    def test_page_says_its_language(self, db):
        answer = browser().get("/", **GERMAN)
        assert '<html lang="de"' in answer.content.decode()
        assert (answer["Content-Language"], "Accept-Language" in answer["Vary"]) == ("de", True)
        assert answer["Cache-Control"] == "private, no-store"

    def test_is_not_spoken_to_who_asks_for_another(self, db):
        assert '<html lang="en"' in browser().get("/", HTTP_ACCEPT_LANGUAGE="fr").content.decode()

    def test_counts_one_and_many(self, alice):
        client = browser(alice)
        factories.ready(alice)
        one = client.get("/accounts/data/", **GERMAN).content.decode()
        factories.ready(alice)
        two = client.get("/accounts/data/", **GERMAN).content.decode()
        assert ("Angaben zu 1 Video." in one, "Angaben zu 2 Videos." in two) == (True, True)

    def test_writes_dates_sizes_and_lengths_of_time_its_own_way(self, alice, now):
        factories.upload(factories.video(alice), size=1_500_000, expires_at=now.replace(year=2090))
        page = browser(alice).get("/upload/", **GERMAN).content.decode()
        assert ("1,4\xa0MB" in page, "22. November" in page) == (True, True)
        with translation.override("de"):
            assert time_left(now.replace(minute=1), now) == "noch etwa 1 Minute"


class RefusalTests:
    def test_is_in_the_reader_s_language_and_its_code_is_not(self, alice):
        wanted = {"filename": "a.mp4", "size": 0}
        answer = send(browser(alice), "/api/v1/uploads/", wanted, **GERMAN).json()
        assert (answer["detail"], answer["code"]) == ("Diese Datei ist leer. Wähl das Video selbst.", "empty")

    def test_of_a_worker_is_translated_where_it_is_shown(self, alice):
        video = factories.failed(alice, failure=media.NO_PICTURE)
        client = browser(alice)
        told = client.get(f"/api/v1/videos/{video.pk}/", **GERMAN).json()["failure"]
        assert told.startswith("Diese Datei hat kein bewegtes Bild")
        assert told in client.get(f"/v/{video.pk}/", **GERMAN).content.decode()

    def test_that_no_catalogue_knows_is_shown_as_it_is(self, alice):
        video = factories.failed(alice, failure="100 % <b>lost</b> %(x)s")
        page = browser(alice).get(f"/v/{video.pk}/", **GERMAN).content.decode()
        assert "100 % &lt;b&gt;lost&lt;/b&gt; %(x)s" in page


class MailTests:
    def test_is_in_the_language_of_who_asked(self, alice, mailoutbox):
        browser().post("/accounts/password/reset/", {"email": alice.email}, **GERMAN)
        assert mailoutbox[0].subject == "Wähl ein neues Passwort"
        assert "öffne diesen Link" in mailoutbox[0].body
