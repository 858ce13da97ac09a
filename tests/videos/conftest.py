"""Videos with their objects, and the people around them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from accounts.models import User
from tests import factories
from videos import keys, storage
from videos.models import Upload, Video

FILES = {
    "multivariant.m3u8": b"#EXTM3U\n",
    "storyboard.vtt": b"WEBVTT\n",
    "poster.jpg": b"\xff\xd8 a poster",
    "360p/init.mp4": b"init",
    "360p/00001.m4s": b"0123456789",
}


@pytest.fixture
def staff(db: None) -> User:
    return factories.user("sam", is_staff=True)


@pytest.fixture
def objects(emulator: None, tmp_path: Path) -> Callable[[Video], None]:
    """Put a small version's files where the video's player looks for them."""

    def put(video: Video) -> None:
        for name, body in FILES.items():
            path = tmp_path / Path(name).name
            path.write_bytes(body)
            storage.store(f"{keys.version_prefix(video.pk, video.epoch, video.version or 'a1')}{name}", path)

    return put


@pytest.fixture
def published(alice: User, objects: Callable[[Video], None]) -> Video:
    """A public video of Alice's that plays."""
    video = factories.ready(alice, visibility="public")
    objects(video)
    return video


@pytest.fixture
def sending(alice: User, emulator: None) -> Upload:
    """An upload of Alice's in three parts of 5, 5 and 2 bytes, of which none has arrived."""
    upload = factories.upload(factories.video(alice), size=12, part_size=5)
    upload.multipart_id = storage.start_multipart(upload.key)
    upload.save()
    return upload
