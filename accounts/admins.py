"""The first admin."""

from __future__ import annotations

import secrets

from allauth.account.models import EmailAddress
from django.conf import settings

from accounts.models import User


class NotStaff(Exception):
    """The name is somebody's who is not staff; the text says so."""


def make_admin(username: str = "admin", *, email: str = "", reset: bool = False) -> str:
    """Make an admin and return the password, which is kept nowhere; empty if there is one and `reset` is off.

    Raise NotStaff rather than take over the account of somebody else.
    """
    user = User.objects.filter(username=username).first()
    if user and not user.is_staff:
        raise NotStaff(
            f"{username} is somebody's account and not an admin's: this would take it over. Choose another --username,"
            " or let an admin make them staff first."
        )
    if user and not reset:
        return ""
    password = secrets.token_urlsafe(12)
    user = user or User(username=username, email=email or f"{username}@{settings.SITE_HOST}")
    user.is_staff = user.is_superuser = user.is_active = True
    user.set_password(password)
    user.save()
    _confirm(user)
    return password


def _confirm(user: User) -> None:
    """Take the address as confirmed: who makes admins on the server needs no mail to be believed."""
    EmailAddress.objects.filter(user=user, primary=True).exclude(email=user.email).update(primary=False)
    EmailAddress.objects.update_or_create(
        user=user, email=user.email.lower(), defaults={"verified": True, "primary": True}
    )
