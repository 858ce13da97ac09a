"""manage.py provision"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from streamsite.provision import provision


class Command(BaseCommand):
    help = "Make or restore keys, tables, buckets, queues and the notification between them. Run it as often as you like."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        provision()
