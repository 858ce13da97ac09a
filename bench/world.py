"""The rows that the access matrix walks over, made inside the private copy that bench/matrix.py starts.

Prints where everything is, and a session for everybody.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from django.conf import settings
from django.test import Client

from accounts.models import User
from tests import factories
from tests.access.table import PEOPLE
from tests.access.walk import make_world
from tests.conftest import FILES
from videos import keys, storage
from videos.models import Video


def store(video: Video) -> None:
    prefix = keys.version_prefix(video.pk, video.epoch, video.version or "a1")
    with tempfile.TemporaryDirectory() as folder:
        for name, body in FILES.items():
            path = Path(folder) / Path(name).name
            path.write_bytes(body)
            storage.store(f"{prefix}{name}", path)


def session_of(person: User) -> str:
    client = Client()
    client.force_login(person)
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def main() -> None:
    alice, charlie = factories.user("alice"), factories.user("charlie")
    sam = factories.user("sam", is_staff=True, is_superuser=True)
    world = make_world(alice, store)
    sessions = [session_of(person) for person in (charlie, alice, sam)]
    print(json.dumps({"world": world.as_json(), "sessions": dict(zip(PEOPLE[1:], sessions, strict=True))}))


if __name__ == "__main__":
    main()
