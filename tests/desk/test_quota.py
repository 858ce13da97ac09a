"""Room: what each person may have, and what happens when it is taken."""

from __future__ import annotations

import pytest

from tests import factories
from videos import uploads
from videos.models import Upload, Video
from videos.quota import bytes_left

GB = 1024**3
pytestmark = pytest.mark.usefixtures("emulator")


def begin(owner, size: int, now) -> Upload:
    return uploads.begin(owner, uploads.Wanted("clip.mp4", size), now)


class RoomTests:
    @pytest.mark.parametrize(
        ("own", "everybodys", "left"),
        [(None, 0, None), (None, 10, 10), (0, 10, None), (20, 10, 20), (20, 0, 20)],
    )
    def test_is_ones_own_or_what_everybody_has(self, alice, settings, own, everybodys, left):
        settings.QUOTA_BYTES, alice.quota_bytes = everybodys, own
        assert bytes_left(alice) == left

    def test_is_taken_by_sources_and_what_was_made_of_them(self, alice, charlie, now):
        alice.quota_bytes = 1000
        factories.upload(
            factories.ready(alice, stored_bytes=30), size=100, state="completed", completed_at=now
        )
        factories.upload(factories.video(alice), size=200)
        factories.upload(factories.ready(alice, deleted_at=now), size=400)
        factories.upload(factories.ready(charlie), size=400)
        assert bytes_left(alice) == 670

    def test_is_never_less_than_nothing(self, alice):
        alice.quota_bytes = 10
        factories.upload(factories.video(alice), size=200)
        assert bytes_left(alice) == 0


class UploadTests:
    def test_that_just_fits_begins(self, alice, settings, now):
        settings.QUOTA_BYTES = GB
        assert begin(alice, GB, now).size == GB

    def test_that_does_not_fit_is_refused_in_words(self, alice, settings, now):
        settings.QUOTA_BYTES = 2 * GB
        factories.upload(factories.video(alice), size=GB + GB // 2)
        with pytest.raises(uploads.UploadRefused) as refused:
            begin(alice, GB, now)
        assert (str(refused.value).replace("\xa0", " "), refused.value.code) == (
            "This needs 1.0 GB and you have 512.0 MB left. Delete something, or ask for more room.",
            "no_room",
        )
        assert Video.objects.count() == 1

    def test_fits_again_once_something_is_deleted(self, alice, settings, now):
        settings.QUOTA_BYTES = GB
        first = begin(alice, GB, now)
        first.video.delete_soon(now)
        assert begin(alice, GB, now)

    def test_of_who_has_no_limit_asks_nothing_of_it(self, alice, settings, now):
        settings.QUOTA_BYTES, alice.quota_bytes = 1, 0
        assert begin(alice, GB, now)
