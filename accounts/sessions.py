"""Sessions: for commands on the server, which act for a person without knowing their password; and their end."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from importlib import import_module

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.db.models import Count, Max

from accounts.models import User


@contextmanager
def session_for(user: User, length: timedelta = timedelta(hours=12)) -> Iterator[str]:
    """Yield the key of a session in which `user` is signed in; it ends with the block."""
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.set_expiry(length)
    session.create()
    try:
        yield session.session_key
    finally:
        session.delete()


def end_sessions(user: User) -> None:
    """End every session that somebody began by signing in."""
    for session in UserSession.objects.filter(user=user):
        session.end()


def sessions_of(people: Collection[int]) -> dict[int, tuple[int, datetime]]:
    """Return how many sessions each of these people has, and when one was last used."""
    rows = (
        UserSession.objects.filter(user__in=people)
        .values_list("user")
        .annotate(count=Count("pk"), seen_at=Max("last_seen_at"))
        .order_by()
    )
    return {person: (count, seen_at) for person, count, seen_at in rows}
