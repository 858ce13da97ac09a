"""People at their browsers, and programs at the API."""

from __future__ import annotations

from typing import Any

from django.test import Client

from accounts.models import User


def browser(user: User | None = None, **options: Any) -> Client:
    """A browser in which `user` is signed in, or nobody."""
    client = Client(**options)
    if user:
        client.force_login(user)
    return client


def send(client: Client, path: str, data: object, **extra: Any) -> Any:
    """POST `data` as JSON, as the upload page does."""
    return client.post(path, data, content_type="application/json", **extra)
