"""Keep somebody out, and let them in again. What they made stays as it is."""

from __future__ import annotations

from django.db import transaction

from accounts.models import User
from accounts.sessions import end_sessions


@transaction.atomic
def suspend(user: User, actor: User) -> bool:
    """End every way in; tokens are refused while it lasts. False for oneself, and for admins unless one is one."""
    if user == actor or (user.is_superuser and not actor.is_superuser):
        return False
    suspended = bool(User.objects.filter(pk=user.pk, is_active=True).update(is_active=False))
    end_sessions(user)
    return suspended


def unsuspend(user: User) -> bool:
    """False for who is not suspended, and for who has left."""
    return bool(User.objects.filter(pk=user.pk, is_active=False, left_at=None).update(is_active=True))
