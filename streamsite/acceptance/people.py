"""People who use the site: each signs up at the front door."""

from __future__ import annotations

import re
import secrets
from typing import Any

import httpx
from django.conf import settings

from videos.client import SiteClient


class TurnedAway(Exception):
    """The site turned somebody away who should have been let in."""


class Person:
    """Somebody with a session in a browser of their own."""

    def __init__(self, site: str, username: str) -> None:
        # No proxy stands between a browser and a site on the same machine.
        self.http = httpx.Client(base_url=site, timeout=60, headers={"Referer": site}, trust_env=False)
        self._password = secrets.token_urlsafe(16)
        words = {"username": username, "email": f"{username}@example.org", "password1": self._password}
        self.http.get("/accounts/signup/")
        answer = self.post("/accounts/signup/", words)
        if settings.SESSION_COOKIE_NAME not in self.http.cookies:
            raise TurnedAway(f"{username} could not sign up: status {answer.status_code}.")
        session = (settings.SESSION_COOKIE_NAME, self.http.cookies[settings.SESSION_COOKIE_NAME])
        self.api = SiteClient(site, session, settings.CSRF_COOKIE_NAME)

    def close(self) -> None:
        self.api.close()
        self.http.close()

    def post(self, path: str, words: dict[str, str]) -> httpx.Response:
        return self.http.post(path, data={**words, "csrfmiddlewaretoken": self._token()})

    def begin_nothing(self) -> Any:
        """Begin an upload and send nothing; the video is there all the same, and so is its page."""
        wanted = {"filename": "nothing.mp4", "size": 1}
        answer = self.http.post("/api/v1/uploads/", json=wanted, headers={"X-CSRFToken": self._token()})
        return answer.raise_for_status().json()["video"]

    def make_token(self, name: str) -> str:
        """Show the password again, make an access token on its page, and copy it from there."""
        self.post("/accounts/reauthenticate/", {"password": self._password})
        page = self.post("/accounts/tokens/", {"name": name, "days": "30"}).text
        found = re.search(r'id="token"[^>]*>([^<]+)<', page)
        if found is None:
            raise TurnedAway(f"The page did not show the token {name!r}.")
        return found[1]

    def delete(self, video: Any) -> None:
        self.post(f"{video['url']}delete/", {})

    def _token(self) -> str:
        return self.http.cookies.get(settings.CSRF_COOKIE_NAME) or ""
