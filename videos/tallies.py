"""How often somebody did something within a window of time, counted for all processes together."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar

from django.db import models
from django.db.models import F


class TallyManager(models.Manager["Tally"]):
    def allow(self, name: str, most: int, window: timedelta, now: datetime) -> bool:
        """Count one more; False where that would be more than `most`. While a window lasts it is one UPDATE."""
        return self._add(name, most, now) or self._begin(name, window, now) or self._add(name, most, now)

    def _add(self, name: str, most: int, now: datetime) -> bool:
        open_window = self.filter(name=name, ends_at__gt=now, times__lt=most)
        return bool(open_window.update(times=F("times") + 1))

    def _begin(self, name: str, window: timedelta, now: datetime) -> bool:
        """Begin another window where the last one is over, or the first; False if somebody else just did."""
        fresh = {"times": 1, "ends_at": now + window}
        if self.filter(name=name, ends_at__lte=now).update(**fresh):
            return True
        return self.get_or_create(name=name, defaults=fresh)[1]

    def seconds_left(self, name: str, now: datetime) -> float:
        ends_at = self.filter(name=name).values_list("ends_at", flat=True).first()
        return max(1.0, (ends_at - now).total_seconds()) if ends_at else 1.0

    def forget_old(self, now: datetime) -> None:
        self.filter(ends_at__lte=now - timedelta(hours=1)).delete()


class Tally(models.Model):
    name = models.CharField(max_length=100, primary_key=True)
    times = models.PositiveIntegerField()
    ends_at = models.DateTimeField()

    objects: ClassVar[TallyManager] = TallyManager()

    class Meta:
        verbose_name_plural = "tallies"
        indexes = [models.Index(fields=["ends_at"], name="tally_over")]

    def __str__(self) -> str:
        return self.name
