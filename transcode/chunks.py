"""The spans of a job that any worker may encode: who has which, and what became of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.db import models, transaction
from django.db.models import Case, F, Q, When

from transcode.core.progress import Part
from transcode.core.spans import Span
from transcode.leases import LeaseLost
from videos.events import Event, Kind


class ChunkQuerySet(models.QuerySet["Chunk"]):
    def idle(self, now: datetime) -> ChunkQuerySet:
        """Return the chunks that nobody works on and that are due."""
        waiting = Q(state=Chunk.State.QUEUED) & (Q(retry_at=None) | Q(retry_at__lte=now))
        abandoned = Q(state=Chunk.State.RUNNING, leased_until__lte=now)
        return self.filter(waiting | abandoned)

    def claimable(self, now: datetime) -> ChunkQuerySet:
        return self.idle(now).filter(job__video__deleted_at=None)

    def running(self, now: datetime) -> ChunkQuerySet:
        return self.filter(state=Chunk.State.RUNNING, leased_until__gt=now)

    def take(self, candidate: int, now: datetime, lease: timedelta, worker: str) -> Chunk | None:
        """Take the lease on a chunk; None if another worker got there first."""
        # Conditions on this one table: across a join, MySQL would read them before it waits for the row.
        taken = (
            Chunk.objects.idle(now)
            .filter(pk=candidate)
            .update(
                # First, because MySQL assigns from left to right and this one looks at the old state.
                deaths=F("deaths") + Case(When(state=Chunk.State.RUNNING, then=1), default=0),
                state=Chunk.State.RUNNING,
                leased_until=now + lease,
                attempt=F("attempt") + 1,
                worker=worker,
                retry_at=None,
                frames_done=0,
                begun_at=now,
            )
        )
        return Chunk.objects.select_related("job__video__owner").get(pk=candidate) if taken else None


class Chunk(models.Model):
    """A span of a job's video: a run of whole segments, in every rung."""

    class State(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        SUCCEEDED = "succeeded"

    job = models.ForeignKey("transcode.Job", on_delete=models.CASCADE, related_name="chunks")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=16, choices=State, default=State.QUEUED)
    span = models.JSONField()
    # The fencing token: every write of a worker names the attempt it holds.
    attempt = models.PositiveIntegerField(default=0)
    failures = models.PositiveSmallIntegerField(default=0, help_text="In a row.")
    deaths = models.PositiveSmallIntegerField(default=0, help_text="Workers that died on it.")
    worker = models.CharField(max_length=255, blank=True)
    leased_until = models.DateTimeField(null=True, blank=True)
    retry_at = models.DateTimeField(null=True, blank=True)
    frames_done = models.PositiveIntegerField(default=0)
    begun_at = models.DateTimeField(null=True, blank=True, help_text="Of the latest attempt.")
    made = models.JSONField(
        null=True, blank=True, help_text="Its files in S3, and what was measured of them."
    )
    detail = models.TextField(blank=True, help_text="The last words of what went wrong, for staff.")

    objects = ChunkQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["job", "number"], name="chunk_is_once_in_a_job"),
            models.CheckConstraint(
                name="chunk_is_leased_exactly_while_running",
                condition=Q(state="running", leased_until__isnull=False)
                | (~Q(state="running") & Q(leased_until__isnull=True)),
            ),
            models.CheckConstraint(
                name="chunk_is_made_exactly_when_succeeded",
                condition=Q(state="succeeded", made__isnull=False)
                | (~Q(state="succeeded") & Q(made__isnull=True)),
            ),
        ]
        indexes = [models.Index(fields=["state", "leased_until"], name="chunk_queue")]
        ordering = ["job", "number"]

    def __str__(self) -> str:
        return f"chunk {self.number} of job {self.job_id}, attempt {self.attempt}"

    @property
    def planned(self) -> Span:
        return Span(**{**self.span, "starts": tuple(self.span["starts"])})

    @property
    def prefix(self) -> str:
        """What the names of this attempt's files begin with: two attempts never share a key."""
        return prefix(self.number, self.attempt)

    def part(self, frames: int, now: datetime) -> Part:
        """Return how far it is, of a video with so many frames."""
        span = self.planned
        seconds = (now - self.begun_at).total_seconds() if self.begun_at else 0.0
        return Part(span.frames or frames - span.first, self.frames_done, seconds)

    # --- mutators of the worker that holds the lease: LeaseLost if it no longer does ---------------------------------

    def renew(self, until: datetime, frames_done: int) -> None:
        self._hold(leased_until=until, frames_done=frames_done)
        self.job.require_wanted()

    def succeed(self, made: dict[str, Any], frames: int) -> None:
        """Write down what was made, and that there is one chunk less to wait for; both or neither."""
        with self._locked():
            self._hold(
                state=self.State.SUCCEEDED, leased_until=None, made=made, frames_done=frames, detail=""
            )
            self.job.count_down()

    def retry_later(self, detail: str, retry_at: datetime, now: datetime) -> None:
        with transaction.atomic():
            self._hold(
                state=self.State.QUEUED,
                leased_until=None,
                retry_at=retry_at,
                failures=F("failures") + 1,
                frames_done=0,
                detail=detail,
            )
            self._tell(Kind.ATTEMPT_FAILED, now, detail.partition("\n")[0])

    def hand_back(self, now: datetime, retry_at: datetime | None = None, why: str = "") -> None:
        """Let go of the chunk, which is nobody's fault and costs no try."""
        with transaction.atomic():
            self._hold(state=self.State.QUEUED, leased_until=None, retry_at=retry_at, frames_done=0)
            self._tell(Kind.HANDED_BACK, now, why or self.worker)

    def begin_anew(self, way: str, detail: str, now: datetime) -> None:
        """Drop what was made of the job, to make it another way."""
        with self._locked():
            self._hold(worker=self.worker)
            self.job.drop(way, detail, now)

    def give_up(self, reason: str, detail: str, now: datetime) -> None:
        """End the job: this went wrong too often."""
        with self._locked():
            self._hold(worker=self.worker)
            self.job.end(reason, detail, now)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """The job's row goes first, as wherever both are written: the other way round, two would wait for each other."""
        with transaction.atomic():
            self.job.lock()
            yield

    def _tell(self, kind: Kind, now: datetime, detail: str) -> None:
        Event.objects.record(self.job.video_id, kind, now, detail=f"{self.number}: {detail}")

    def _hold(self, **changes: object) -> None:
        held = Chunk.objects.filter(pk=self.pk, state=self.State.RUNNING, attempt=self.attempt)
        if not held.update(**changes):
            raise LeaseLost(str(self))


def prefix(number: int, attempt: int) -> str:
    return f"c{number}a{attempt}-"
