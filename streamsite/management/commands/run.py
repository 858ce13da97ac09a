"""manage.py run"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from streamsite import laptop
from streamsite.supervisor import CannotStart


class Command(BaseCommand):
    help = "Run the whole site on this machine: local S3 and SQS, web, worker. Ctrl-C stops it."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            laptop.run(self.stdout.write)
        except CannotStart as error:
            raise CommandError(f"streamsite: {error}") from error
