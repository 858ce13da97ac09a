"""People at their browsers, and programs at the API."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.test import Client
from django.test.client import ClientHandler

from accounts.models import User

# Its middleware looks through every static file when it starts, so one serves all.
handler = cache(ClientHandler)


class Browser(Client):
    """Reads each answer to its end, as browsers do: one left half read keeps its connection to S3 open."""

    def request(self, **request: Any) -> Any:
        answer: Any = super().request(**request)
        if answer.streaming:
            answer.streaming_content = [b"".join(answer.streaming_content)]
        return answer


def browser(user: User | None = None, *, enforce_csrf_checks: bool = False) -> Client:
    """A browser in which `user` is signed in, or nobody."""
    client = Browser()
    client.handler = handler(enforce_csrf_checks)
    if user:
        client.force_login(user)
    return client


def send(client: Client, path: str, data: object, **extra: Any) -> Any:
    """POST `data` as JSON, as the upload page does."""
    return client.post(path, data, content_type="application/json", **extra)
