"""Tokens at the door of the API."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from accounts.models import AccessToken, User, digest_of

SCHEME = "Bearer"


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer …`. No browser sends that by itself, so it needs no CSRF token."""

    def authenticate(self, request: Request) -> tuple[User, AccessToken] | None:
        words = get_authorization_header(request).split()
        if not words or words[0].lower() != SCHEME.lower().encode():
            return None
        # Wrong tokens are not counted: 256 bits cannot be guessed, and counting would cost more than looking.
        token = find(b" ".join(words[1:]).decode("latin-1"))
        now = timezone.now()
        if problem := _problem(token, now):
            raise AuthenticationFailed(problem)
        assert token is not None
        token.note_use(now)
        return token.owner, token

    def authenticate_header(self, request: Request) -> str:
        return SCHEME


def find(text: str) -> AccessToken | None:
    return AccessToken.objects.select_related("owner").filter(digest=digest_of(text)).first()


def _problem(token: AccessToken | None, now: datetime) -> str:
    """Say why the token does not open anything; empty if it does. Who holds a token may know how it stands."""
    if token is None:
        return _("We don't know this token. Check that all of it was copied, or make a new one.")
    if token.revoked_at:
        return _("This token was revoked. Make a new one.")
    if token.expires_at <= now:
        day = date_format(token.expires_at, "DATE_FORMAT")
        return _("This token expired on %(day)s. Make a new one.") % {"day": day}
    if not token.owner.is_active:
        return _("The account of this token is switched off.")
    return ""
