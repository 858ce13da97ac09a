"""Registers the system checks."""

from __future__ import annotations

from django.apps import AppConfig


class StreamsiteConfig(AppConfig):
    name = "streamsite"

    def ready(self) -> None:
        from streamsite import checks  # noqa: F401
