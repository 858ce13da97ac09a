"""manage.py bootstrap"""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.admins import NotStaff, make_admin


class Command(BaseCommand):
    help = "Make the first admin, and print the password once. --reset makes a new password."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--username", default="admin")
        parser.add_argument("--email", default="")
        parser.add_argument("--reset", action="store_true", help="give an admin who exists a new password")

    def handle(self, *args: Any, **options: Any) -> str:
        username = options["username"]
        try:
            password = make_admin(username, email=options["email"], reset=options["reset"])
        except NotStaff as refusal:
            raise CommandError(str(refusal)) from refusal
        if not password:
            return f"{username} exists already; --reset makes a new password."
        return f"Sign in as {username} with the password {password} (shown this once)."
