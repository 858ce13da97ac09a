"""Access tokens: made on a page, shown once, used by programs, ended."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone

from accounts.models import AccessToken, User
from tests import factories
from tests.accounts.passwords import reauthenticated, sign_in
from tests.clients import browser

PAGE = "/accounts/tokens/"
WANTED = {"name": "camera van", "days": "90"}


def issue(owner: User, **changes: Any) -> str:
    """Make a token that works for a day, then change its row."""
    now = timezone.now()
    token, text = AccessToken.issue(owner, "camera van", now + timedelta(days=1), now)
    AccessToken.objects.filter(pk=token.pk).update(**changes)
    return text


def ask(path: str, text: str, scheme: str = "Bearer", method: str = "get", **extra: Any) -> Any:
    client = browser(enforce_csrf_checks=True)
    return getattr(client, method)(path, headers={"Authorization": f"{scheme} {text}"}, **extra)


class TokensPageTests:
    def make(self, client: Any, **words: str) -> Any:
        return client.post(PAGE, {**WANTED, **words})

    def test_asks_for_the_password_again_before_it_makes_one(self, alice):
        answer = self.make(sign_in(alice))
        assert (answer["Location"], AccessToken.objects.count()) == (
            "/accounts/reauthenticate/?next=%2Faccounts%2Ftokens%2F",
            0,
        )

    def test_goes_on_with_the_form_after_the_password(self, alice):
        client = sign_in(alice)
        where = self.make(client)["Location"]
        answer = client.post(where, {"password": factories.PASSWORD})
        assert shown(answer) is not None

    def test_shows_a_new_token_once(self, alice):
        client = reauthenticated(alice)
        text = shown(self.make(client))
        assert (AccessToken.objects.get().owner, text in client.get(PAGE).content.decode()) == (alice, False)

    def test_keeps_no_token_that_could_be_stolen(self, alice):
        text = shown(self.make(reauthenticated(alice)))
        kept = " ".join(map(str, AccessToken.objects.values_list().get()))
        assert (text in kept, text.removeprefix("streamsite_")[4:] in kept) == (False, False)

    def test_lists_only_ones_own_by_name_and_first_characters(self, alice, charlie):
        text, other = issue(alice), issue(charlie)
        page = browser(alice).get(PAGE).content.decode()
        assert (text[:15] in page, other[:15] in page, "Not used yet." in page) == (True, False, True)

    def test_lets_it_work_for_as_long_as_asked(self, alice):
        self.make(reauthenticated(alice), days="30")
        token = AccessToken.objects.get()
        assert token.expires_at - token.created_at == timedelta(days=30)

    @pytest.mark.parametrize("words", [{"name": ""}, {"name": "x" * 101}, {"days": "9999"}, {"days": ""}])
    def test_makes_none_from_nonsense(self, alice, words):
        answer = self.make(reauthenticated(alice), **words)
        assert (answer.status_code, AccessToken.objects.count()) == (200, 0)

    def test_makes_no_more_than_somebody_can_overlook(self, alice):
        for _ in range(50):
            issue(alice)
        answer = self.make(reauthenticated(alice))
        assert "You have 50 tokens. Revoke one first." in answer.content.decode()

    def test_revokes(self, alice):
        text, client = issue(alice), browser(alice)
        client.post(f"{PAGE}{AccessToken.objects.get().pk}/revoke/")
        assert ask("/api/v1/uploads/", text).status_code == 401
        assert text[:15] not in client.get(PAGE).content.decode()

    def test_does_not_revoke_those_of_others(self, alice, charlie):
        issue(charlie)
        answer = browser(alice).post(f"{PAGE}{AccessToken.objects.get().pk}/revoke/")
        assert (answer.status_code, AccessToken.objects.kept().count()) == (404, 1)


def shown(answer: Any) -> Any:
    found = re.search(r'id="token"[^>]*>([^<]+)<', answer.content.decode())
    return found and found[1]


class TokenTests:
    """At the API."""

    @pytest.fixture
    def path(self, alice) -> str:
        return f"/api/v1/videos/{factories.ready(alice).pk}/"

    def test_opens_what_its_owner_may_open(self, alice, path):
        assert ask(path, issue(alice)).status_code == 200

    def test_opens_nothing_of_others(self, charlie, path):
        assert ask(path, issue(charlie)).status_code == 404

    def test_needs_no_csrf_token(self, alice):
        answer = ask(
            "/api/v1/uploads/", issue(alice), method="post", data={}, content_type="application/json"
        )
        assert answer.status_code == 400

    def test_does_not_open_pages(self, alice):
        assert ask("/videos/", issue(alice)).status_code == 302

    @pytest.mark.parametrize("scheme", ["bearer", "BEARER"])
    def test_may_be_announced_in_any_case(self, alice, path, scheme):
        assert ask(path, issue(alice), scheme).status_code == 200

    @pytest.mark.parametrize(
        ("field", "sentence"),
        [
            ("revoked_at", r"This token was revoked\. Make a new one\."),
            ("expires_at", r"This token expired on \d+ \w+ \d{4}\. Make a new one\."),
        ],
    )
    def test_is_refused_with_a_sentence(self, alice, path, field, sentence):
        answer = ask(path, issue(alice, **{field: timezone.now() - timedelta(days=1)}))
        assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")
        assert re.fullmatch(sentence, answer.json()["detail"])

    def test_is_refused_once_its_owner_is_switched_off(self, alice, path):
        text = issue(alice)
        User.objects.update(is_active=False)
        answer = ask(path, text)
        assert (answer.status_code, answer.json()["detail"]) == (
            401,
            "The account of this token is switched off.",
        )

    @pytest.mark.parametrize("text", ["", "streamsite_guess", "a b", "\xff\xfe", "x" * 9000])
    def test_is_not_guessed(self, alice, path, text):
        assert ask(path, text).status_code == 401

    def test_that_is_wrong_is_not_made_up_for_by_a_session(self, alice, path):
        answer = browser(alice).get(path, headers={"Authorization": "Bearer wrong"})
        assert answer.status_code == 401

    def test_remembers_the_hour_of_its_last_use(self, alice, path):
        ask(path, issue(alice))
        used = AccessToken.objects.get().last_used_at
        assert used is not None
        assert ((used.minute, used.second), timezone.now() - used < timedelta(hours=1)) == ((0, 0), True)

    def test_writes_that_down_once_an_hour(self, alice, path, django_assert_num_queries):
        text = issue(alice)
        ask(path, text)
        token = AccessToken.objects.get()
        with django_assert_num_queries(0):
            token.note_use(timezone.now().replace(minute=59))

    def test_ends_when_the_password_was_lost_and_replaced(self, alice, path):
        text = issue(alice)
        reset_password(alice)
        assert ask(path, text).status_code == 401


def reset_password(user: User) -> None:
    client = browser()
    client.post("/accounts/password/reset/", {"email": user.email})
    found = re.search(r"http://testserver(\S+)", str(mail.outbox[-1].body))
    assert found
    where = client.get(found[1])["Location"]
    client.post(where, {"password1": "another long password", "password2": "another long password"})
