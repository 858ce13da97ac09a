"""Sessions for commands on the server, which act for a person without knowing their password."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from importlib import import_module

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

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
