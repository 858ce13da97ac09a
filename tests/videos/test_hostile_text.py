"""Every text a person can enter, in every place that shows it, stays text."""

from __future__ import annotations

import json
import logging
import re
from html.parser import HTMLParser
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.db import models
from django.urls import reverse

from accounts.models import User
from streamsite.logs import JsonFormatter
from tests import factories, hostile
from tests.accounts import passwords
from tests.clients import browser
from videos.models import Video

MARK = re.compile("zqzq([a-z]+?)zq")


class Attacks(HTMLParser):
    """What of a page would run: elements and attributes that only hostile text brings along."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.script = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.script = tag == "script"
        for name, value in attrs:
            address = (value or "").strip().lower()
            if name.startswith("on") or address.startswith(("javascript:", "data:text")) or value == "x":
                self.found.append(f"<{tag} {name}={value}>")

    def handle_data(self, data: str) -> None:
        if self.script and "hit=1" in data and "@context" not in data:
            self.found.append(data)

    def handle_endtag(self, tag: str) -> None:
        self.script = False


@pytest.fixture
def owner(alice):
    client = passwords.reauthenticated(passwords.confirmed(alice))
    return client, hostile.fill(alice)


@pytest.fixture
def desk(owner):
    User.objects.update(is_staff=True, is_superuser=True)
    return owner[0]


def said(page: str) -> set[str]:
    return set(MARK.findall(page))


class AttackTests:
    def test_is_noticed_where_nothing_escapes_it(self):
        assert len(Attacks(f"<p title='{hostile.ATTACK}'>{hostile.ATTACK}</p>").found) > 2


class TypedTextTests:
    def test_is_known_for_every_text_of_every_model(self):
        ours = [
            m for name in ("accounts", "videos", "transcode") for m in apps.get_app_config(name).get_models()
        ]
        fields = {
            f"{model._meta.app_label}.{model.__name__}.{field.name}"
            for model in ours
            for field in model._meta.get_fields()
            if isinstance(field, models.CharField | models.TextField)
        }
        assert fields == {*hostile.TYPED, *hostile.MADE}

    @pytest.mark.parametrize("place", hostile.PLACES)
    def test_is_shown_as_text_where_it_belongs(self, owner, place):
        client, videos = owner
        path = (
            place.format(**{kind: video.pk for kind, video in videos.items()}) if "%" not in place else place
        )
        page = client.get(path).content.decode()
        assert (Attacks(page).found, said(page), "{14}" in page) == ([], hostile.PLACES[place], False)

    def test_is_text_on_every_page_of_the_desk(self, desk):
        shown: set[str] = set()
        for path in desk_paths():
            answer = desk.get(path)
            assert (path, answer.status_code, Attacks(answer.content.decode()).found) == (path, 200, [])
            shown |= said(answer.content.decode())
        assert shown == {*hostile.TYPED.values(), "agent", "passkey"} - {"last"}

    def test_is_text_where_staff_confirm_what_they_do(self, desk):
        for model, action in ((Video, "take_down"), (User, "suspend")):
            rows = [str(pk) for pk in model.objects.values_list("pk", flat=True)]
            path = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
            page = desk.post(path, {"action": action, "_selected_action": rows}).content.decode()
            assert (Attacks(page).found, bool(said(page))) == ([], True)

    def test_is_data_in_what_is_taken_along(self, owner):
        answer = owner[0].get("/accounts/data/export/")
        assert answer["Content-Type"] == "application/json"
        assert answer["Content-Disposition"] == 'attachment; filename="streamsite-data.json"'
        assert json.loads(answer.content)["account"]["username"] == hostile.text("username")

    @pytest.mark.parametrize("path", ["/api/v1/videos/", "/api/v1/me/"])
    def test_is_data_in_the_api(self, owner, path):
        answer = owner[0].get(path)
        assert (answer["Content-Type"], answer["X-Content-Type-Options"]) == ("application/json", "nosniff")
        assert hostile.text("username") in answer.content.decode().replace('\\"', '"')

    def test_is_data_in_a_problem_document(self, owner):
        answer = owner[0].get("/api/v1/videos/", {hostile.ATTACK: "1", "channel": "x"})
        assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")


# MySQL finds what is committed.
@pytest.mark.django_db(transaction=True)
class FoundTextTests:
    def test_is_shown_as_text(self, owner):
        page = owner[0].get("/search/?q=zqzqtit").content.decode()
        assert (Attacks(page).found, said(page)) == ([], {"username", "title"})

    def test_is_data_in_the_api(self, owner):
        found = owner[0].get("/api/v1/search/?q=zqzqtit").json()["results"]
        assert {video["title"] for video in found} == {hostile.text("title")}


class MessageTests:
    def test_about_a_token_is_text(self, owner):
        client, _videos = owner
        token = User.objects.get().tokens.get()
        page = client.post(f"/accounts/tokens/{token.pk}/revoke/", follow=True).content.decode()
        assert (Attacks(page).found, "token" in said(page)) == ([], True)

    def test_about_an_address_is_text(self, owner):
        client, _videos = owner
        address = '"zqzqotherzq<script>hit=1<script>"@example.org'
        page = client.post("/accounts/email/", {"action_add": "", "email": address}, follow=True)
        assert (Attacks(page.content.decode()).found, "other" in said(page.content.decode())) == ([], True)


class MailTests:
    def test_has_no_headers_but_its_own(self, owner, mailoutbox):
        client, _videos = owner
        User.objects.update(username="zqzqnamezq\r\nBcc: eve@example.org")
        agent: dict[str, Any] = {"HTTP_USER_AGENT": "zqzqagentzq\r\nBcc: eve@example.org"}
        words = {
            "oldpassword": factories.PASSWORD,
            "password1": "another horse 12",
            "password2": "another horse 12",
        }
        client.post("/accounts/password/change/", words, **agent)
        message = mailoutbox[-1].message()
        assert ("Bcc" in message, message.get_content_type()) == (False, "text/plain")

    def test_goes_to_a_quoted_address_and_to_nobody_else(self, owner, mailoutbox):
        browser().post("/accounts/password/reset/", {"email": hostile.text("email")})
        assert [message.to for message in mailoutbox] == [[hostile.text("email")]]


class LogTests:
    def test_holds_typed_text_within_its_line(self):
        line = JsonFormatter().format(_record("sent %s", 'a\nERROR forged: "b"\u2028'))
        assert (line.count("\n"), "\u2028" in line, json.loads(line)["message"][:6]) == (0, False, "sent a")


def desk_paths() -> list[str]:
    paths = ["/admin/"]
    for model in admin.site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        paths.append(reverse(f"{name}_changelist"))
        for pk in model._default_manager.values_list("pk", flat=True)[:4]:
            paths += [reverse(f"{name}_change", args=[pk]), reverse(f"{name}_history", args=[pk])]
    return paths


def _record(message: str, *args: object) -> logging.LogRecord:
    return logging.LogRecord("x", logging.INFO, __file__, 1, message, args, None)
