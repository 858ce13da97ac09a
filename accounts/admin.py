"""People and invitations, for staff."""

from __future__ import annotations

from django.conf import settings
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.urls import reverse

from accounts.models import Invitation, User


@admin.register(User)
class PersonAdmin(UserAdmin):
    list_display = ("username", "email", "is_active", "is_staff", "date_joined", "last_login")
    list_filter = ("is_active", "is_staff", "date_joined")
    ordering = ("-date_joined", "-id")
    add_fieldsets = ((None, {"fields": ("username", "email", "usable_password", "password1", "password2")}),)


@admin.register(Invitation)
class InvitationAdmin(admin.ModelAdmin):
    list_display = ("__str__", "link", "created_at", "accepted_by")
    list_select_related = ("accepted_by",)
    readonly_fields = ("link", "accepted_by")
    ordering = ("-created_at", "-id")

    @admin.display(description="link to send")
    def link(self, invitation: Invitation) -> str:
        if invitation.accepted_by_id:
            return "used"
        return (
            f"{settings.SITE_URL}{reverse('account_signup')}?invitation={invitation.token}"
            if invitation.pk
            else "-"
        )
