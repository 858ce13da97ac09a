"""The pages about an account: who may open them, and that they are ours."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.template.loader import get_template
from django.urls import URLResolver, get_resolver

from tests.accounts import passwords
from tests.accounts.passwords import confirmed, sign_in
from tests.clients import browser

OVERVIEW = ["/accounts/", "/accounts/tokens/", "/accounts/sessions/", "/accounts/2fa/", "/accounts/data/"]
CHANGES = [
    *("/accounts/email/", "/accounts/password/change/", "/accounts/2fa/totp/activate/"),
    *("/accounts/2fa/webauthn/", "/accounts/2fa/webauthn/add/", "/accounts/2fa/recovery-codes/generate/"),
    "/accounts/leave/",
]
TABS = ["Account", "Email", "Password", "Second factor", "Sessions", "Tokens", "My data"]


class AccountPagesTests:
    @pytest.mark.parametrize("path", [*OVERVIEW, *CHANGES])
    def test_are_for_who_is_signed_in(self, db, path):
        answer = browser().get(path, follow=True)
        assert answer.redirect_chain[-1][0].startswith("/accounts/login/?next=")

    @pytest.mark.parametrize("path", [*OVERVIEW, *CHANGES])
    def test_open(self, alice, path):
        assert passwords.reauthenticated(confirmed(alice)).get(path).status_code == 200

    @pytest.mark.parametrize("path", OVERVIEW)
    def test_have_the_same_tabs_and_mark_one(self, alice, path):
        page = browser(alice).get(path).content.decode()
        found = re.search(r'<nav class="tabs sub".*?</nav>', page, re.S)
        assert found and re.findall(r">([^<]+)</a>", found[0]) == TABS
        assert found[0].count("aria-current") == 1

    def test_tell_how_the_account_is_kept(self, alice):
        before = browser(alice).get("/accounts/").content.decode()
        passwords.with_app(alice)
        after = browser(alice).get("/accounts/").content.decode()
        assert ("No second factor" in before, "Second factor is on" in after) == (True, True)

    def test_are_all_in_our_design(self):
        foreign = {name for name in templates() if "site-packages" in str(origin(name))}
        # A text file; and a page of signing in by a mailed code, which is off.
        assert foreign == {"mfa/recovery_codes/download.txt", "account/confirm_login_code.html"}


def origin(name: str) -> Any:
    template: Any = get_template(name)
    return template.origin.name


def templates() -> set[str]:
    """Return the templates of allauth's views that have an address here."""
    classes = [getattr(view, "view_class", None) for view in views(get_resolver())]
    allauth = [view for view in classes if view and view.__module__.startswith("allauth.")]
    return {view.template_name for view in allauth if getattr(view, "template_name", None)}


def views(resolver: URLResolver) -> Iterator[Any]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            yield from views(pattern)
        else:
            yield pattern.callback


class WordsTests:
    @pytest.mark.parametrize(
        "path", ["/accounts/login/", "/accounts/signup/", "/accounts/password/reset/", "/accounts/email/"]
    )
    def test_do_not_say_a_label_twice(self, alice, path):
        client = sign_in(alice) if path == "/accounts/email/" else browser()
        main = client.get(path).content.decode().split("<main")[1]
        assert "placeholder=" not in main

    def test_ask_for_a_user_name_or_an_address(self, db):
        page = browser().get("/accounts/login/").content.decode()
        assert ("Username or email</label>" in page, 'autocomplete="username"' in page) == (True, True)

    def test_do_not_tell_people_that_they_signed_in(self, alice):
        assert b"igned in as" not in sign_in(alice).get("/").content
