"""What the site knows of a person, and how it forgets them. What they made is the business of other rooms."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import AccessToken, User
from accounts.sessions import end_sessions


class MustStay(Exception):
    """Somebody cannot leave; the text is the sentence they read."""


@transaction.atomic
def close(user: User, now: datetime) -> bool:
    """Lock the account and end every way in; False if it was locked already, and harmless then."""
    if is_last_admin(user):
        raise MustStay(_("You are the only admin of this site. Make somebody else an admin first."))
    left = user.leave(now)
    AccessToken.objects.filter(owner=user).revoke(now)
    end_sessions(user)
    return left


def is_last_admin(user: User) -> bool:
    admins = User.objects.filter(is_superuser=True, is_active=True)
    return user.is_superuser and not admins.exclude(pk=user.pk).exists()


def account_of(user: User) -> dict[str, Any]:
    """Return what we know of somebody, without what would let others in."""
    return {
        "account": _values(
            User.objects.filter(pk=user.pk),
            *("username", "email", "first_name", "last_name", "date_joined", "last_login", "is_staff"),
        )[0],
        "email_addresses": _values(EmailAddress.objects.filter(user=user), "email", "verified", "primary"),
        "second_factors": _values(
            Authenticator.objects.filter(user=user), "type", "created_at", "last_used_at"
        ),
        "sessions": _values(
            UserSession.objects.filter(user=user), "created_at", "last_seen_at", "ip", "user_agent"
        ),
        "tokens": _values(
            AccessToken.objects.filter(owner=user),
            *("name", "hint", "created_at", "expires_at", "last_used_at", "revoked_at"),
        ),
    }


def _values(rows: Any, *names: str) -> list[dict[str, Any]]:
    return list(rows.order_by("pk").values(*names))
