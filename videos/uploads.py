"""An upload from begin to complete: the browser sends parts straight to S3, the server owns everything else."""

from __future__ import annotations

import logging
import unicodedata
import uuid
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath

from django.conf import settings
from django.db import transaction
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from accounts.models import User
from videos import keys, quota, storage
from videos.events import Event, Kind
from videos.models import Upload, Video
from videos.sources import upload_lifetime

logger = logging.getLogger(__name__)
MIB = 1024**2
SMALLEST_PART = 8 * MIB
# S3 takes 10,000 parts of at least 5 MiB (all but the last).
MOST_PARTS = 9000
UNSHOWN = ("Cc", "Cf", "Cs")
# Of the format characters, these two are part of how Persian words and families of emoji are written.
JOINERS = "\u200c\u200d"


class UploadRefused(Exception):
    """The upload cannot go on like this; the text tells the person what to do."""

    def __init__(self, sentence: str, code: str) -> None:
        super().__init__(sentence)
        self.code = code


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody wants to upload, in their own words."""

    filename: str
    size: int
    title: str = ""
    description: str = ""
    visibility: str = Video.Visibility.PRIVATE


def begin(owner: User, wanted: Wanted, now: datetime) -> Upload:
    """Make room for one file: a video, a key in the ingest bucket, a multipart upload."""
    _refuse_impossible(owner, wanted, now)
    upload_id = uuid.uuid4()
    key = keys.source_key(upload_id)
    multipart_id = storage.start_multipart(key)
    try:
        return _record(owner, wanted, upload_id, multipart_id, now)
    except Exception:
        storage.abort_multipart(key, multipart_id)
        raise


def _refuse_impossible(owner: User, wanted: Wanted, now: datetime) -> None:
    if wanted.size == 0:
        raise UploadRefused(_("This file is empty. Choose the video itself."), "empty")
    if wanted.size > settings.MAX_UPLOAD_BYTES:
        sizes = {"size": filesizeformat(wanted.size), "limit": filesizeformat(settings.MAX_UPLOAD_BYTES)}
        raise UploadRefused(
            _("This file has %(size)s and the limit is %(limit)s. Export it smaller, or split it.") % sizes,
            "too_large",
        )
    if Upload.objects.of(owner).open(now).count() >= settings.MAX_OPEN_UPLOADS:
        raise UploadRefused(_("Too many uploads are open. Finish or cancel one first."), "too_many_open")
    _refuse_over_quota(owner, wanted.size)


def _refuse_over_quota(owner: User, size: int) -> None:
    left = quota.bytes_left(owner)
    if left is not None and size > left:
        sizes = {"size": filesizeformat(size), "left": filesizeformat(left)}
        raise UploadRefused(
            _("This needs %(size)s and you have %(left)s left. Delete something, or ask for more room.")
            % sizes,
            "no_room",
        )


def _record(owner: User, wanted: Wanted, upload_id: uuid.UUID, multipart_id: str, now: datetime) -> Upload:
    filename = clean_text(wanted.filename)[:255] or _("video")
    with transaction.atomic():
        if quota.limit_of(owner):
            # Two uploads that begin at once must not both take the last room.
            User.objects.select_for_update().get(pk=owner.pk)
            _refuse_over_quota(owner, wanted.size)
        video = Video.objects.create(
            owner=owner,
            title=(clean_text(wanted.title) or PurePath(filename).stem or _("video"))[:200],
            description=wanted.description[:5000],
            visibility=wanted.visibility,
        )
        Event.objects.record(video.pk, Kind.UPLOAD_BEGUN, now, actor=owner, detail=filename)
        return Upload.objects.create(
            id=upload_id,
            video=video,
            filename=filename,
            size=wanted.size,
            part_size=part_size_for(wanted.size),
            multipart_id=multipart_id,
            expires_at=now + upload_lifetime(),
        )


def part_size_for(size: int) -> int:
    """Bytes a part: whole MiB, at least 8, so that 9000 of them hold the file."""
    return max(SMALLEST_PART, -(-size // (MOST_PARTS * MIB)) * MIB)


def clean_text(text: str) -> str:
    """Return `text` in NFC without control and direction-changing characters, fit to be shown."""
    normal = unicodedata.normalize("NFC", text)
    return "".join(c for c in normal if c in JOINERS or unicodedata.category(c) not in UNSHOWN).strip()


def part_urls(upload: Upload, numbers: list[int]) -> dict[int, str]:
    """Return a presigned URL for each part; each takes exactly that part's size."""
    wrong = [number for number in numbers if not 1 <= number <= upload.part_count]
    if wrong:
        raise UploadRefused(
            _("There is no part %(number)s: this file has %(count)s.")
            % {"number": wrong[0], "count": upload.part_count},
            "no_such_part",
        )
    return {
        number: storage.sign_part(upload.key, upload.multipart_id, number, upload.size_of_part(number))
        for number in numbers
    }


def stored_parts(upload: Upload) -> tuple[storage.Part, ...]:
    """Return the parts that S3 has; all of them once the object exists."""
    if upload.state == Upload.State.COMPLETED:
        return ()
    try:
        return storage.list_parts(upload.key, upload.multipart_id)
    except storage.Missing as error:
        _refuse_gone(upload, error)
        return ()


def _refuse_gone(upload: Upload, error: storage.Missing) -> None:
    """Let it pass if the parts are only gone because somebody has joined them meanwhile."""
    if not storage.pin(upload.key):
        raise UploadRefused(
            _("What had arrived of this upload is gone. Choose the file again to begin from the start."),
            "gone",
        ) from error


def complete(upload: Upload, now: datetime) -> None:
    """Join the parts once all are there and whole. Harmless when repeated. Raise UploadRefused otherwise."""
    if upload.state == Upload.State.COMPLETED:
        return
    if not storage.pin(upload.key):
        parts = stored_parts(upload)
        _refuse_incomplete(upload, {part.number: part.size for part in parts})
        try:
            storage.complete_multipart(upload.key, upload.multipart_id, parts)
        except storage.Missing as error:
            _refuse_gone(upload, error)
    upload.mark_completed(now)
    logger.info("upload %s complete: %s bytes for video %s", upload.pk, upload.size, upload.video_id)


def _refuse_incomplete(upload: Upload, sizes: dict[int, int]) -> None:
    for number in range(1, upload.part_count + 1):
        expected, arrived = upload.size_of_part(number), sizes.get(number, 0)
        if arrived != expected:
            raise UploadRefused(
                _("Part %(number)s has %(arrived)s of %(expected)s bytes. Send it again.")
                % {"number": number, "arrived": arrived, "expected": expected},
                "incomplete",
            )


def abort(upload: Upload, now: datetime, actor: User | None = None) -> None:
    """Give up an upload: what arrived goes, and the video with it. Raise UploadRefused once it is complete."""
    if upload.state == Upload.State.COMPLETED:
        raise UploadRefused(_("This upload is complete. Delete the video instead."), "completed")
    upload.video.delete_soon(now, actor)
    storage.abort_multipart(upload.key, upload.multipart_id)


def expire(now: datetime) -> int:
    """Give up every upload that was never finished in time; return how many."""
    late = Upload.objects.filter(state=Upload.State.ISSUED, video__deleted_at=None, expires_at__lte=now)
    count = 0
    for upload in late.select_related("video")[:100]:
        if storage.pin(upload.key):
            # Joined in time, by somebody who could not write it down; from here on the sweep knows.
            upload.mark_completed(now)
        else:
            abort(upload, now)
            count += 1
    return count


def purge(video: Video) -> None:
    """Remove every object of a deleted video, then its row. Harmless when repeated."""
    upload = Upload.objects.filter(video=video).first()
    if upload:
        storage.abort_multipart(upload.key, upload.multipart_id)
        storage.delete_source(upload.key)
    storage.delete_media(keys.video_prefix(video.pk))
    storage.invalidate(keys.video_prefix(video.pk))
    logger.info("video %s goes, with every object", video.pk)
    video.delete()
