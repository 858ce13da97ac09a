"""The timeline of a video: what happened to it, when, and by whom. Written by the functions that do it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User


class Kind(models.TextChoices):
    UPLOAD_BEGUN = "upload-begun", _("Upload begun")
    UPLOAD_COMPLETED = "upload-completed", _("Upload completed")
    QUEUED = "queued", _("Queued")
    ATTEMPT_BEGAN = "attempt-began", _("Attempt began")
    ATTEMPT_FAILED = "attempt-failed", _("Attempt failed")
    HANDED_BACK = "handed-back", _("Handed back")
    REFUSED = "refused", _("File refused")
    GIVEN_UP = "given-up", _("Given up")
    CANCELLED = "cancelled", _("Cancelled")
    PUBLISHED = "published", _("Published")
    ENCODE_ASKED = "encode-asked", _("Asked to encode again")
    VISIBILITY_CHANGED = "visibility-changed", _("Visibility changed")
    EDITED = "edited", _("Edited")
    OWNER_CHANGED = "owner-changed", _("Owner changed")
    TAKEN_DOWN = "taken-down", _("Taken down")
    RESTORED = "restored", _("Restored")
    DELETED = "deleted", _("Deleted")


# What ended without a video.
FAILURES = (Kind.REFUSED, Kind.GIVEN_UP)


@dataclass(frozen=True, slots=True)
class Act:
    """What the timeline says of a change."""

    kind: Kind
    at: datetime
    actor: User | None
    detail: str = ""


class EventManager(models.Manager["Event"]):
    def record(
        self, video: UUID, kind: Kind, at: datetime, *, actor: User | None = None, detail: str = ""
    ) -> None:
        self.create(video_id=video, kind=kind, at=at, actor=actor, detail=detail)

    def record_all(
        self, videos: Collection[UUID], kind: Kind, at: datetime, *, actor: User, detail: str = ""
    ) -> None:
        """Write the same line into several timelines at once."""
        self.bulk_create(
            Event(video_id=video, kind=kind, at=at, actor=actor, detail=detail) for video in videos
        )


class Event(models.Model):
    """One thing that happened to a video. Never changed; it goes with its video."""

    video = models.ForeignKey("videos.Video", on_delete=models.CASCADE, related_name="events")
    at = models.DateTimeField()
    kind = models.CharField(max_length=24, choices=Kind)
    # Nobody where the site itself acted.
    actor = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    detail = models.TextField(blank=True)

    objects: ClassVar[EventManager] = EventManager()

    class Meta:
        indexes = [models.Index(fields=["kind", "at"], name="event_kind")]

    def __str__(self) -> str:
        return str(self.get_kind_display())
