"""Fixtures that several rooms share. Everything real: a database, the S3 and SQS emulator, ffmpeg."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import hypothesis
import pytest
from django.conf import settings
from django.core.cache import cache

from accounts.models import User
from streamsite import laptop, provision
from streamsite.supervisor import Supervisor
from tests import factories
from videos import keys, storage
from videos.models import Video

FILES = {
    "multivariant.m3u8": b"#EXTM3U\n",
    "storyboard.vtt": b"WEBVTT\n",
    "poster.jpg": b"\xff\xd8 a poster",
    "360p/init.mp4": b"init",
    "360p/00001.m4s": b"0123456789",
}

# A busy machine is no reason to fail.
hypothesis.settings.register_profile("streamsite", deadline=None)
hypothesis.settings.load_profile("streamsite")


@pytest.fixture
def now() -> datetime:
    return datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.fixture
def alice(db: None) -> User:
    return factories.user("alice")


@pytest.fixture
def charlie(db: None) -> User:
    """Has no business with Alice's things."""
    return factories.user("charlie")


class Emulator:
    """The local S3 and SQS, with buckets and queues; ended by its own id."""

    def __init__(self) -> None:
        self.start()

    def start(self) -> None:
        self._supervisor = Supervisor(10, settings.BASE_DIR)
        self._supervisor.start(laptop.storage_program())

    def kill(self) -> None:
        """End it at once; what it does not keep in files is lost."""
        os.killpg(self._supervisor.pids()[0], signal.SIGKILL)
        self.stop()

    def stop(self) -> None:
        self._supervisor.stop()


@pytest.fixture(scope="session")
def emulator() -> Iterator[Emulator]:
    """Started once for all tests."""
    emulator = Emulator()
    try:
        yield emulator
    finally:
        emulator.stop()


@pytest.fixture
def objects(emulator: None, tmp_path: Path) -> Callable[[Video], None]:
    """Put a small version's files where the video's player looks for them."""

    def put(video: Video) -> None:
        for name, body in FILES.items():
            path = tmp_path / Path(name).name
            path.write_bytes(body)
            storage.store(f"{keys.version_prefix(video.pk, video.epoch, video.version or 'a1')}{name}", path)

    return put


@pytest.fixture(scope="session", autouse=True)
def signing_key() -> None:
    provision.make_signing_key(settings.SIGNING_KEY_FILE)


@pytest.fixture(autouse=True)
def quick_passwords(settings) -> None:
    """Scrypt is slow on purpose; a fifth of a second for everybody who signs in adds up."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def work_dir(settings, tmp_path: Path):
    settings.WORK_DIR = tmp_path / "work"
    return settings.WORK_DIR


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker) -> None:
    """Rate limits are counted in a table that no migration makes."""
    from django.core.management import call_command

    with django_db_blocker.unblock():
        call_command("createcachetable", verbosity=0)


@pytest.fixture
def fresh_limits(db: None) -> None:
    cache.clear()
