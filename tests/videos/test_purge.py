"""What happens to uploads that nobody finished and videos that somebody deleted."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings

from tests import factories
from tests.videos.ingest import multiparts, put_part, put_parts, versions
from videos import storage, uploads
from videos.models import Upload, Video


class ExpireTests:
    def test_gives_up_what_is_late(self, sending: Upload):
        put_part(sending, 1)
        count = uploads.expire(sending.expires_at)
        assert (count, multiparts(sending.key), Video.objects.existing().count()) == (1, 0, 0)

    def test_leaves_what_still_has_time(self, sending: Upload):
        count = uploads.expire(sending.expires_at - timedelta(seconds=1))
        assert (count, multiparts(sending.key), Video.objects.existing().count()) == (0, 1, 1)

    def test_leaves_what_was_completed_in_time(self, sending: Upload, now):
        put_parts(sending)
        uploads.complete(sending, now)
        assert (uploads.expire(sending.expires_at), Video.objects.existing().count()) == (0, 1)

    def test_leaves_what_was_joined_in_time_though_nobody_wrote_it_down(self, sending: Upload):
        put_parts(sending)
        storage.complete_multipart(
            sending.key, sending.multipart_id, storage.list_parts(sending.key, sending.multipart_id)
        )
        assert (uploads.expire(sending.expires_at), Video.objects.existing().count()) == (0, 1)

    def test_gives_up_only_once(self, sending: Upload):
        assert [uploads.expire(sending.expires_at) for _ in range(2)] == [1, 0]


class PurgeTests:
    @pytest.fixture
    def doomed(self, sending: Upload, objects, now) -> Video:
        """A published video with two versions of its source, a delete marker, and a second upload that never ended."""
        put_parts(sending)
        uploads.complete(sending, now)
        storage.client().put_object(Bucket=settings.INGEST_BUCKET, Key=sending.key, Body=b"again")
        storage.client().delete_object(Bucket=settings.INGEST_BUCKET, Key=sending.key)
        sending.multipart_id = storage.start_multipart(sending.key)
        sending.save()
        objects(sending.video)
        sending.video.delete_soon(now)
        return sending.video

    def test_leaves_nothing(self, doomed: Video):
        key, prefix = doomed.upload.key, f"media/v/{doomed.pk}/"

        def left() -> tuple[int, int, int, int]:
            return len(versions(key)), multiparts(key), len(storage.list_media(prefix)), Video.objects.count()

        before = left()
        uploads.purge(doomed)
        assert (before, left()) == ((3, 1, 5, 1), (0, 0, 0, 0))

    def test_leaves_every_other_video(self, doomed: Video, published: Video):
        uploads.purge(doomed)
        assert (len(storage.list_media(f"media/v/{published.pk}/")), Video.objects.get()) == (5, published)

    def test_can_begin_again_where_it_was_cut_off(self, doomed: Video):
        storage.delete_media(f"media/v/{doomed.pk}/")
        storage.abort_multipart(doomed.upload.key, doomed.upload.multipart_id)
        uploads.purge(doomed)
        assert Video.objects.count() == 0

    def test_keeps_the_row_while_objects_are_left(self, doomed: Video, settings):
        settings.MEDIA_BUCKET = "nowhere"
        with pytest.raises(storage.Errors):
            uploads.purge(doomed)
        assert Video.objects.get() == doomed

    def test_needs_no_upload(self, alice, emulator, now):
        video = factories.failed(alice, deleted_at=now)
        uploads.purge(video)
        assert Video.objects.count() == 0
