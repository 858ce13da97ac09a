"""Who you are."""

from __future__ import annotations

import secrets
from typing import ClassVar

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _


class User(AbstractUser):
    """A person; the user name is what others see."""

    email = models.EmailField(_("email address"), unique=True)


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def open(self) -> InvitationQuerySet:
        return self.filter(accepted_by=None)


def new_token() -> str:
    return secrets.token_urlsafe(24)


class Invitation(models.Model):
    """A link that lets one person sign up where sign-up is by invitation."""

    token = models.CharField(max_length=64, unique=True, default=new_token, editable=False)
    note = models.CharField(_("for whom"), max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    accepted_by = models.OneToOneField(User, null=True, blank=True, on_delete=models.CASCADE, editable=False)

    objects: ClassVar[models.Manager[Invitation]] = InvitationQuerySet.as_manager()

    def __str__(self) -> str:
        return self.note or f"invitation {self.pk}"

    def accept(self, user: User) -> bool:
        """Use the invitation up; False if somebody else already has."""
        return bool(Invitation.objects.filter(pk=self.pk, accepted_by=None).update(accepted_by=user))
