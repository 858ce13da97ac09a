"""What every template may ask about people."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest


def signup(request: HttpRequest) -> dict[str, bool]:
    return {"signup_is_open": settings.SIGNUP == "open"}
