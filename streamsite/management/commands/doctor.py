"""manage.py doctor"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from streamsite.doctor import examine


class Command(BaseCommand):
    help = "Try everything the site depends on, and say what to do about what does not work."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        problems = 0
        for finding in examine():
            problems += bool(finding.problem)
            mark = self.style.ERROR("no") if finding.problem else self.style.SUCCESS("ok")
            self.stdout.write(f"{mark}  {finding.name}" + (f": {finding.problem}" if finding.problem else ""))
        if problems:
            raise CommandError(f"{problems} of these do not work yet.")
