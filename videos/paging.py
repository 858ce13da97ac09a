"""Keyset pages: the next page starts after the last row seen, however many rows there are."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db.models import Q
from django.http import Http404

from videos.models import Video, VideoQuerySet

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
PAGE_SIZE = 24


def page(videos: VideoQuerySet, field: str, after: str, size: int = PAGE_SIZE) -> tuple[list[Video], str]:
    """Return the newest videos by `field` after the mark, and the mark for the next page (empty at the end)."""
    if after:
        at, pk = _read(after)
        videos = videos.filter(Q(**{f"{field}__lt": at}) | Q(**{field: at, "pk__lt": pk}))
    rows = list(videos.order_by(f"-{field}", "-pk").select_related("owner")[: size + 1])
    more = len(rows) > size
    return rows[:size], _mark(rows[size - 1], field) if more else ""


def _mark(video: Video, field: str) -> str:
    at: datetime = getattr(video, field)
    return f"{(at - EPOCH) // timedelta(microseconds=1)}-{video.pk.hex}"


def _read(mark: str) -> tuple[datetime, UUID]:
    microseconds, _, pk = mark.partition("-")
    try:
        return EPOCH + timedelta(microseconds=int(microseconds)), UUID(pk)
    except (ValueError, OverflowError) as error:
        raise Http404 from error
