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
    # Owners by a query of their own: in a join, MariaDB starts at the people and sorts every video there is.
    rows = newest(videos.prefetch_related("owner"), field, after, size + 1)
    more = len(rows) > size
    return rows[:size], mark_of(rows[size - 1], field) if more else ""


def newest(videos: VideoQuerySet, field: str, after: str, most: int) -> list[Video]:
    return list(older(videos, field, after).order_by(f"-{field}", "-pk")[:most])


def older(videos: VideoQuerySet, field: str, after: str) -> VideoQuerySet:
    if not after:
        return videos
    at, pk = read(after)
    # The first condition is what an index can begin at; the second leaves out what was shown.
    return videos.filter(Q(**{f"{field}__lte": at}), Q(**{f"{field}__lt": at}) | Q(pk__lt=pk))


def mark_of(video: Video, field: str) -> str:
    at: datetime = getattr(video, field)
    return f"{(at - EPOCH) // timedelta(microseconds=1)}-{video.pk.hex}"


def read(mark: str) -> tuple[datetime, UUID]:
    microseconds, _, pk = mark.partition("-")
    try:
        return EPOCH + timedelta(microseconds=int(microseconds)), UUID(pk)
    except (ValueError, OverflowError) as error:
        raise Http404 from error
