"""Registers the system checks, and the desk that staff work at."""

from __future__ import annotations

from django.apps import AppConfig
from django.contrib.admin import apps as admin


class DeskConfig(admin.AdminConfig):
    default = False
    default_site = "streamsite.desk.Desk"


class StreamsiteConfig(AppConfig):
    default = True
    name = "streamsite"

    def ready(self) -> None:
        from streamsite import checks  # noqa: F401
