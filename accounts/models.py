"""Who you are."""

from __future__ import annotations

import secrets
from datetime import datetime
from hashlib import sha256
from typing import ClassVar

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _


class User(AbstractUser):
    """A person; the user name is what others see."""

    email = models.EmailField(_("email address"), unique=True)
    left_at = models.DateTimeField(
        null=True,
        blank=True,
        editable=False,
        db_index=True,
        help_text="Asked us to delete the account; what is left goes.",
    )

    # Null for what everybody has (QUOTA_BYTES), 0 for no limit.
    quota_bytes = models.PositiveBigIntegerField(_("room in bytes"), null=True, blank=True)

    def leave(self, now: datetime) -> bool:
        """Lock the account for good; False if it was locked already."""
        # Another password hash ends all sessions, those too that no list knows.
        locked = {"is_active": False, "password": make_password(None), "left_at": now}
        return bool(User.objects.filter(pk=self.pk, left_at=None).update(**locked))

    def set_quota(self, quota_bytes: int | None) -> bool:
        """False if it is so already."""
        return bool(
            User.objects.filter(pk=self.pk).exclude(quota_bytes=quota_bytes).update(quota_bytes=quota_bytes)
        )


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
        return self.note or str(_("Invitation %(number)s") % {"number": self.pk})

    def accept(self, user: User) -> bool:
        """Use the invitation up; False if somebody else already has."""
        return bool(Invitation.objects.filter(pk=self.pk, accepted_by=None).update(accepted_by=user))


class AccessTokenQuerySet(models.QuerySet["AccessToken"]):
    def kept(self) -> AccessTokenQuerySet:
        return self.filter(revoked_at=None)

    def revoke(self, now: datetime) -> int:
        return self.kept().update(revoked_at=now)


class AccessToken(models.Model):
    """Lets a program act for a person, until a day that they chose."""

    PREFIX = "streamsite_"
    HINT_LENGTH = len(PREFIX) + 4

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(_("name"), max_length=100)
    # 32 random bytes cannot be guessed, so there is nothing for a slow hash or a salt to make harder.
    digest = models.CharField(max_length=64, unique=True, editable=False)
    hint = models.CharField(max_length=32, editable=False, help_text="Its first characters.")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True, help_text="Rounded down to the hour.")
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = AccessTokenQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["owner", "revoked_at", "-created_at"], name="token_list")]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def issue(cls, owner: User, name: str, expires_at: datetime, now: datetime) -> tuple[AccessToken, str]:
        """Make a token; its text is returned this once and kept nowhere."""
        text = cls.PREFIX + secrets.token_urlsafe(32)
        token = cls.objects.create(
            owner=owner,
            name=name,
            digest=digest_of(text),
            hint=text[: cls.HINT_LENGTH],
            created_at=now,
            expires_at=expires_at,
        )
        return token, text

    def note_use(self, now: datetime) -> None:
        """Remember the hour, with one write in each."""
        hour = now.replace(minute=0, second=0, microsecond=0)
        if self.last_used_at is None or self.last_used_at < hour:
            AccessToken.objects.filter(pk=self.pk).update(last_used_at=hour)
            self.last_used_at = hour


def digest_of(text: str) -> str:
    return sha256(text.encode()).hexdigest()
