"""Authenticator apps, recovery codes and passkeys; and that staff need one of them."""

from __future__ import annotations

import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.core import mail
from django.test import Client

from accounts.models import User
from tests import factories
from tests.accounts import passwords
from tests.accounts.passwords import ADD, code_for, confirmed, options_in, reauthenticated, sign_in, signed_in
from tests.clients import browser

ACTIVATE = "/accounts/2fa/totp/activate/"
AUTHENTICATE = "/accounts/2fa/authenticate/"
LOGIN = "/accounts/2fa/webauthn/login/"
NONSENSE = [
    "",
    "{}",
    "[]",
    "nonsense",
    '{"id": "x", "response": {}}',
    '{"id": "x", "rawId": "x", "response": {"userHandle": "MQ"}}',
]


class SetUpTests:
    @pytest.fixture
    def client(self, alice):
        return reauthenticated(confirmed(alice))

    def secret(self, client) -> str:
        client.get(ACTIVATE)
        secret: str = client.session["mfa.totp.secret"]
        return secret

    def test_asks_for_the_password_again(self, alice):
        answer = sign_in(confirmed(alice)).get(ACTIVATE)
        assert answer["Location"] == f"/accounts/reauthenticate/?next={ACTIVATE.replace('/', '%2F')}"

    def test_shows_the_secret_as_a_picture_and_as_text(self, client):
        page = client.get(ACTIVATE).content.decode()
        assert ("data:image/svg+xml;base64," in page, client.session["mfa.totp.secret"] in page) == (
            True,
            True,
        )

    def test_turns_the_app_on_with_its_first_code(self, client, alice):
        answer = client.post(ACTIVATE, {"code": code_for(self.secret(client))})
        kinds = set(Authenticator.objects.filter(user=alice).values_list("type", flat=True))
        assert (answer["Location"], kinds) == ("/accounts/2fa/recovery-codes/", {"totp", "recovery_codes"})

    def test_tells_the_person_by_mail(self, transactional_db, client):
        client.post(ACTIVATE, {"code": code_for(self.secret(client))})
        assert mail.outbox[-1].subject == "An authenticator app was set up"

    def test_says_when_the_code_is_wrong(self, client, alice):
        self.secret(client)
        answer = client.post(ACTIVATE, {"code": "000000"})
        assert (
            "Codes change every 30 seconds" in answer.content.decode(),
            Authenticator.objects.exists(),
        ) == (
            True,
            False,
        )

    def test_wants_a_confirmed_address_first(self, alice):
        EmailAddress.objects.create(user=alice, email=alice.email, primary=True)
        answer = reauthenticated(alice).get(ACTIVATE, follow=True)
        assert "Confirm your email address first." in answer.content.decode()

    def test_removes_the_app_again(self, client, alice):
        passwords.with_app(alice)
        client.post("/accounts/2fa/totp/deactivate/")
        assert not Authenticator.objects.filter(type="totp").exists()


class SignInTests:
    def test_asks_for_the_code_after_the_password(self, alice):
        passwords.with_app(alice)
        client = sign_in(alice)
        page = client.get(AUTHENTICATE).content.decode()
        assert ("one of your recovery codes" in page, signed_in(client)) == (True, False)

    def test_takes_the_code_that_the_app_shows(self, alice):
        secret = passwords.with_app(alice)
        client = sign_in(alice)
        client.post(AUTHENTICATE, {"code": code_for(secret)})
        assert signed_in(client)

    @pytest.mark.parametrize("code", ["", "000000", "12345678", "x" * 5000])
    def test_takes_no_other(self, alice, code):
        passwords.with_app(alice)
        client = sign_in(alice)
        client.post(AUTHENTICATE, {"code": code})
        assert not signed_in(client)

    def test_takes_a_code_once(self, alice):
        code = code_for(passwords.with_app(alice))
        first, second = sign_in(alice), sign_in(alice)
        for client in (first, second):
            client.post(AUTHENTICATE, {"code": code})
        assert (signed_in(first), signed_in(second)) == (True, False)

    def test_goes_on_to_the_page_that_was_wanted(self, alice):
        secret, client = passwords.with_app(alice), browser()
        words = {"login": "alice", "password": factories.PASSWORD, "next": "/upload/"}
        client.post("/accounts/login/", words)
        assert client.post(AUTHENTICATE, {"code": code_for(secret)})["Location"] == "/upload/"

    def test_takes_a_recovery_code_once(self, alice):
        passwords.with_app(alice)
        code = passwords.with_codes(alice)[0]
        first, second = sign_in(alice), sign_in(alice)
        for client in (first, second):
            client.post(AUTHENTICATE, {"code": code})
        assert (signed_in(first), signed_in(second)) == (True, False)

    def test_can_be_given_up(self, alice):
        passwords.with_app(alice)
        client = sign_in(alice)
        client.post("/accounts/logout/", {"next": "/accounts/login/"})
        assert client.get(AUTHENTICATE)["Location"] == "/accounts/login/"


class RecoveryCodesTests:
    @pytest.fixture
    def client(self, alice):
        passwords.with_app(alice)
        passwords.with_codes(alice)
        return reauthenticated_with_app(alice)

    def test_are_shown_and_downloaded(self, client, alice):
        code = passwords.with_codes(alice)[0]
        pages = [client.get(f"/accounts/2fa/recovery-codes/{path}") for path in ("", "download/")]
        assert [code in page.content.decode() for page in pages] == [True, True]

    def test_are_replaced_by_new_ones(self, client, alice):
        before = passwords.with_codes(alice)
        client.post("/accounts/2fa/recovery-codes/generate/")
        assert set(before).isdisjoint(passwords.with_codes(alice))


def reauthenticated_with_app(user: User):
    secret = Authenticator.objects.get(user=user, type="totp").data["secret"]
    client = sign_in(user)
    client.post(AUTHENTICATE, {"code": code_for(secret)})
    client.post("/accounts/reauthenticate/", {"password": factories.PASSWORD})
    return client


class PasskeyTests:
    def test_is_asked_of_the_browser_by_scripts_of_our_own(self, alice):
        page = reauthenticated(confirmed(alice)).get(ADD)
        assert allowed_by_csp(page)

    def test_is_made_for_this_site_and_this_person(self, alice):
        asked = options_in(reauthenticated(confirmed(alice)).get(ADD))["publicKey"]
        assert (asked["rp"]["id"], asked["user"]["displayName"]) == ("testserver", "alice")

    def test_is_offered_at_the_sign_in(self, db):
        page = browser().get("/accounts/login/")
        assert (b"Sign in with a passkey" in page.content, allowed_by_csp(page)) == (True, True)

    def test_signs_in_alone(self, alice):
        passkey, client = passwords.with_passkey(alice), browser()
        answer = client.post(LOGIN, {"credential": passkey.answer(challenge(client)), "next": "/upload/"})
        assert (answer["Location"], signed_in(client)) == ("/upload/", True)

    def test_is_taken_after_the_password(self, alice):
        passkey, client = passwords.with_passkey(alice), sign_in(alice)
        asked = options_in(client.get(AUTHENTICATE))
        before = signed_in(client)
        client.post(AUTHENTICATE, {"credential": passkey.answer(asked)})
        assert (before, signed_in(client)) == (False, True)

    def test_answers_one_challenge(self, alice):
        passkey, client = passwords.with_passkey(alice), browser()
        client.post(LOGIN, {"credential": passkey.answer(challenge(browser()))})
        assert not signed_in(client)

    def test_of_somebody_else_opens_nothing(self, alice, charlie):
        passkey, client = passwords.with_passkey(alice), browser()
        stolen = passwords.with_passkey(charlie)
        stolen.handle = passkey.handle
        client.post(LOGIN, {"credential": stolen.answer(challenge(client))})
        assert not signed_in(client)

    def test_of_somebody_who_is_switched_off_opens_nothing(self, alice):
        passkey, client = passwords.with_passkey(alice), browser()
        User.objects.update(is_active=False)
        client.post(LOGIN, {"credential": passkey.answer(challenge(client))})
        assert not signed_in(client)

    @pytest.mark.parametrize("path", [ADD, AUTHENTICATE, LOGIN])
    @pytest.mark.parametrize("credential", NONSENSE)
    def test_is_not_made_up(self, alice, path, credential):
        passwords.with_passkey(alice)
        client = reauthenticated(alice) if path == ADD else sign_in(alice)
        client.get(path, headers={"Accept": "application/json"})
        answer = client.post(path, {"name": "x", "credential": credential})
        assert (answer.status_code < 500, Authenticator.objects.filter(type="webauthn").count()) == (True, 1)

    def test_is_listed_and_renamed_and_removed(self, alice):
        passwords.with_passkey(alice)
        key, client = Authenticator.objects.get(type="webauthn"), with_passkey_again(alice)
        client.post(f"/accounts/2fa/webauthn/keys/{key.pk}/edit/", {"name": "Old phone"})
        listed = b"Old phone" in client.get("/accounts/2fa/webauthn/").content
        client.post(f"/accounts/2fa/webauthn/keys/{key.pk}/remove/")
        assert (listed, Authenticator.objects.filter(type="webauthn").exists()) == (True, False)

    def test_of_somebody_else_is_not_on_any_page(self, alice, charlie):
        passwords.with_passkey(charlie)
        key, client = Authenticator.objects.get(type="webauthn"), reauthenticated(confirmed(alice))
        answers = [client.get(f"/accounts/2fa/webauthn/keys/{key.pk}/{act}/") for act in ("edit", "remove")]
        assert [answer.status_code for answer in answers] == [404, 404]


def challenge(client: Client) -> Any:
    return client.get(LOGIN, headers={"Accept": "application/json"}).json()["request_options"]


def with_passkey_again(user: User) -> Client:
    """Return a browser of somebody who came in before the passkey was there, and showed the password again."""
    client = browser(user)
    client.post("/accounts/reauthenticate/", {"password": factories.PASSWORD})
    return client


def allowed_by_csp(page) -> bool:
    """Whether every script is a file of ours or data, and nothing is styled or scripted in the page itself."""
    text = page.content.decode()
    scripts = re.findall(r"<script([^>]*)>", text)
    ours = all('src="/static/' in tag or 'type="application/json"' in tag for tag in scripts)
    return (
        ours
        and not re.search(r"\son\w+=|\sstyle=|<style", text)
        and "script-src 'self'" in page["Content-Security-Policy"]
    )


class StaffTests:
    @pytest.fixture
    def staff(self, settings, db) -> User:
        settings.STAFF_SECOND_FACTOR = True
        return factories.user("sam", is_staff=True, is_superuser=True)

    @pytest.mark.parametrize("path", ["/admin/", "/admin/videos/video/", "/admin/password_change/"])
    def test_are_led_to_set_up_a_second_factor(self, staff, path):
        answer = browser(staff).get(path, follow=True)
        assert (answer.redirect_chain[-1][0], b"needs a second factor" in answer.content) == (
            "/accounts/2fa/",
            True,
        )

    def test_change_nothing_without_one(self, staff, alice):
        browser(staff).post(f"/admin/accounts/user/{alice.pk}/delete/", {"post": "yes"})
        assert User.objects.filter(pk=alice.pk).exists()

    def test_get_in_with_an_app(self, staff):
        passwords.with_app(staff)
        assert browser(staff).get("/admin/").status_code == 200

    def test_get_in_with_a_passkey(self, staff):
        passwords.with_passkey(staff)
        assert browser(staff).get("/admin/").status_code == 200

    def test_do_not_get_in_with_recovery_codes_alone(self, staff):
        passwords.with_codes(staff)
        assert browser(staff).get("/admin/").status_code == 302

    def test_get_in_without_where_it_is_not_asked_for(self, staff, settings):
        settings.STAFF_SECOND_FACTOR = False
        assert browser(staff).get("/admin/").status_code == 200

    def test_who_are_no_staff_stay_outside(self, staff, charlie):
        passwords.with_app(charlie)
        assert browser(charlie).get("/admin/", follow=True).status_code == 403
