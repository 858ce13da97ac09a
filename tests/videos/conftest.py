"""Videos with their objects, and the people around them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from accounts.models import User
from tests import factories
from videos import storage
from videos.models import Upload, Video


@pytest.fixture
def staff(db: None) -> User:
    return factories.user("sam", is_staff=True)


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
