from __future__ import annotations

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate

from videos import searchindex


class VideosConfig(AppConfig):
    name = "videos"

    def ready(self) -> None:
        post_migrate.connect(_mend_search, sender=self)


def _mend_search(using: str, **_about: object) -> None:
    searchindex.mend(connections[using])
