"""An account is confirmed and kept safe, by the pages and what they ask of the browser."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from allauth.mfa.totp.internal import auth
from playwright.sync_api import Browser, expect

from streamsite.acceptance.stack import Stack
from tests.browser.conftest import LOG
from tests.browser.test_accessibility import violations
from tests.browser.visitor import Visitor
from tests.factories import PASSWORD

PAGES = [
    *("", "email/", "password/change/", "2fa/", "2fa/totp/activate/", "2fa/webauthn/", "2fa/webauthn/add/"),
    *("2fa/recovery-codes/generate/", "sessions/", "tokens/", "data/", "leave/"),
]
PHONE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def mailed_link(path: str) -> str:
    """Return the last such link in the mail, which a laptop's site writes into its log."""
    found = [match[0] for line in tuple(LOG.lines) if (match := re.search(rf"{path}\S+", line))]
    return found[-1]


def code_for(secret: str, later: int = 0) -> str:
    counter = list(auth.yield_hotp_counters_from_time())[1] + later
    return str(auth.format_hotp_value(auth.hotp_value(secret, counter)))


def confirmed(visitor: Visitor, username: str) -> Visitor:
    """Sign up, ask for the mail (this site sends none by itself), and open the link in it."""
    visitor.sign_up(username)
    visitor.open("/accounts/email/")
    visitor.button("Send the confirmation again").click()
    expect(visitor.page.get_by_text(f"We sent a link to {username}@example.org.")).to_be_visible()
    visitor.open(mailed_link("/accounts/confirm-email/"))
    visitor.button("Confirm").click()
    expect(visitor.page.get_by_text(f"{username}@example.org is confirmed.")).to_be_visible()
    return visitor


def show_password(visitor: Visitor) -> None:
    visitor.page.get_by_label("Password").fill(PASSWORD)
    visitor.button("Go on").click()


def come_back(visitor: Visitor) -> None:
    visitor.context.clear_cookies()
    visitor.open("/accounts/login/")


def give_password(visitor: Visitor, username: str) -> None:
    visitor.page.get_by_label("Username or email").fill(username)
    visitor.page.get_by_label("Password").fill(PASSWORD)
    visitor.page.get_by_role("main").get_by_role("button", name="Sign in", exact=True).click()


@pytest.fixture
def visit_by_name(site: Stack, chromium: Browser) -> Iterator[Callable[[], Visitor]]:
    """Open a window on localhost: browsers know no passkeys for addresses of numbers."""
    visitor = Visitor(chromium, site.site.replace("127.0.0.1", "localhost"))
    yield lambda: visitor
    visitor.close()
    assert visitor.troubles == []


class AccountTests:
    def test_is_kept_by_an_app(self, visit):
        zoe = confirmed(visit(), "zoe")
        zoe.open("/accounts/2fa/")
        zoe.link("Set up an app").click()
        show_password(zoe)
        secret = zoe.page.locator(".secret").inner_text()
        zoe.page.get_by_label("Code").fill(code_for(secret))
        zoe.button("Turn it on").click()
        expect(zoe.heading("Recovery codes")).to_be_visible()
        come_back(zoe)
        give_password(zoe, "zoe")
        # A code opens once, and the first may be still the one of this moment.
        zoe.page.get_by_label("Code").fill(code_for(secret, later=1))
        zoe.button("Sign in").click()
        expect(zoe.button("zoe, your account")).to_be_visible()

    def test_is_opened_by_a_passkey_alone(self, visit_by_name):
        yara = confirmed(visit_by_name(), "yara")
        with_phone(yara)
        yara.open("/accounts/2fa/webauthn/add/")
        show_password(yara)
        yara.page.get_by_label("Sign in with it alone").check()
        yara.button("Add it").click()
        expect(yara.heading("Recovery codes")).to_be_visible()
        come_back(yara)
        yara.button("Sign in with a passkey").click()
        expect(yara.button("yara, your account")).to_be_visible()

    def test_says_so_when_no_passkey_came(self, visit):
        xeno = visit()
        with_phone(xeno)
        xeno.open("/accounts/login/")
        xeno.button("Sign in with a passkey").click()
        expect(xeno.page.get_by_role("alert")).to_contain_text("The passkey was not used")

    @pytest.mark.parametrize("theme", ["light", "dark"])
    def test_has_pages_without_violations(self, visit, theme):
        will = confirmed(visit(color_scheme=theme, reduced_motion="reduce"), f"will-{theme}")
        will.open("/accounts/leave/")
        show_password(will)
        for path in PAGES:
            will.open(f"/accounts/{path}")
            assert violations(will) == [], path

    def test_shows_a_new_token_and_leaves_for_good(self, visit):
        vera = visit()
        vera.sign_up("vera")
        vera.open("/accounts/tokens/")
        vera.page.get_by_label("Name").fill("camera van")
        vera.button("Make it").click()
        show_password(vera)
        expect(vera.page.locator("#token")).to_contain_text("streamsite_")
        vera.open("/accounts/leave/")
        vera.button("Delete everything").click()
        expect(vera.page.get_by_text("Your account is closed")).to_be_visible()


def with_phone(visitor: Visitor) -> None:
    """Give the browser a phone that says yes."""
    devices = visitor.context.new_cdp_session(visitor.page)
    devices.send("WebAuthn.enable")
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": PHONE})
