"""manage.py upload FILE…"""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
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
    help = (
        "Upload files through the API of the running site, straight to S3, as a browser would. "
        "With a token (Account, Tokens) to any site."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
        parser.add_argument("--owner", default="", help="user name; admin unless told otherwise")
        parser.add_argument("--token", default=settings.STREAMSITE_TOKEN, help="or in STREAMSITE_TOKEN")
        parser.add_argument(
            "--site", default=settings.SITE_URL, type=_origin, help="address of another site; needs a token"
        )
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
        with _client(options) as client:
            failed = [path for path in options["files"] if not self._upload(client, path, options)]
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
        self._report(path, video, options)
        return video["status"] not in ("refused", "failed")

    def _report(self, path: Path, video: Any, options: dict[str, Any]) -> None:
        if options["json"]:
            self.stdout.write(json.dumps({"file": path.name, **video}))
        else:
            said = video["failure"] or options["site"] + video["url"]
            self.stdout.write(f"{path.name}: {video['status']}, {said}")

    def _show(self, what: str, per_cent: int) -> None:
        if sys.stderr.isatty():
            done = "#" * (BAR * per_cent // 100)
            end = "\n" if per_cent >= 100 else ""
            self.stderr.write(f"\r{what} [{done:{BAR}}] {per_cent:3} %", ending=end)
            self.stderr.flush()


@contextmanager
def _client(options: dict[str, Any]) -> Iterator[SiteClient]:
    """Yield a client with the token, or in a session of the owner's that ends with the block."""
    if options["token"]:
        if options["owner"]:
            raise CommandError("A token has its owner already: leave out --owner, or the token.")
        with _opened(lambda: SiteClient.with_token(options["site"], options["token"])) as client:
            yield client
    else:
        if options["site"] != settings.SITE_URL:
            raise CommandError("Another site wants a token: --token, or STREAMSITE_TOKEN in the environment.")
        with session_for(_owner(options["owner"] or "admin")) as key:
            session = (settings.SESSION_COOKIE_NAME, key)
            with _opened(lambda: SiteClient(settings.SITE_URL, session, settings.CSRF_COOKIE_NAME)) as client:
                yield client


def _owner(username: str) -> User:
    owner = User.objects.filter(username=username).first()
    if owner is None:
        raise CommandError(f"There is nobody called {username!r}; `manage.py bootstrap` makes the admin.")
    return owner


@contextmanager
def _opened(make: Callable[[], SiteClient]) -> Iterator[SiteClient]:
    try:
        client = make()
    except ClientRefused as refusal:
        raise CommandError(str(refusal)) from refusal
    try:
        yield client
    finally:
        client.close()


def _origin(address: str) -> str:
    return address.rstrip("/")
