"""The front page of the administration: what waits, what runs, what failed, how much is stored."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.admin import AdminSite
from django.db.models import Count, Min, Q, Sum
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils import timezone

from streamsite.provision import queue_attributes
from transcode import worker
from transcode.core.containment import Level
from transcode.hosts import Host
from transcode.models import Job
from videos import storage
from videos.events import FAILURES, Event, Kind
from videos.models import Upload, Video

logger = logging.getLogger(__name__)
FAILURE_DAYS = 7
MOST_REASONS = 12
MOST_RUNNING = 50


@dataclass(frozen=True, slots=True)
class Queue:
    waiting: int
    # Of those, who wait for another try.
    later: int
    running: int
    oldest_at: datetime | None


@dataclass(frozen=True, slots=True)
class Reason:
    kind: str
    text: str
    count: int


@dataclass(frozen=True, slots=True)
class DeadLetters:
    queue: str
    # None where SQS did not say.
    count: int | None


class Desk(AdminSite):
    """The administration, with a front page that says how things stand."""

    site_header = site_title = "streamsite"

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        context = {**overview(timezone.now()), **(extra_context or {})}
        return super().index(request, context)


def overview(now: datetime) -> dict[str, Any]:
    """Return what the front page shows: six queries and two questions to SQS, however much there is."""
    return {
        "now": now,
        "queue": _queue(now),
        "running": list(_running()[:MOST_RUNNING]),
        "reasons": _reasons(now - timedelta(days=FAILURE_DAYS)),
        "failure_days": FAILURE_DAYS,
        "source_bytes": Upload.objects.filter(state=Upload.State.COMPLETED).aggregate(n=Sum("size"))["n"]
        or 0,
        "stored": Video.objects.aggregate(bytes=Sum("stored_bytes"), videos=Count("pk")),
        "dead_letters": [
            _dead_letters(worker.EVENTS, settings.EVENTS_QUEUE_URL),
            _dead_letters(worker.TASKS, settings.TASKS_QUEUE_URL),
        ],
        # The weakest first.
        "hosts": list(Host.objects.here(now)),
        "contained": Level.ALL,
    }


def _queue(now: datetime) -> Queue:
    queued = Q(state=Job.State.QUEUED)
    return Queue(
        **Job.objects.filter(state__in=(Job.State.QUEUED, Job.State.RUNNING)).aggregate(
            waiting=Count("pk", filter=queued),
            later=Count("pk", filter=queued & Q(retry_at__gt=now)),
            running=Count("pk", filter=Q(state=Job.State.RUNNING)),
            oldest_at=Min("queued_at", filter=queued),
        )
    )


def _running() -> Any:
    return Job.objects.filter(state=Job.State.RUNNING).select_related("video__owner").order_by("worker", "pk")


def _reasons(since: datetime) -> list[Reason]:
    rows = (
        Event.objects.filter(kind__in=FAILURES, at__gte=since)
        .values_list("kind", "detail")
        .annotate(count=Count("pk"))
        .order_by("-count", "detail")
    )
    return [Reason(str(Kind(kind).label), text, count) for kind, text, count in rows[:MOST_REASONS]]


def _dead_letters(name: str, url: str) -> DeadLetters:
    try:
        found = queue_attributes(f"{url}-dead", "ApproximateNumberOfMessages")
        return DeadLetters(name, int(found["ApproximateNumberOfMessages"]))
    except (*storage.Errors, KeyError) as error:
        # The rest of the page is worth more just then.
        logger.warning("the dead-letter queue of %s does not answer: %s", name, error)
        return DeadLetters(name, None)
