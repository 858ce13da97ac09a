"""Who is working on what. The database decides; the queue only says «look again»."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from django.db import models, transaction
from django.db.models import Case, Count, F, OuterRef, Q, Subquery, Sum, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from accounts.models import User
from transcode.chunks import Chunk as Chunk
from transcode.core import progress
from transcode.core.spans import Span
from transcode.hosts import Host as Host
from transcode.leases import LeaseLost as LeaseLost
from transcode.leases import require_wanted
from videos import keys
from videos.events import Event, Kind
from videos.models import Published, Video
from videos.storage import Source

Clock = Callable[[], datetime]
CANCELLED = "Whoever runs this site stopped the work on this video. It is kept; try again, or ask them why."


def served(now: datetime, owner: str) -> Combinable:
    """Return how much is worked on for the same owner, whose column is `owner`."""
    jobs = Job.objects.filter(state=Job.State.RUNNING, leased_until__gt=now, video__owner=OuterRef(owner))
    chunks = Chunk.objects.running(now).filter(job__video__owner=OuterRef(owner))
    return _count(jobs, "video__owner") + _count(chunks, "job__video__owner")


def _count(rows: models.QuerySet[Any], owner: str) -> Coalesce:
    return Coalesce(Subquery(rows.order_by().values(owner).annotate(n=Count("pk")).values("n")), 0)


class JobQuerySet(models.QuerySet["Job"]):
    def idle(self, now: datetime) -> JobQuerySet:
        """Return the jobs that nobody works on and that are due."""
        waiting = Q(state=Job.State.QUEUED) & (Q(retry_at=None) | Q(retry_at__lte=now))
        abandoned = Q(state=Job.State.RUNNING, leased_until__lte=now)
        complete = Q(state=Job.State.WAITING, chunks_left=0)
        return self.filter(waiting | abandoned | complete)

    def claimable(self, now: datetime) -> JobQuerySet:
        """Return the jobs that a worker should take now."""
        return self.idle(now).filter(video__deleted_at=None)

    def in_turn(self, now: datetime) -> JobQuerySet:
        """Least-served owner first, then age."""
        return self.annotate(served=served(now, "video__owner")).order_by("served", "queued_at", "pk")

    @transaction.atomic
    def take(self, candidate: int, now: datetime, lease: timedelta, worker: str) -> Job | None:
        # Conditions on this one table: across a join, MySQL would read them before it waits for the row.
        taken = (
            Job.objects.idle(now)
            .filter(pk=candidate)
            .update(
                # First, because MySQL assigns from left to right and this one looks at the old state.
                deaths=F("deaths") + Case(When(state=Job.State.RUNNING, then=1), default=0),
                state=Job.State.RUNNING,
                leased_until=now + lease,
                attempt=F("attempt") + 1,
                worker=worker,
                started_at=now,
                retry_at=None,
                tidied=False,
            )
        )
        if not taken:
            return None
        job = Job.objects.select_related("video__owner").get(pk=candidate)
        Video.objects.filter(pk=job.video_id).update(queue_position=None)
        job.tell(Kind.ATTEMPT_BEGAN, now, f"{job.attempt}, {worker}")
        return job

    def asked_again(self) -> JobQuerySet:
        """Return jobs that are over and whose video was asked for again since."""
        # A failed job fails its video in the same transaction, so one whose video processes was asked for again.
        retried = Q(state=Job.State.FAILED, video__status=Video.Status.PROCESSING)
        renewed = Q(state__in=Job.OVER, video__encode_requested_at__gt=F("queued_at"))
        return self.filter(retried | renewed, video__deleted_at=None)


class Job(models.Model):
    """The one job of a video: from its uploaded source to a published version."""

    class State(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        # Nobody holds it; it is gone on with when all of its chunks are there.
        WAITING = "waiting"
        SUCCEEDED = "succeeded"
        FAILED = "failed"

    class Way(models.TextChoices):
        """How it is made; each is surer than the one before."""

        KEEP = "keep"
        CHUNKS = "chunks"
        WHOLE = "whole"

    OVER = (State.SUCCEEDED, State.FAILED)

    video = models.OneToOneField(Video, on_delete=models.CASCADE, related_name="job")
    state = models.CharField(max_length=16, choices=State, default=State.QUEUED)
    # The fencing token: every write of a worker names the attempt it holds.
    attempt = models.PositiveIntegerField(default=0)
    failures = models.PositiveSmallIntegerField(default=0, help_text="In a row, since it was last asked for.")
    deaths = models.PositiveSmallIntegerField(
        default=0, help_text="Workers that died on it, since it was last asked for."
    )
    worker = models.CharField(max_length=255, blank=True)
    leased_until = models.DateTimeField(null=True, blank=True)
    retry_at = models.DateTimeField(null=True, blank=True)
    queued_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    tidied = models.BooleanField(default=True, help_text="Nothing of an unpublished attempt is left in S3.")

    source_key = models.CharField(max_length=255)
    source_version_id = models.CharField(max_length=255, blank=True)
    source_etag = models.CharField(max_length=255)
    source_size = models.PositiveBigIntegerField()
    part_size = models.PositiveBigIntegerField()

    plan = models.JSONField(null=True, blank=True)
    way = models.CharField(max_length=16, choices=Way, default=Way.KEEP)
    # Where its files go. Chosen when work begins, and again when it begins anew.
    version = models.CharField(max_length=32, blank=True)
    epoch = models.CharField(max_length=16, blank=True)
    made = models.JSONField(
        null=True,
        blank=True,
        help_text="What goes before and beside the chunks: the first segments, and the sound.",
    )
    chunks_left = models.PositiveIntegerField(default=0)
    # Frames to expect, 0 where nobody knows, and those that are there of what goes before the chunks.
    frames = models.PositiveIntegerField(default=0)
    frames_done = models.PositiveIntegerField(default=0)
    encoding_at = models.DateTimeField(null=True, blank=True)
    command = models.TextField(blank=True, help_text="The last ffmpeg, as a shell would take it.")
    detail = models.TextField(blank=True, help_text="The last words of what went wrong, for staff.")

    objects = JobQuerySet.as_manager()

    # Nothing was planned before, or that was dropped: what viewers see of it may be unfit, and is not worth waiting for.
    is_anew = False

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="job_is_leased_exactly_while_running",
                condition=Q(state="running", leased_until__isnull=False)
                | (~Q(state="running") & Q(leased_until__isnull=True)),
            ),
            models.CheckConstraint(
                name="job_has_an_end_exactly_when_over",
                condition=Q(state__in=["succeeded", "failed"], finished_at__isnull=False)
                | (Q(state__in=["queued", "running", "waiting"]) & Q(finished_at__isnull=True)),
            ),
        ]
        indexes = [
            models.Index(fields=["state", "queued_at"], name="job_queue"),
            models.Index(fields=["tidied"], name="job_untidy"),
        ]

    def __str__(self) -> str:
        return f"job {self.pk}, attempt {self.attempt}"

    @property
    def source(self) -> Source:
        return Source(self.source_key, self.source_version_id, self.source_etag, self.source_size)

    @property
    def prefix(self) -> str:
        """Below which all objects of its version are."""
        return keys.version_prefix(self.video_id, self.epoch, self.version)

    @property
    def is_made(self) -> bool:
        """True once all parts are there, and it remains to publish them."""
        return self.made is not None and not self.chunks_left

    # --- mutators of the worker that holds the lease: LeaseLost if it no longer does ---------------------------------

    def renew(self, until: datetime, frames_done: int) -> None:
        self._hold(leased_until=until, frames_done=frames_done)
        self.require_wanted()

    def require_wanted(self) -> None:
        """Raise LeaseLost if the video was deleted, EpochLeft if what is stored for it would open for nobody."""
        epochs = Video.objects.existing().filter(pk=self.video_id).values_list("epoch", flat=True)
        require_wanted(epochs.first(), self.epoch, self)

    def begin_version(self, plan: dict[str, Any], frames: int | None, now: datetime) -> None:
        """Choose where its files go, and forget what was made elsewhere."""
        self.is_anew = self.plan is None
        with transaction.atomic():
            self.video.refresh_from_db(fields=["epoch"])
            self._hold(
                plan=plan,
                version=f"a{self.attempt}",
                epoch=self.video.epoch,
                made=None,
                chunks_left=0,
                frames=frames or 0,
                frames_done=0,
                encoding_at=now,
            )
            self.chunks.all().delete()

    def begin_encoding(self, now: datetime) -> None:
        """From now on it is made; what it waited for before says nothing of how long it takes."""
        self._hold(encoding_at=now)

    def remember(self, plan: dict[str, Any], command: str) -> None:
        self._hold(plan=plan, command=command)

    def lay_out(self, spans: Iterable[Span]) -> None:
        """Let every worker have a part of it."""
        chunks = [Chunk(job=self, number=span.number, span=asdict(span)) for span in spans]
        with transaction.atomic():
            self._hold(chunks_left=len(chunks))
            Chunk.objects.bulk_create(chunks)

    def wait(self, made: dict[str, Any]) -> None:
        """Let go, until all chunks are there."""
        self._hold(state=self.State.WAITING, leased_until=None, made=made, failures=0, deaths=0)

    def succeed(self, published: Published, now: datetime) -> None:
        """End the job and point viewers at its version, both or neither."""
        with transaction.atomic():
            self._hold(state=self.State.SUCCEEDED, leased_until=None, finished_at=now, failures=0, detail="")
            self.video.epoch = self.epoch
            if not self.video.publish(published, now):
                self.require_wanted()
                raise LeaseLost(f"{self}: the video is not made any more")

    def fail(self, reason: str, detail: str, now: datetime, *, kind: Kind = Kind.REFUSED) -> None:
        """End the job for good; `reason` is what the uploader reads."""
        with transaction.atomic():
            self._hold(state=self.State.FAILED, leased_until=None, finished_at=now, detail=detail)
            self.chunks.all().delete()
            self.video.fail(reason)
            # What is ours to mend is told apart by the error, what is the file's fault by the sentence.
            self.tell(kind, now, reason if kind == Kind.REFUSED else _first_line(detail))

    def retry_later(self, detail: str, retry_at: datetime, now: datetime) -> None:
        with transaction.atomic():
            self._hold(
                state=self.State.QUEUED,
                leased_until=None,
                retry_at=retry_at,
                failures=F("failures") + 1,
                detail=detail,
            )
            self.tell(Kind.ATTEMPT_FAILED, now, _first_line(detail))

    def hand_back(self, now: datetime, retry_at: datetime | None = None, why: str = "") -> None:
        """Let go of the job, which is nobody's fault and costs no try."""
        with transaction.atomic():
            self._hold(state=self.State.QUEUED, leased_until=None, retry_at=retry_at)
            self.tell(Kind.HANDED_BACK, now, why or self.worker)

    def begin_anew(self, way: str, detail: str, now: datetime) -> None:
        """Drop what was made, to make it another way."""
        with transaction.atomic():
            self._hold(worker=self.worker)
            self.drop(way, detail, now)

    def lock_if_current(self) -> bool:
        """Keep others from it until the transaction ends; False if another attempt has it, or makes it anew."""
        current = Job.objects.filter(pk=self.pk, attempt=self.attempt, version=self.version)
        return current.select_for_update().first() is not None

    # --- mutators of the worker that holds one of its chunks: LeaseLost if the job is over --------------------------------

    def lock(self) -> None:
        """Keep others from it until the transaction ends."""
        Job.objects.select_for_update().filter(pk=self.pk).first()

    def drop(self, way: str, detail: str, now: datetime) -> None:
        changes = {"state": self.State.QUEUED, "plan": None, "made": None, "way": way}
        with transaction.atomic():
            self._move(**changes, leased_until=None, retry_at=None, detail=detail)
            self.chunks.all().delete()
            self.tell(Kind.HANDED_BACK, now, _first_line(detail))

    def end(self, reason: str, detail: str, now: datetime) -> None:
        with transaction.atomic():
            self._move(state=self.State.FAILED, leased_until=None, finished_at=now, detail=detail)
            self.chunks.all().delete()
            self.video.fail(reason)
            self.tell(Kind.GIVEN_UP, now, _first_line(detail))

    def _move(self, **changes: object) -> None:
        if not Job.objects.filter(pk=self.pk).exclude(state__in=self.OVER).update(**changes):
            raise LeaseLost(f"{self} is over")

    def count_down(self) -> None:
        """One chunk less to wait for, whoever holds the job, or nobody for now: one that is over has no chunks."""
        if not Job.objects.filter(pk=self.pk, chunks_left__gt=0).update(chunks_left=F("chunks_left") - 1):
            raise LeaseLost(f"{self} waits for no chunk")

    def report(self, now: datetime) -> None:
        """Tell people how far it is, and when it will be there."""
        rows = Job.objects.filter(pk=self.pk).annotate(parts=Coalesce(Sum("chunks__frames_done"), 0))
        frames, lead, parts, begun = rows.values_list("frames", "frames_done", "parts", "encoding_at").get()
        if begun is None:
            return
        done = min(1.0, (lead + parts) / frames) if frames else 0.5
        running = [chunk.part(frames, now) for chunk in self.chunks.running(now).order_by()]
        left = progress.remaining((now - begun).total_seconds(), done, running)
        eta_at = now + timedelta(seconds=left) if frames and left is not None else None
        self.video.report_progress(progress.within(progress.DOWNLOADED, progress.ENCODED, done), eta_at)

    def tell(self, kind: Kind, at: datetime, detail: str = "", actor: User | None = None) -> None:
        Event.objects.record(self.video_id, kind, at, actor=actor, detail=detail)

    def _hold(self, **changes: object) -> None:
        if not self._held().update(**changes):
            raise LeaseLost(str(self))
        for name, value in changes.items():
            if not isinstance(value, Combinable):
                setattr(self, name, value)

    def _held(self) -> JobQuerySet:
        return Job.objects.filter(pk=self.pk, state=self.State.RUNNING, attempt=self.attempt)

    # --- mutators of the sweep and of staff -------------------------------------------------------------------------

    def queue_again(self, now: datetime) -> bool:
        """Give a job that is over another round of tries; False if somebody already has."""
        unchanged = Job.objects.filter(pk=self.pk, state__in=self.OVER, finished_at=self.finished_at)
        with transaction.atomic():
            changed = unchanged.update(
                state=self.State.QUEUED,
                finished_at=None,
                failures=0,
                deaths=0,
                retry_at=None,
                queued_at=now,
                way=self.Way.KEEP,
                plan=None,
                made=None,
                chunks_left=0,
            )
            if changed:
                self.chunks.all().delete()
                self.tell(Kind.QUEUED, now)
        return bool(changed)

    def encode_again(self, now: datetime, actor: User) -> bool:
        """Make another version, of a video that plays or of one that failed; False while work on it goes on."""
        with transaction.atomic():
            asked = self.queue_again(now) and (
                self.video.request_encode(now, actor) or self.video.request_new_version(now, actor)
            )
            if not asked:
                transaction.set_rollback(True)
        return asked

    def cancel(self, now: datetime, actor: User) -> bool:
        """Stop what waits or runs; a worker notices when it next renews its lease. False if it is over."""
        unfinished = Job.objects.filter(pk=self.pk).exclude(state__in=self.OVER)
        with transaction.atomic():
            changed = unfinished.update(
                state=self.State.FAILED, leased_until=None, retry_at=None, finished_at=now, detail=""
            )
            if changed:
                self.chunks.all().delete()
                self.video.fail(CANCELLED)
                self.tell(Kind.CANCELLED, now, actor=actor)
        return bool(changed)

    def mark_untidy(self) -> None:
        """Have the sweep look once more, where it may have looked before what was late arrived."""
        Job.objects.filter(pk=self.pk, state__in=self.OVER).update(tidied=False)

    def mark_tidied(self) -> None:
        Job.objects.filter(pk=self.pk, attempt=self.attempt, state__in=self.OVER).update(tidied=True)


def _first_line(text: str) -> str:
    return text.partition("\n")[0]


class SweepLease(models.Model):
    """One row: which worker sweeps, and until when nobody else does."""

    until = models.DateTimeField()

    def __str__(self) -> str:
        return f"sweep, until {self.until:%H:%M:%S}"

    @classmethod
    def take(cls, now: datetime, length: timedelta) -> bool:
        """Return True for the one worker that may sweep now."""
        cls.objects.get_or_create(pk=1, defaults={"until": now})
        return bool(cls.objects.filter(pk=1, until__lte=now).update(until=now + length))


def show_queue_positions(now: datetime) -> None:
    """Write each waiting video's place in the queue where its page can read it: one query to read, one to write."""
    waiting = Job.objects.filter(state=Job.State.QUEUED, video__deleted_at=None).in_turn(now)
    places = dict(enumerate(waiting.values_list("video", flat=True)[:500], start=1))
    if places:
        numbered = Case(*(When(pk=video, then=place) for place, video in places.items()))
        # A new version of a video that plays waits unseen.
        waiting_videos = Video.objects.filter(pk__in=places.values(), status=Video.Status.PROCESSING)
        waiting_videos.update(queue_position=numbered)
