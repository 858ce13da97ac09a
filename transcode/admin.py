"""Jobs, for staff: what runs where, how, and the last words of what did not."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.template.defaultfilters import filesizeformat
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from accounts.desk import ReadOnly, act
from accounts.models import User
from transcode.models import Chunk, Job, SweepLease
from videos.admin import VideoAdmin
from videos.models import Video


@act(
    _("Encode again"),
    _("Another version is made of the same source. What plays now plays on until the new one is published."),
)
def encode_again(video: Video, answers: dict[str, Any], now: datetime, actor: User) -> bool:
    job = Job.objects.filter(video=video).select_related("video").first()
    return job is not None and job.encode_again(now, actor)


@act(
    _("Cancel the work"),
    _(
        "A worker stops within seconds, and what it made goes. What plays already plays on; a video that does not play yet has failed."
    ),
)
def cancel(video: Video, answers: dict[str, Any], now: datetime, actor: User) -> bool:
    job = Job.objects.filter(video=video).select_related("video").first()
    return job is not None and job.cancel(now, actor)


def _block(text: str) -> str:
    # It scrolls, so the keyboard has to reach it.
    return format_html('<pre tabindex="0">{}</pre>', text) if text else "-"


class Words:
    """What is long and said by programs."""

    @admin.display(description=_("source"))
    def size(self, job: Job) -> str:
        return filesizeformat(job.source_size)

    @admin.display(description=_("plan"))
    def plan_text(self, job: Job) -> str:
        return _block(json.dumps(job.plan, indent=1) if job.plan else "")

    @admin.display(description=_("ffmpeg's command"))
    def command_text(self, job: Job) -> str:
        return _block(job.command)

    @admin.display(description=_("last words"))
    def last_words(self, job: Job) -> str:
        return _block(job.detail)

    @admin.display(description=_("chunks"))
    def chunks_text(self, job: Job) -> str:
        return _block("\n".join(_chunk_line(chunk) for chunk in job.chunks.all()))


def _chunk_line(chunk: Chunk) -> str:
    """Say of a chunk what staff need to see why a job does not come to its end."""
    facts = [f"{chunk.number:4} {chunk.state:9} attempt {chunk.attempt}, {chunk.frames_done} frames"]
    if chunk.state == Chunk.State.RUNNING:
        facts.append(f"{chunk.worker} until {chunk.leased_until:%H:%M:%S}")
    if chunk.failures or chunk.deaths:
        facts.append(f"{chunk.failures} failures, {chunk.deaths} workers died")
    return ", ".join(facts) + (f"\n     {chunk.detail}" if chunk.detail else "")


FACTS = (
    ("state", "attempt", "failures"),
    ("way", "version", "chunks_left"),
    ("worker", "leased_until", "retry_at"),
    ("queued_at", "started_at", "finished_at"),
    ("size", "source_version_id", "tidied"),
    "last_words",
    "chunks_text",
    "command_text",
    "plan_text",
)


class JobInline(Words, ReadOnly, admin.StackedInline):
    model = Job
    extra = 0
    fields = FACTS
    readonly_fields = ("size", "last_words", "chunks_text", "command_text", "plan_text")


VideoAdmin.inlines = [*VideoAdmin.inlines, JobInline]
VideoAdmin.actions = [encode_again, cancel, *VideoAdmin.actions]


@admin.register(Job)
class JobAdmin(Words, ReadOnly, admin.ModelAdmin):
    list_display = (
        "video",
        "state",
        "attempt",
        "failures",
        "worker",
        "queued_at",
        "started_at",
        "finished_at",
    )
    fields = ("video", *FACTS)
    readonly_fields = ("size", "last_words", "chunks_text", "command_text", "plan_text")
    list_filter = ("state", "queued_at")
    list_select_related = ("video",)
    show_full_result_count = False
    search_fields = ("video__title", "detail")
    ordering = ("-id",)


@admin.register(SweepLease)
class SweepLeaseAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("__str__", "until")
    ordering = ("pk",)
