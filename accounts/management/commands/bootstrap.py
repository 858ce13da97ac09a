"""manage.py bootstrap"""

from __future__ import annotations

import secrets
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from accounts.models import User


class Command(BaseCommand):
    help = "Make the first admin, and print the password once. --reset makes a new password."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--username", default="admin")
        parser.add_argument("--email", default="")
        parser.add_argument("--reset", action="store_true", help="give an admin who exists a new password")
        parser.add_argument("--quiet", action="store_true", help="return the password instead of printing it")

    def handle(self, *args: Any, **options: Any) -> str:
        username = options["username"]
        user = User.objects.filter(username=username).first()
        if user and not options["reset"]:
            return "" if options["quiet"] else f"{username} exists already; --reset makes a new password."
        password = secrets.token_urlsafe(12)
        user = user or User(username=username, email=options["email"] or f"{username}@{settings.SITE_HOST}")
        user.is_staff = user.is_superuser = user.is_active = True
        user.set_password(password)
        user.save()
        return password if options["quiet"] else f"Sign in as {username} with the password {password}"
