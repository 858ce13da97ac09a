"""Addresses are confirmed, and lost passwords replaced, through links in the mail."""

from __future__ import annotations

import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client

from tests.accounts.passwords import reauthenticated, sign_in, signed_in
from tests.clients import browser

NEW = {"username": "dora", "email": "dora@example.org", "password1": "a long enough password"}
PASSWORDS = {"password1": "another long password", "password2": "another long password"}


def link(number: int = -1) -> str:
    """Return the path in the last mail."""
    found = re.search(r"http://testserver(\S+)", str(mail.outbox[number].body))
    assert found, mail.outbox[number].body
    return found[1]


class ConfirmTests:
    def sign_up(self) -> Client:
        client = browser()
        client.post("/accounts/signup/", NEW)
        return client

    def test_happens_through_the_link_in_the_mail(self, db):
        client = self.sign_up()
        page = client.get(link()).content.decode()
        client.post(link())
        assert ("belongs to the account dora" in page, EmailAddress.objects.get().verified) == (True, True)

    def test_is_not_done_by_a_program_that_only_looks_at_links(self, db):
        self.sign_up()
        browser().get(link())
        assert not EmailAddress.objects.get().verified

    def test_comes_before_the_first_sign_in_where_it_must(self, db, settings):
        settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
        client = self.sign_up()
        before = signed_in(client)
        client.post(link())
        client.post("/accounts/login/", {"login": "dora", "password": NEW["password1"]})
        assert (before, signed_in(client)) == (False, True)

    @pytest.mark.parametrize("key", ["x", "MQ:1abc:xyz", "0" * 64])
    def test_says_when_a_link_is_no_good(self, db, key):
        answer = browser().get(f"/accounts/confirm-email/{key}/")
        assert (answer.status_code, b"This link no longer works" in answer.content) == (200, True)

    def test_speaks_in_our_words(self, db):
        self.sign_up()
        message = mail.outbox[-1]
        assert (message.subject, str(message.body).splitlines()[0]) == ("Confirm your address", "Hello dora,")


class AddressesTests:
    def test_are_added_and_confirmed_and_made_the_main_one(self, alice):
        client = reauthenticated(alice)
        client.post("/accounts/email/", {"action_add": "", "email": "new@example.org"})
        client.post(link())
        client.post("/accounts/email/", {"action_primary": "", "email": "new@example.org"})
        alice.refresh_from_db()
        assert alice.email == "new@example.org"

    def test_are_not_changed_without_the_password(self, alice):
        answer = sign_in(alice).post("/accounts/email/", {"action_add": "", "email": "new@example.org"})
        assert (
            answer["Location"].split("?")[0],
            EmailAddress.objects.filter(email="new@example.org").exists(),
        ) == (
            "/accounts/reauthenticate/",
            False,
        )


class ResetTests:
    def ask(self, email: str = "alice@example.org") -> Client:
        client = browser()
        client.post("/accounts/password/reset/", {"email": email})
        return client

    def choose(self, client: Client, path: str) -> Any:
        return client.post(client.get(path)["Location"], PASSWORDS)

    def test_changes_the_password_through_the_link_in_the_mail(self, alice):
        answer = self.choose(self.ask(), link())
        client = browser()
        client.post("/accounts/login/", {"login": "alice", "password": PASSWORDS["password1"]})
        assert (answer["Location"], signed_in(client)) == ("/accounts/password/reset/key/done/", True)

    def test_works_once(self, alice):
        self.choose(self.ask(), path := link(0))
        assert b"This link no longer works" in browser().get(path).content

    def test_ends_every_session(self, alice):
        client = sign_in(alice)
        self.choose(self.ask(), link())
        assert not signed_in(client)

    def test_tells_the_person_that_it_happened(self, transactional_db, alice):
        EmailAddress.objects.create(user=alice, email=alice.email, primary=True, verified=True)
        self.choose(self.ask(), link())
        assert mail.outbox[-1].subject == "Your password was changed"

    def test_writes_to_strangers_that_there_is_no_account(self, alice):
        self.ask("nobody@example.org")
        assert [message.subject for message in mail.outbox] == ["There is no account with this address"]

    def test_helps_nobody_who_left_or_was_switched_off(self, alice):
        alice.is_active = False
        alice.save()
        self.ask()
        assert [message.subject for message in mail.outbox] == ["There is no account with this address"]
