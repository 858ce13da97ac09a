"""What a viewer can see: videos and their renditions."""

from __future__ import annotations

import secrets
import uuid
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from videos import keys
from videos.events import Act, Event, Kind
from videos.growing import GrowingPlaylist as GrowingPlaylist
from videos.moments import clock_text
from videos.published import Growth as Growth
from videos.published import Published as Published
from videos.published import PublishedRendition as PublishedRendition
from videos.sentences import translated
from videos.sources import Upload as Upload
from videos.tallies import Tally as Tally

# What to write where nothing can be watched any more.
NOTHING_PLAYS: dict[str, object] = {
    "playable": "nothing",
    "version": "",
    "watchable_ms": None,
    "duration_ms": None,
    "published_at": None,
}


def new_epoch() -> str:
    return secrets.token_hex(8)


def closing(visibility: object, now: datetime) -> dict[str, datetime]:
    """Return what to write beside a new visibility, so that what was handed out before is closed."""
    return {"close_at": now} if visibility == Video.Visibility.PRIVATE else {}


class VideoQuerySet(models.QuerySet["Video"]):
    def existing(self) -> VideoQuerySet:
        return self.filter(deleted_at=None)

    def visible_to(self, user: User | AnonymousUser) -> VideoQuerySet:
        """The one question: which videos may this person open?"""
        if user.is_authenticated and user.is_staff:
            return self.existing()
        shared = Q(published_at__isnull=False) & ~Q(visibility=Video.Visibility.PRIVATE)
        return self.standing().filter(shared | Q(owner=user.pk) if user.pk else shared)

    def standing(self) -> VideoQuerySet:
        """What was neither deleted nor taken down."""
        return self.existing().filter(taken_down_at=None)

    def owned_by(self, user: User | AnonymousUser) -> VideoQuerySet:
        return self.existing().filter(owner=user.pk)

    def listed(self) -> VideoQuerySet:
        """What plays and is for everybody, also while the rest of it is made."""
        return self.standing().filter(published_at__isnull=False, visibility=Video.Visibility.PUBLIC)

    def of_channel(self, username: str) -> VideoQuerySet:
        return self.listed().filter(owner__username=username)

    def findable_by(self, user: User | AnonymousUser) -> VideoQuerySet:
        """What search may name: what everybody is shown, and one's own."""
        return self.listed() | self.owned_by(user) if user.pk else self.listed()


class Video(models.Model):
    class Status(models.TextChoices):
        UPLOADING = "uploading", _("Uploading")
        PROCESSING = "processing", _("Processing")
        READY = "ready", _("Ready")
        FAILED = "failed", _("Failed")

    class Visibility(models.TextChoices):
        PUBLIC = "public", _("Public")
        UNLISTED = "unlisted", _("Unlisted")
        PRIVATE = "private", _("Private")

    class Playable(models.TextChoices):
        NOTHING = "nothing"
        GROWING = "growing"
        FINAL = "final"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="videos")
    title = models.CharField(_("title"), max_length=200)
    description = models.TextField(_("description"), max_length=5000, blank=True)
    visibility = models.CharField(
        _("who can watch"), max_length=16, choices=Visibility, default=Visibility.PRIVATE
    )
    created_at = models.DateTimeField(auto_now_add=True)

    status = models.CharField(max_length=16, choices=Status, default=Status.UPLOADING)
    failure = models.TextField(blank=True, help_text="The sentence the uploader reads.")

    # What can be played, and where: media/v/<id>/<epoch>/<version>/multivariant.m3u8
    epoch = models.CharField(max_length=16, default=new_epoch, editable=False)
    playable = models.CharField(max_length=16, choices=Playable, default=Playable.NOTHING)
    version = models.CharField(max_length=32, blank=True)
    duration_ms = models.PositiveBigIntegerField(null=True, blank=True)
    watchable_ms = models.PositiveBigIntegerField(
        null=True, blank=True, help_text="How much of it can be watched while the rest is made."
    )
    stored_bytes = models.PositiveBigIntegerField(
        default=0, help_text="Of the published version, without the source."
    )
    published_at = models.DateTimeField(null=True, blank=True)
    posters_ms = models.JSONField(
        default=list,
        blank=True,
        help_text="When, in the published version, each picture to choose from is shown.",
    )
    poster_ms = models.PositiveBigIntegerField(
        _("picture"), null=True, blank=True, help_text="The one its owner chose; none for ours."
    )

    # What staff decided: hidden from everybody else, until it is restored.
    taken_down_at = models.DateTimeField(null=True, blank=True)
    taken_down_reason = models.TextField(blank=True, help_text="The owner reads it.")

    # Facts that transcode writes for people to see.
    progress = models.PositiveSmallIntegerField(default=0)
    queue_position = models.PositiveIntegerField(null=True, blank=True)
    eta_at = models.DateTimeField(null=True, blank=True)

    # Facts that videos writes for transcode to act on.
    encode_requested_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    # What was handed out must open nothing any more: from then on the sweep moves what plays to another epoch.
    close_at = models.DateTimeField(null=True, blank=True, editable=False)
    left_epoch = models.CharField(
        max_length=16, default="", editable=False, help_text="Its objects are still to be removed."
    )

    objects = VideoQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="video_has_a_failure_exactly_when_failed",
                condition=(Q(status="failed") & ~Q(failure="")) | (~Q(status="failed") & Q(failure="")),
            ),
            models.CheckConstraint(
                name="video_has_a_version_exactly_when_playable",
                condition=(Q(playable="nothing") & Q(version="")) | (~Q(playable="nothing") & ~Q(version="")),
            ),
            models.CheckConstraint(
                name="video_has_a_time_exactly_when_playable",
                condition=(Q(playable="nothing") & Q(published_at__isnull=True))
                | (~Q(playable="nothing") & Q(published_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="video_is_ready_only_when_final",
                condition=~Q(status="ready") | Q(playable="final"),
            ),
            models.CheckConstraint(
                name="video_has_a_reason_exactly_when_taken_down",
                condition=(Q(taken_down_at__isnull=False) & ~Q(taken_down_reason=""))
                | (Q(taken_down_at__isnull=True) & Q(taken_down_reason="")),
            ),
            models.CheckConstraint(name="video_progress_is_per_cent", condition=Q(progress__lte=100)),
        ]
        indexes = [
            models.Index(fields=["visibility", "-published_at", "-id"], name="video_home"),
            models.Index(fields=["owner", "-created_at", "-id"], name="video_studio"),
            models.Index(fields=["deleted_at"], name="video_deleted"),
            models.Index(fields=["owner", "visibility", "-published_at", "-id"], name="video_channel"),
            models.Index(fields=["close_at"], name="video_close"),
            models.Index(fields=["left_epoch"], name="video_left_epoch"),
            # The desk's own list.
            models.Index(fields=["-created_at", "-id"], name="video_newest"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("watch", args=[self.pk])

    @property
    def failure_said(self) -> str:
        return translated(self.failure)

    # --- mutators: every one is a conditional update, False when somebody else was first ------------------------------

    def start_processing(self) -> bool:
        return self._move(Q(status=self.Status.UPLOADING), status=self.Status.PROCESSING)

    def request_encode(self, now: datetime, actor: User | None = None) -> bool:
        """Ask for another try after a failure."""
        return self._act(
            Q(status=self.Status.FAILED),
            Act(Kind.ENCODE_ASKED, now, actor),
            status=self.Status.PROCESSING,
            failure="",
            progress=0,
            encode_requested_at=now,
        )

    def request_new_version(self, now: datetime, actor: User | None = None) -> bool:
        """Ask for another version of a video that plays, and plays on until the new one is published."""
        return self._act(
            Q(status=self.Status.READY), Act(Kind.ENCODE_ASKED, now, actor), encode_requested_at=now
        )

    def report_progress(self, per_cent: int, eta_at: datetime | None) -> bool:
        """Percentages never go back."""
        return self._move(
            Q(status=self.Status.PROCESSING, progress__lte=per_cent),
            progress=per_cent,
            eta_at=eta_at,
            queue_position=None,
        )

    def shows_more_than(self, growth: Growth, *, is_anew: bool) -> bool:
        """True if more can be watched already: of the same version, or of any where it is not made anew."""
        is_comparable = self.version == growth.version or not is_anew
        return is_comparable and (self.watchable_ms or 0) > growth.watchable_ms

    def publish_growing(self, growth: Growth, now: datetime) -> bool:
        """Let viewers at what there is so far; False if the video was deleted, is not made any more, or left the epoch."""
        with transaction.atomic():
            moved = self._move(
                Q(status=self.Status.PROCESSING, epoch=growth.epoch),
                playable=self.Playable.GROWING,
                version=growth.version,
                watchable_ms=growth.watchable_ms,
                duration_ms=growth.duration_ms,
                published_at=self.published_at or now,
                queue_position=None,
            )
            if moved:
                GrowingPlaylist.objects.write(self.pk, growth.playlists, now)
        return moved

    def publish(self, published: Published, now: datetime) -> bool:
        """Point viewers at a finished version; False if the video was deleted, or its epoch was left, meanwhile."""
        with transaction.atomic():
            row = Video.objects.select_for_update().filter(pk=self.pk)
            # Of the row: it may have begun to grow since this was read.
            version, published_at = row.values_list("version", "published_at").first() or ("", None)
            moved = self._move(
                ~Q(status=self.Status.UPLOADING) & Q(epoch=self.epoch),
                status=self.Status.READY,
                failure="",
                playable=self.Playable.FINAL,
                version=published.version,
                duration_ms=published.duration_ms,
                watchable_ms=None,
                stored_bytes=published.stored_bytes,
                posters_ms=list(published.posters_ms),
                published_at=published_at or now,
                progress=100,
                queue_position=None,
                eta_at=None,
            )
            if moved:
                Event.objects.record(self.pk, Kind.PUBLISHED, now, detail=published.version)
                if version != published.version:
                    # They name files of the version that was replaced.
                    self.growing.all().delete()
                self.renditions.all().delete()
                Rendition.objects.bulk_create(
                    Rendition(video=self, name=r.name, width=r.width, height=r.height, kbps=r.kbps)
                    for r in published.renditions
                )
        return moved

    def fail(self, reason: str) -> bool:
        """Say why there is nothing to watch, or not all of it."""
        with transaction.atomic():
            failed = self._move(
                ~Q(status=self.Status.READY),
                status=self.Status.FAILED,
                failure=reason,
                queue_position=None,
                eta_at=None,
            )
            if failed:
                self.shrink()
        return failed

    def shrink(self) -> bool:
        """Take back what was growing: it is made anew, or never."""
        moved = self._move(Q(playable=self.Playable.GROWING), **NOTHING_PLAYS)
        if moved:
            self.growing.all().delete()
        return moved

    def edit(self, changes: dict[str, Any], now: datetime, actor: User | None) -> bool:
        """Write what a person changed and nothing else: a worker may be writing the rest."""
        texts = sorted(name.removesuffix("_ms") for name in changes.keys() - {"visibility"})
        with transaction.atomic():
            moved = bool(changes) and self._move(Q(), **changes, **closing(changes.get("visibility"), now))
            if moved and texts:
                Event.objects.record(self.pk, Kind.EDITED, now, actor=actor, detail=", ".join(texts))
            if moved and "visibility" in changes:
                detail = changes["visibility"]
                Event.objects.record(self.pk, Kind.VISIBILITY_CHANGED, now, actor=actor, detail=detail)
        return moved

    def take_down(self, reason: str, now: datetime, actor: User) -> bool:
        """Hide the video from everybody but staff; its owner is told why."""
        return self._act(
            Q(taken_down_at=None),
            Act(Kind.TAKEN_DOWN, now, actor, reason),
            taken_down_at=now,
            taken_down_reason=reason,
            close_at=now,
        )

    def restore(self, now: datetime, actor: User) -> bool:
        return self._act(
            Q(taken_down_at__isnull=False),
            Act(Kind.RESTORED, now, actor),
            taken_down_at=None,
            taken_down_reason="",
        )

    def change_owner(self, owner: User, now: datetime, actor: User) -> bool:
        detail = f"{self.owner} → {owner}"
        return self._act(
            ~Q(owner=owner), Act(Kind.OWNER_CHANGED, now, actor, detail), owner=owner, close_at=now
        )

    def delete_soon(self, now: datetime, actor: User | None = None) -> bool:
        """Hide the video at once; the sweep removes every object, then the row."""
        return self._act(Q(), Act(Kind.DELETED, now, actor), deleted_at=now)

    def take_closing(self, until: datetime) -> bool:
        """Let nobody else begin before then; False if somebody else was first."""
        return self._move(Q(close_at=self.close_at, left_epoch=""), close_at=until)

    def enter_epoch(self, epoch: str) -> bool:
        """Play from another epoch, where a copy of this version lies."""
        here = Q(epoch=self.epoch, version=self.version, left_epoch="")
        return self._move(here, epoch=epoch, left_epoch=self.epoch, close_at=None)

    def begin_epoch(self, epoch: str) -> bool:
        """Leave an epoch in which nothing is final: whoever makes it begins anew; False if it became final meanwhile."""
        with transaction.atomic():
            moved = self._move(
                ~Q(playable=self.Playable.FINAL) & Q(epoch=self.epoch, left_epoch=""),
                epoch=epoch,
                left_epoch=self.epoch,
                close_at=None,
                **NOTHING_PLAYS,
            )
            if moved:
                self.growing.all().delete()
        return moved

    def forget_left_epoch(self) -> bool:
        return self._move(Q(left_epoch=self.left_epoch), left_epoch="")

    def _act(self, condition: Q, act: Act, **changes: object) -> bool:
        """Move, and write into the timeline what was done; both or neither."""
        with transaction.atomic():
            moved = self._move(condition, **changes)
            if moved:
                Event.objects.record(self.pk, act.kind, act.at, actor=act.actor, detail=act.detail)
        return moved

    def _move(self, condition: Q, **changes: object) -> bool:
        moved = Video.objects.existing().filter(condition, pk=self.pk).update(**changes)
        if moved:
            for name, value in changes.items():
                setattr(self, name, value)
        return bool(moved)

    # --- properties ---------------------------------------------------------------------------------------

    @property
    def epoch_path(self) -> str:
        """The path below which everything of this video lies for those who may watch it; ends in a slash."""
        return "/" + keys.epoch_prefix(self.pk, self.epoch)

    @property
    def version_path(self) -> str:
        return "/" + keys.version_prefix(self.pk, self.epoch, self.version)

    @property
    def poster_name(self) -> str:
        """The picture that stands for the video: the chosen one, while the version that plays has it."""
        if self.poster_ms not in self.posters_ms:
            return "poster.jpg"
        return f"poster-{self.posters_ms.index(self.poster_ms) + 1}.jpg"

    @property
    def duration_seconds(self) -> float | None:
        return None if self.duration_ms is None else self.duration_ms / 1000

    @property
    def duration_text(self) -> str:
        return "" if self.duration_ms is None else clock_text(self.duration_ms // 1000)

    @property
    def is_growing(self) -> bool:
        return self.playable == self.Playable.GROWING

    @property
    def watchable_text(self) -> str:
        return "" if self.watchable_ms is None else clock_text(self.watchable_ms // 1000)

    @property
    def is_all_watchable(self) -> bool:
        """True if all of its length plays, though not yet in every size."""
        lengths = (self.watchable_ms, self.duration_ms)
        return None not in lengths and self.watchable_text == self.duration_text


class Rendition(models.Model):
    """One encoded rung of the published version."""

    video = models.ForeignKey(Video, on_delete=models.CASCADE, related_name="renditions")
    name = models.CharField(max_length=16)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    kbps = models.PositiveIntegerField(help_text="Average rate of the picture.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["video", "name"], name="rendition_is_once_in_a_video")]
        # Best first, as they were written.
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name
