"""People who sign in through the page, as allauth wants to see it."""

from __future__ import annotations

import json
import re
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth
from django.test import Client

from accounts.models import User
from tests import factories
from tests.accounts.passkey import Passkey
from tests.clients import browser

ADD = "/accounts/2fa/webauthn/add/"


def sign_in(user: User, client: Client | None = None) -> Client:
    """Sign in with the password; where there is a second factor, that is asked for next."""
    client = client or browser()
    client.post("/accounts/login/", {"login": user.username, "password": factories.PASSWORD})
    return client


def confirmed(user: User) -> User:
    EmailAddress.objects.update_or_create(
        user=user, email=user.email, defaults={"primary": True, "verified": True}
    )
    return user


def reauthenticated(user: User) -> Client:
    """Return a browser that has just shown the password again."""
    client = sign_in(user)
    client.post("/accounts/reauthenticate/", {"password": factories.PASSWORD})
    return client


def code_for(secret: str) -> str:
    counter = list(auth.yield_hotp_counters_from_time())[1]
    return str(auth.format_hotp_value(auth.hotp_value(secret, counter)))


def with_app(user: User) -> str:
    """Give somebody an authenticator app, and return its secret."""
    secret = str(auth.generate_totp_secret())
    auth.TOTP.activate(user, secret)
    return secret


def with_codes(user: User) -> list[str]:
    codes: list[str] = RecoveryCodes.activate(user).get_unused_codes()
    return codes


def with_passkey(user: User) -> Passkey:
    """Let somebody add a passkey on the page, and return it."""
    confirmed(user)
    client, passkey = reauthenticated(user), Passkey()
    page = client.get(ADD)
    words = {"name": "My phone", "passwordless": "on", "credential": passkey.made_for(options_in(page))}
    client.post(ADD, words)
    assert Authenticator.objects.filter(user=user, type="webauthn").exists()
    return passkey


def options_in(page: Any) -> Any:
    """Return what the page asks the browser for."""
    found = re.search(r'<script id="js_data" type="application/json">(.*?)</script>', page.content.decode())
    assert found
    return next(iter(json.loads(found[1]).values()))


def signed_in(client: Client) -> bool:
    return client.get("/videos/").status_code == 200
