"""People, invitations and tokens, for staff."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django import forms
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts import suspension
from accounts.desk import ReadOnly, act
from accounts.models import AccessToken, Invitation, User

GIB = 1024**3


class RoomForm(forms.Form):
    gibibytes = forms.DecimalField(
        label=_("Room in GiB"),
        help_text=_("0 for no limit. Leave it empty for what everybody has."),
        required=False,
        min_value=0,
        max_value=1024**2,
    )


@act(
    _("Suspend"),
    _(
        "They are signed out everywhere, cannot sign in, and their tokens are refused. Their videos stay as they are."
    ),
)
def suspend(user: User, answers: dict[str, Any], now: datetime, actor: User) -> bool:
    return suspension.suspend(user, actor)


@act(_("Let in again"), _("They can sign in again, and their tokens work."))
def unsuspend(user: User, answers: dict[str, Any], now: datetime, actor: User) -> bool:
    return suspension.unsuspend(user)


@act(_("Set room"), _("Counts sources and what is made of them. Nothing that is there goes."), RoomForm)
def set_room(user: User, answers: dict[str, Any], now: datetime, actor: User) -> bool:
    size = answers["gibibytes"]
    return user.set_quota(None if size is None else int(size * GIB))


@admin.register(User)
class PersonAdmin(UserAdmin):
    list_display: tuple[str, ...] = ("username", "email", "is_active", "is_staff", "date_joined")
    list_filter = ("is_active", "is_staff", "date_joined")
    # As they joined; by a column that has an index.
    ordering = ("-id",)
    show_full_result_count = False
    actions = (suspend, unsuspend, set_room)
    # Two lists and arrows between them would be more than the few groups need, and say nothing to a screen reader.
    filter_horizontal = ()
    readonly_fields = ("is_active", "quota_bytes", "last_login", "date_joined", "left_at")
    fieldsets = (
        (None, {"fields": ("username", "email", "password")}),
        (_("Room"), {"fields": ("quota_bytes",)}),
        (
            _("Permissions"),
            {"fields": ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")},
        ),
        (_("Dates"), {"fields": ("date_joined", "last_login", "left_at")}),
    )
    add_fieldsets = ((None, {"fields": ("username", "email", "usable_password", "password1", "password2")}),)


@admin.register(Invitation)
class InvitationAdmin(admin.ModelAdmin):
    list_display = ("__str__", "link", "created_at", "accepted_by")
    list_select_related = ("accepted_by",)
    readonly_fields = ("link", "accepted_by")
    ordering = ("-id",)
    show_full_result_count = False

    @admin.display(description=_("link to send"))
    def link(self, invitation: Invitation) -> str:
        if invitation.accepted_by_id:
            return str(_("used"))
        return (
            f"{settings.SITE_URL}{reverse('account_signup')}?invitation={invitation.token}"
            if invitation.pk
            else "-"
        )


for model in (Authenticator, UserSession):
    admin.site.unregister(model)


@admin.register(Authenticator)
class SecondFactorAdmin(ReadOnly, admin.ModelAdmin):
    """To be removed for who has lost theirs. Never shows what it consists of."""

    list_display = ("user", "type", "created_at", "last_used_at")
    fields = list_display
    list_select_related = ("user",)
    list_filter = ("type",)
    search_fields = ("user__username",)
    ordering = ("-id",)
    show_full_result_count = False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return admin.ModelAdmin.has_delete_permission(self, request)


@admin.register(UserSession)
class SessionAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("user", "created_at", "last_seen_at", "ip", "user_agent")
    fields = list_display
    list_select_related = ("user",)
    search_fields = ("user__username", "ip")
    ordering = ("-id",)
    show_full_result_count = False


@admin.register(AccessToken)
class AccessTokenAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("name", "hint", "owner", "created_at", "expires_at", "last_used_at", "revoked_at")
    list_select_related = ("owner",)
    search_fields = ("name", "hint", "owner__username")
    ordering = ("-id",)
    show_full_result_count = False
