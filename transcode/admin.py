"""Jobs, for staff: what runs where, and the last words of what did not."""

from __future__ import annotations

from django.contrib import admin

from transcode.models import Job, SweepLease
from videos.admin import ReadOnly


@admin.register(Job)
class JobAdmin(ReadOnly, admin.ModelAdmin):
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
    list_filter = ("state", "queued_at")
    list_select_related = ("video",)
    search_fields = ("video__title", "detail")
    ordering = ("-queued_at", "-id")


@admin.register(SweepLease)
class SweepLeaseAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("__str__", "until")
    ordering = ("pk",)
