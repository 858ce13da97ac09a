"""An event is a hint: look the upload up, look at the object, pin it once, make one job."""

from __future__ import annotations

import logging
from datetime import datetime

from django.conf import settings
from django.db import transaction

from transcode.models import Job, show_queue_positions
from videos import keys, storage
from videos.events import Kind
from videos.models import Upload, Video

logger = logging.getLogger(__name__)


def accept(bucket: str, key: str, now: datetime) -> bool:
    """Make the job of an uploaded source; False if there is nothing to do, as for duplicates and strangers."""
    upload_id = keys.upload_of(key) if bucket == settings.INGEST_BUCKET else None
    upload = Upload.objects.select_related("video").filter(pk=upload_id).first() if upload_id else None
    if upload is None or upload.video.deleted_at:
        logger.warning("event for no upload of ours: %r in %r", key, bucket)
        return False
    if upload.video.status != Video.Status.UPLOADING:
        return False
    source = storage.pin(upload.key)
    if source is None:
        logger.warning("event for upload %s, whose object is not there", upload.pk)
        return False
    made = _make_job(upload, source, now)
    if made:
        # So that its page says "Queued" at once, and not only after the next sweep.
        show_queue_positions(now)
    return made


def _make_job(upload: Upload, source: storage.Source, now: datetime) -> bool:
    with transaction.atomic():
        # Whoever moves the video makes the job, so two of the same hint wait for each other here and nowhere else.
        if not upload.video.start_processing():
            return False
        job = Job.objects.create(
            video=upload.video,
            queued_at=now,
            source_key=source.key,
            source_version_id=source.version_id,
            source_etag=source.etag,
            source_size=source.size,
            part_size=upload.part_size,
        )
        upload.mark_completed(now)
        job.tell(Kind.QUEUED, now)
    return True
