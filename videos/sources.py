"""Where a video comes from: leave to send one file, and what became of it."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models, transaction
from django.db.models import Q

from accounts.models import User
from videos import keys
from videos.events import Event, Kind


class UploadQuerySet(models.QuerySet["Upload"]):
    def of(self, user: User | AnonymousUser) -> UploadQuerySet:
        return self.filter(video__owner=user.pk, video__deleted_at=None).select_related("video")

    def open(self, now: datetime) -> UploadQuerySet:
        return self.filter(state=Upload.State.ISSUED, video__deleted_at=None, expires_at__gt=now)


class Upload(models.Model):
    """Leave to send one file to one key in the ingest bucket."""

    class State(models.TextChoices):
        ISSUED = "issued"
        COMPLETED = "completed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    video = models.OneToOneField("videos.Video", on_delete=models.CASCADE, related_name="upload")
    state = models.CharField(max_length=16, choices=State, default=State.ISSUED)
    filename = models.CharField(
        max_length=255, help_text="As the person's computer called it; shown, never used."
    )
    size = models.PositiveBigIntegerField(help_text="Bytes, as declared; what arrives is compared with it.")
    part_size = models.PositiveBigIntegerField()
    multipart_id = models.CharField(max_length=1024)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    completed_at = models.DateTimeField(null=True, blank=True)

    objects = UploadQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="upload_has_a_time_exactly_when_completed",
                condition=Q(state="completed", completed_at__isnull=False)
                | (~Q(state="completed") & Q(completed_at__isnull=True)),
            )
        ]
        indexes = [
            models.Index(fields=["state", "expires_at"], name="upload_open"),
            models.Index(fields=["-created_at", "-id"], name="upload_newest"),
        ]

    def __str__(self) -> str:
        return self.filename

    @property
    def key(self) -> str:
        return keys.source_key(self.pk)

    @property
    def part_count(self) -> int:
        return -(-self.size // self.part_size)

    def size_of_part(self, number: int) -> int:
        return min(self.part_size, self.size - (number - 1) * self.part_size)

    def mark_completed(self, now: datetime) -> None:
        """Remember that the object exists; whoever learns it first says so."""
        with transaction.atomic():
            changed = Upload.objects.filter(pk=self.pk, state=self.State.ISSUED).update(
                state=self.State.COMPLETED, completed_at=now
            )
            if changed:
                self.state, self.completed_at = self.State.COMPLETED, now
                Event.objects.record(self.video_id, Kind.UPLOAD_COMPLETED, now)


def upload_lifetime() -> timedelta:
    return timedelta(days=settings.UPLOAD_DAYS)
