"""Signing up, in and out, through the pages."""

from __future__ import annotations

from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.test import Client, RequestFactory

from accounts.adapter import Adapter
from accounts.models import Invitation, User
from tests import factories
from tests.clients import browser

NEW = {"username": "dora", "email": "dora@example.org", "password1": "a long enough password"}
WRONG = "That name and password don't go together."


def sign_up(client: Client, query: str = "", **fields: str) -> Any:
    return client.post(f"/accounts/signup/{query}", {**NEW, **fields})


def sign_in(client: Client, login: str, password: str = factories.PASSWORD, query: str = "") -> Any:
    return client.post(f"/accounts/login/{query}", {"login": login, "password": password})


def signed_in(client: Client) -> bool:
    return client.get("/videos/").status_code == 200


class SignUpTests:
    def test_makes_an_account_and_signs_in(self, db):
        client = browser()
        answer = sign_up(client)
        assert (answer["Location"], User.objects.get().username, signed_in(client)) == ("/", "dora", True)

    def test_sends_one_mail_to_confirm_the_address(self, db):
        sign_up(browser())
        assert [message.to for message in mail.outbox] == [["dora@example.org"]]

    @pytest.mark.parametrize(
        ("fields", "sentence"),
        [
            ({"username": "alice"}, "A user with that username already exists."),
            ({"username": "Alice"}, "A user with that username already exists."),
            ({"username": "admin"}, "Username can not be used. Please use other username."),
            ({"username": "d"}, "Ensure this value has at least 2 characters (it has 1)."),
            ({"username": "do ra"}, "Enter a valid username."),
            ({"email": "nonsense"}, "Enter a valid email address."),
            ({"password1": "short"}, "This password is too short. It must contain at least 10 characters."),
            ({"password1": "password123"}, "This password is too common."),
            ({"password1": "dora@example.org"}, "The password is too similar to the email address."),
        ],
    )
    def test_says_what_is_wrong(self, alice, fields, sentence):
        answer = sign_up(browser(), **fields)
        text = answer.content.decode().replace("&#x27;", "'")
        assert (answer.status_code, sentence in text, User.objects.count()) == (200, True, 1)

    def test_tells_nobody_whether_an_address_is_known(self, alice, settings):
        settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
        known, new = sign_up(browser(), email="alice@example.org"), sign_up(browser())
        assert (known.status_code, known["Location"]) == (new.status_code, new["Location"])

    def test_is_refused_with_a_page_when_closed(self, db, settings):
        settings.SIGNUP = "closed"
        client = browser()
        answers = [client.get("/accounts/signup/"), sign_up(client)]
        assert ([b"not open here" in answer.content for answer in answers], User.objects.count()) == (
            [True, True],
            0,
        )

    @pytest.mark.parametrize(("signup", "offered"), [("open", True), ("invited", False), ("closed", False)])
    def test_is_offered_only_where_it_is_open(self, db, settings, signup, offered):
        settings.SIGNUP = signup
        assert (b'href="/accounts/signup/"' in browser().get("/").content) is offered

    def test_is_slowed_down_for_one_address(self, db, settings):
        settings.ACCOUNT_RATE_LIMITS = {"signup": "2/h/ip"}
        answers = [sign_up(browser(), username=f"dora{n}", email=f"dora{n}@example.org") for n in range(3)]
        assert ([answer.status_code for answer in answers], b"Too many tries" in answers[2].content) == (
            [302, 302, 429],
            True,
        )


class InvitationTests:
    @pytest.fixture(autouse=True)
    def invited(self, settings, db):
        settings.SIGNUP = "invited"

    @pytest.fixture
    def invitation(self) -> Invitation:
        return Invitation.objects.create(note="for Dora")

    def test_opens_the_sign_up_page(self, invitation):
        page = browser().get(f"/accounts/signup/?invitation={invitation.token}")
        assert b"password1" in page.content

    @pytest.mark.parametrize("query", ["", "?invitation=", "?invitation=guess", "?invitation=%00"])
    def test_is_needed(self, invitation, query):
        client = browser()
        answers = [client.get(f"/accounts/signup/{query}"), sign_up(client, query)]
        assert ([b"not open here" in answer.content for answer in answers], User.objects.count()) == (
            [True, True],
            0,
        )

    def test_is_remembered_from_the_link_to_the_form(self, invitation):
        client = browser()
        client.get(f"/accounts/signup/?invitation={invitation.token}")
        sign_up(client)
        assert Invitation.objects.get().accepted_by == User.objects.get(username="dora")

    def test_works_once(self, invitation):
        sign_up(browser(), f"?invitation={invitation.token}")
        sign_up(browser(), f"?invitation={invitation.token}", username="erik", email="erik@example.org")
        assert [user.username for user in User.objects.all()] == ["dora"]

    def test_works_once_for_two_who_had_the_form_open(self, invitation):
        first, second = browser(), browser()
        for client in (first, second):
            client.get(f"/accounts/signup/?invitation={invitation.token}")
        sign_up(first)
        sign_up(second, username="erik", email="erik@example.org")
        assert [user.username for user in User.objects.all()] == ["dora"]

    def test_works_once_for_two_at_the_same_moment(self, invitation, alice):
        # Both were told that sign-up is open to them; Alice is first by a hair.
        invitation.accept(alice)
        request = RequestFactory().post("/accounts/signup/")
        request.session = {"invitation": invitation.token}  # type: ignore[assignment]
        with pytest.raises(PermissionDenied):
            Adapter().save_user(request, User(), SignUpForm())
        assert [user.username for user in User.objects.all()] == ["alice"]

    def test_is_used_up_only_once(self, invitation, alice, charlie):
        assert (invitation.accept(alice), invitation.accept(charlie)) == (True, False)


class SignUpForm:
    """The form as allauth hands it on, filled in and checked."""

    cleaned_data = NEW


class SignInTests:
    @pytest.mark.parametrize("login", ["alice", "alice@example.org", "ALICE@example.org"])
    def test_takes_the_user_name_and_the_address(self, alice, login):
        client = browser()
        answer = sign_in(client, login)
        assert (answer["Location"], signed_in(client)) == ("/", True)

    @pytest.mark.parametrize("login", ["alice", "nobody", "alice@example.org", "nobody@example.org"])
    def test_answers_the_same_for_a_wrong_password_and_for_nobody(self, alice, login):
        client = browser()
        answer = sign_in(client, login, "wrong password")
        text = answer.content.decode().replace("&#x27;", "'")
        assert (answer.status_code, WRONG in text, signed_in(client)) == (
            200,
            True,
            False,
        )

    def test_refuses_who_was_switched_off(self, alice):
        User.objects.update(is_active=False)
        client = browser()
        sign_in(client, "alice")
        assert not signed_in(client)

    def test_goes_where_the_person_wanted_to_go(self, alice):
        assert sign_in(browser(), "alice", query="?next=/upload/")["Location"] == "/upload/"

    @pytest.mark.parametrize(
        "there",
        [
            "//evil.example",
            "/\\evil.example",
            "///evil.example",
            "http:///evil.example",
            "https:evil.example",
            "https://evil.example/",
            "javascript:alert(1)",
            "\x08//evil.example",
            "http://testserver@evil.example/",
        ],
    )
    def test_never_goes_to_another_site(self, alice, there):
        answer = browser().post(
            "/accounts/login/", {"login": "alice", "password": factories.PASSWORD, "next": there}
        )
        assert answer["Location"] == "/"

    def test_gives_the_session_a_new_name(self, alice, settings):
        client = browser()
        settings.SIGNUP = "invited"
        client.get("/accounts/signup/?invitation=x")
        before = client.session.session_key
        sign_in(client, "alice")
        assert before != client.session.session_key

    def test_is_slowed_down_for_one_address(self, alice, settings):
        settings.ACCOUNT_RATE_LIMITS = {"login": "2/h/ip"}
        answers = [sign_in(browser(), "alice", "wrong password") for _ in range(3)]
        assert ([answer.status_code for answer in answers], b"Too many tries" in answers[2].content) == (
            [200, 200, 429],
            True,
        )

    def test_stops_guessing_at_one_person_even_with_the_right_password(self, alice, settings):
        settings.ACCOUNT_RATE_LIMITS = {"login_failed": "3/30m/key"}
        for _ in range(3):
            sign_in(browser(), "alice", "wrong password")
        client = browser()
        sign_in(client, "alice")
        assert not signed_in(client)


class SignOutTests:
    def test_ends_the_session(self, alice):
        client = browser(alice)
        answer = client.post("/accounts/logout/")
        assert (answer["Location"], signed_in(client)) == ("/", False)

    def test_asks_first(self, alice):
        client = browser(alice)
        client.get("/accounts/logout/")
        assert signed_in(client)


class PasswordTests:
    def test_change_ends_every_other_session(self, alice):
        here, elsewhere = browser(alice), browser(alice)
        new = {"password1": "another long password", "password2": "another long password"}
        here.post("/accounts/password/change/", {"oldpassword": factories.PASSWORD, **new})
        assert not signed_in(elsewhere)

    def test_reset_answers_the_same_for_known_and_unknown_addresses(self, alice):
        answers = [
            browser().post("/accounts/password/reset/", {"email": f"{name}@example.org"})["Location"]
            for name in ("alice", "nobody")
        ]
        assert (answers[0] == answers[1], [m.to for m in mail.outbox][0]) == (True, ["alice@example.org"])
