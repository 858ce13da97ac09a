"""Limits of the API and of search: so many a window, for a person or for an address."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, cast

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from videos.tallies import Tally

if TYPE_CHECKING:
    # It reads the settings, and they name this file.
    from rest_framework.views import APIView

SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}


class ApiLimit(BaseThrottle):
    """Not DRF's own: they keep every time in the cache, four queries a request; a tally is one UPDATE."""

    scope = "api"
    name = ""

    def allow_request(self, request: Request, view: APIView) -> bool:
        return self.allow(request)

    def allow(self, request: Request | HttpRequest) -> bool:
        known = request.user.is_authenticated
        # It reads nothing but META, which pages' requests have as well.
        who = str(request.user.pk) if known else self.get_ident(cast(Request, request))
        scope = self.scope if known else f"{self.scope}-anon"
        self.name = f"{scope}:{who}"[:100]
        return _allows(self.name, settings.RATES[scope], timezone.now())

    def wait(self) -> float:
        return Tally.objects.seconds_left(self.name, timezone.now())


class SearchLimit(ApiLimit):
    scope = "search"


class BeginLimit(ApiLimit):
    scope = "begin"


class PartsLimit(ApiLimit):
    scope = "parts"


class CompleteLimit(ApiLimit):
    scope = "complete"


def _allows(name: str, rate: str, now: datetime) -> bool:
    most, _, period = rate.partition("/")
    return Tally.objects.allow(name, int(most), timedelta(seconds=SECONDS[period]), now)
