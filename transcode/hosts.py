"""Which hosts work, and how well each contains what it runs."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models

from transcode.core.containment import Containment

# A host that did not tell for this long is gone.
GONE = timedelta(minutes=5)
FORGOTTEN = timedelta(days=7)


class HostManager(models.Manager["Host"]):
    def tell(self, name: str, found: Containment, now: datetime) -> None:
        """Write down that a host is there, and forget those that have long not been."""
        facts = {"sandbox_level": found.level, "sandbox": str(found), "seen_at": now}
        self.update_or_create(name=name, defaults=facts)
        self.filter(seen_at__lt=now - FORGOTTEN).delete()

    def here(self, now: datetime) -> models.QuerySet[Host]:
        return self.filter(seen_at__gte=now - GONE).order_by("sandbox_level", "name")


class Host(models.Model):
    """A machine or container that runs a worker."""

    name = models.CharField(max_length=255, unique=True)
    sandbox_level = models.PositiveSmallIntegerField()
    sandbox = models.CharField(
        max_length=255, help_text="What the trial of the sandbox found when the worker started."
    )
    seen_at = models.DateTimeField(db_index=True)

    objects = HostManager()

    def __str__(self) -> str:
        return self.name
