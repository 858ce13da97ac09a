"""Videos, for staff: facts are read here, not written."""

from __future__ import annotations

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from videos.models import Rendition, Upload, Video


class ReadOnly:
    """Facts that only the code may write."""

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


class RenditionInline(ReadOnly, admin.TabularInline):
    model = Rendition
    extra = 0


@admin.register(Video)
class VideoAdmin(admin.ModelAdmin):
    list_display = (
        "title",
        "owner",
        "status",
        "visibility",
        "progress",
        "duration_text",
        "created_at",
        "deleted_at",
    )
    list_filter = ("status", "visibility", "created_at")
    list_select_related = ("owner",)
    search_fields = ("title", "owner__username")
    ordering = ("-created_at", "-id")
    fields = (
        ("title", "visibility"),
        "description",
        ("status", "failure", "progress"),
        ("owner", "created_at", "published_at", "deleted_at"),
        ("playable", "epoch", "version", "stored_bytes"),
    )
    readonly_fields = (
        *("status", "failure", "progress", "owner", "created_at", "published_at", "deleted_at"),
        *("playable", "epoch", "version", "stored_bytes"),
    )
    inlines = (RenditionInline,)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Video, form: forms.ModelForm, change: bool) -> None:
        # What was changed and nothing else: a worker may be writing the rest.
        obj.save(update_fields=form.changed_data)

    def has_delete_permission(self, request: HttpRequest, obj: Video | None = None) -> bool:
        # Deleting the row alone would leave its objects behind.
        return False


@admin.register(Upload)
class UploadAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("filename", "video", "state", "size", "created_at", "completed_at", "expires_at")
    list_filter = ("state", "created_at")
    list_select_related = ("video",)
    search_fields = ("filename", "video__title")
    ordering = ("-created_at", "-id")


@admin.register(Rendition)
class RenditionAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("video", "name", "width", "height", "kbps")
    list_select_related = ("video",)
    search_fields = ("video__title",)
    ordering = ("-id",)
