"""manage.py upload FILE…"""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from accounts.sessions import session_for
from videos.client import ClientRefused, SiteClient
from videos.models import Video

BAR = 30


class Command(BaseCommand):
    help = "Upload files through the API of the running site, straight to S3, as a browser would."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
        parser.add_argument("--owner", default="admin", help="user name; admin unless told otherwise")
        parser.add_argument("--visibility", choices=Video.Visibility.values, default=Video.Visibility.PRIVATE)
        parser.add_argument("--title", default="")
        parser.add_argument("--description", default="")
        parser.add_argument("--wait", action="store_true", help="return when each video is ready or failed")
        parser.add_argument(
            "--json", action="store_true", help="print one JSON object a file, and no progress"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        missing = [str(path) for path in options["files"] if not path.is_file()]
        if missing:
            raise CommandError(f"There is no file {missing[0]!r}.")
        owner = User.objects.filter(username=options["owner"]).first()
        if owner is None:
            raise CommandError(
                f"There is nobody called {options['owner']!r}; `manage.py bootstrap` makes the admin."
            )
        with session_for(owner) as key:
            client = _client(key)
            try:
                failed = [path for path in options["files"] if not self._upload(client, path, options)]
            finally:
                client.close()
        if failed:
            raise CommandError(f"{len(failed)} of {len(options['files'])} files did not become a video.")

    def _upload(self, client: SiteClient, path: Path, options: dict[str, Any]) -> bool:
        """Upload one file and say how it went; False if it failed."""
        words = {name: options[name] for name in ("title", "description", "visibility")}
        show = (lambda name, per_cent: None) if options["json"] else self._show
        size = max(1, path.stat().st_size)
        try:
            video = client.upload(
                path, lambda sent: show(f"sending {path.name}", 100 * sent // size), **words
            )
            if options["wait"]:
                video = client.wait(video["id"], lambda v: show(f"making {path.name}", v["progress"]))
        except ClientRefused as refusal:
            video = {"status": "refused", "failure": str(refusal)}
        self._report(path, video, options["json"])
        return video["status"] not in ("refused", "failed")

    def _report(self, path: Path, video: Any, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps({"file": path.name, **video}))
        else:
            said = video["failure"] or settings.SITE_URL + video["url"]
            self.stdout.write(f"{path.name}: {video['status']}, {said}")

    def _show(self, what: str, per_cent: int) -> None:
        if sys.stderr.isatty():
            done = "#" * (BAR * per_cent // 100)
            end = "\n" if per_cent >= 100 else ""
            self.stderr.write(f"\r{what} [{done:{BAR}}] {per_cent:3} %", ending=end)
            self.stderr.flush()


def _client(session: str) -> SiteClient:
    try:
        return SiteClient(
            settings.SITE_URL, (settings.SESSION_COOKIE_NAME, session), settings.CSRF_COOKIE_NAME
        )
    except ClientRefused as refusal:
        raise CommandError(str(refusal)) from refusal
