"""Videos, for staff: facts are read here, acts ask first, and the timeline says who did what."""

from __future__ import annotations

from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.defaultfilters import filesizeformat
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from accounts.admin import PersonAdmin
from accounts.desk import ReadOnly, act
from accounts.models import User
from accounts.sessions import sessions_of
from videos import keys, storage
from videos.events import Event
from videos.models import Rendition, Upload, Video
from videos.quota import Usage, limit_of, usage_of

MOST_OBJECTS = 1000
MOST_SOURCES = 100


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}))


class OwnerForm(forms.Form):
    owner = forms.CharField(label=_("User name of the new owner"), max_length=150)

    def clean_owner(self) -> User:
        person = User.objects.filter(username=self.cleaned_data["owner"], is_active=True).first()
        if person is None:
            raise forms.ValidationError(_("Nobody who may sign in has this user name."))
        return person


@act(
    _("Take down"),
    _(
        "Only staff can open it from now on; for whoever is watching it stops within a minute or so. The owner reads your reason. You can restore it."
    ),
    ReasonForm,
)
def take_down(video: Video, answers: dict[str, Any], now: datetime, actor: User) -> bool:
    return video.take_down(answers["reason"], now, actor)


@act(_("Restore"), _("Everybody who could open it before it was taken down can open it again."))
def restore(video: Video, answers: dict[str, Any], now: datetime, actor: User) -> bool:
    return video.restore(now, actor)


@act(_("Change owner"), _("The new owner can edit and delete it; who has it now no longer can."), OwnerForm)
def change_owner(video: Video, answers: dict[str, Any], now: datetime, actor: User) -> bool:
    return video.change_owner(answers["owner"], now, actor)


@act(
    _("Delete"),
    _(
        "The video, its source and every copy go for good within seconds. This cannot be undone; to hide it, take it down."
    ),
)
def delete_for_good(video: Video, answers: dict[str, Any], now: datetime, actor: User) -> bool:
    return video.delete_soon(now, actor)


class RenditionInline(ReadOnly, admin.TabularInline):
    model = Rendition
    template = "admin/videos/renditions.html"
    extra = 0


class EventInline(ReadOnly, admin.TabularInline):
    """What happened, in order."""

    model = Event
    template = "admin/videos/timeline.html"
    extra = 0
    fields = ("at",)
    ordering = ("at", "id")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Event]:
        return super().get_queryset(request).select_related("actor")


@admin.register(Video)
class VideoAdmin(admin.ModelAdmin):
    list_display = (
        "title",
        "owner",
        "status",
        "visibility",
        "progress",
        "duration",
        "created_at",
        "taken_down_at",
        "deleted_at",
    )
    list_filter = (
        "status",
        "visibility",
        ("taken_down_at", admin.EmptyFieldListFilter),
        ("deleted_at", admin.EmptyFieldListFilter),
        "created_at",
    )
    list_select_related = ("owner",)
    show_full_result_count = False
    search_fields = ("title", "owner__username")
    ordering = ("-created_at", "-id")
    actions = [take_down, restore, change_owner, delete_for_good]
    fieldsets = (
        (None, {"fields": (("title", "visibility"), "description", "places")}),
        (_("State"), {"fields": (("status", "progress"), "failure", ("taken_down_at", "taken_down_reason"))}),
        (_("Dates"), {"fields": (("created_at", "published_at", "deleted_at"), "owner")}),
        (
            _("What plays"),
            {"fields": (("playable", "version", "epoch"), ("duration", "watchable", "stored_size"))},
        ),
    )
    readonly_fields = (
        *("status", "failure", "progress", "owner", "created_at", "published_at", "deleted_at"),
        *("playable", "epoch", "version", "stored_size", "duration", "watchable"),
        *("taken_down_at", "taken_down_reason", "places"),
    )
    inlines = [EventInline, RenditionInline]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Video, form: forms.ModelForm, change: bool) -> None:
        assert isinstance(request.user, User)
        changes = {name: form.cleaned_data[name] for name in form.changed_data}
        obj.edit(changes, timezone.now(), request.user)

    def has_delete_permission(self, request: HttpRequest, obj: Video | None = None) -> bool:
        # Deleting the row alone would leave its objects behind.
        return False

    @admin.display(description=_("Duration"))
    def duration(self, video: Video) -> str:
        return f"{video.watchable_text} / {video.duration_text}" if video.is_growing else video.duration_text

    @admin.display(description=_("Watchable so far"))
    def watchable(self, video: Video) -> str:
        return video.watchable_text

    @admin.display(description=_("Stored"))
    def stored_size(self, video: Video) -> str:
        return filesizeformat(video.stored_bytes)

    @admin.display(description=_("See"))
    def places(self, video: Video) -> str:
        return format_html(
            '<a href="{}">{}</a> · <a href="{}">{}</a>',
            video.get_absolute_url(),
            _("its page"),
            reverse("admin:videos_video_objects", args=[video.pk]),
            _("its objects in S3"),
        )

    def get_urls(self) -> list[URLPattern]:
        look = self.admin_site.admin_view(self.objects)
        return [path("<uuid:pk>/objects/", look, name="videos_video_objects"), *super().get_urls()]

    def objects(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """What S3 has of a video. A page of its own, so that the others never wait for S3."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        video = get_object_or_404(Video.objects.select_related("upload"), pk=pk)
        context = {
            **self.admin_site.each_context(request),
            **_objects_of(video),
            "title": _("Objects in S3"),
            "opts": self.opts,
            "video": video,
            "most": MOST_OBJECTS,
        }
        return TemplateResponse(request, "admin/videos/objects.html", context)


def _objects_of(video: Video) -> dict[str, Any]:
    upload = getattr(video, "upload", None)
    try:
        sources = storage.look_at_source(upload.key, MOST_SOURCES) if upload else ()
        found = storage.look_at_media(keys.video_prefix(video.pk), MOST_OBJECTS)
    except storage.Errors as error:
        return {"problem": str(error)}
    return {"sources": sources, "versions": _by_version(video, found), "is_all": len(found) < MOST_OBJECTS}


def _by_version(video: Video, found: tuple[storage.Stored, ...]) -> list[dict[str, Any]]:
    """Group what lies below a video's prefix by epoch and version, as keys sort."""
    versions = groupby(found, lambda stored: "/".join(stored.key.split("/")[3:5]))
    playing = f"{video.epoch}/{video.version}"
    listed = [(name, tuple(files)) for name, files in versions]
    return [
        {"name": name, "files": files, "bytes": sum(f.size for f in files), "plays": name == playing}
        for name, files in listed
    ]


@admin.register(Upload)
class UploadAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("filename", "video", "state", "size", "created_at", "completed_at", "expires_at")
    list_filter = ("state", "created_at")
    list_select_related = ("video",)
    show_full_result_count = False
    search_fields = ("filename", "video__title")
    ordering = ("-created_at", "-id")


@admin.register(Rendition)
class RenditionAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("video", "name", "width", "height", "kbps")
    list_select_related = ("video",)
    show_full_result_count = False
    search_fields = ("video__title",)
    ordering = ("-id",)


@admin.register(Event)
class EventAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("at", "kind", "video", "actor", "detail")
    list_filter = ("kind",)
    list_select_related = ("video", "actor")
    show_full_result_count = False
    search_fields = ("video__title", "detail")
    ordering = ("-id",)


# --- people, with what they have --------------------------------------------------------------------------------------


class UsageList(ChangeList):
    """A page of people; what they have is read for this page at once."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        people = [person.pk for person in self.result_list]
        usage, sessions = usage_of(people), sessions_of(people)
        for person in self.result_list:
            person.usage = usage.get(person.pk, Usage())
            person.sessions, person.seen_at = sessions.get(person.pk, (0, person.last_login))


admin.site.unregister(User)


@admin.register(User)
class OwnerAdmin(PersonAdmin):
    list_display = (
        *("username", "videos", "taken", "room", "sessions", "seen"),
        *("is_active", "is_staff", "date_joined", "email"),
    )

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return UsageList

    @admin.display(description=_("videos"))
    def videos(self, person: Any) -> int:
        return int(person.usage.videos)

    @admin.display(description=_("taken"))
    def taken(self, person: Any) -> str:
        return filesizeformat(person.usage.bytes)

    @admin.display(description=_("room"))
    def room(self, person: Any) -> str:
        limit = limit_of(person)
        return filesizeformat(limit) if limit else str(_("no limit"))

    @admin.display(description=_("sessions"))
    def sessions(self, person: Any) -> int:
        return int(person.sessions)

    @admin.display(description=_("last seen"))
    def seen(self, person: Any) -> datetime | None:
        seen_at: datetime | None = person.seen_at
        return seen_at
