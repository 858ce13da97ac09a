"""What a Celery worker does besides tasks: try its sandbox, hear S3's notifications, sweep on a timer, stop in order."""

from __future__ import annotations

import logging
import socket
from functools import cache
from typing import Any

from celery import bootsteps
from celery.signals import worker_process_init, worker_shutting_down
from django.conf import settings
from django.db import Error, connections
from django.utils import timezone
from kombu import Consumer, Exchange, Queue

from transcode import process, tasks, trial
from transcode.core.containment import Containment, too_open
from transcode.core.notification import Malformed, parse
from transcode.hosts import Host

logger = logging.getLogger(__name__)
EVENTS = "s3-events"
TASKS = "tasks"
TELL_SECONDS = 60


@cache
def containment() -> Containment:
    """Return how well this host contains what it runs, found out once. Raise trial.Broken."""
    return trial.contain()


def require_containment() -> None:
    """Raise SystemExit with what to do, where this host contains less than it must."""
    try:
        found = containment()
    except trial.Broken as error:
        raise SystemExit(f"streamsite: {error}") from error
    if found.level < settings.SANDBOX_MIN_LEVEL:
        raise SystemExit(f"streamsite: {too_open(found, settings.SANDBOX_MIN_LEVEL)}")
    logger.log(logging.WARNING if found.could else logging.INFO, "sandbox: %s", found)
    tell_host()


def tell_host() -> None:
    """Have the admin and the metrics know that this host is there."""
    try:
        Host.objects.tell(socket.gethostname(), containment(), timezone.now())
    except Error as error:
        logger.warning("the database does not hear of this host: %s", error)
    finally:
        # Processes that are forked from this one must not share its connection.
        connections.close_all()


class Notifications(bootsteps.ConsumerStep):
    """Consume raw S3 notifications beside Celery's own queue: plain task consumption drops foreign messages."""

    def get_consumers(self, channel: Any) -> list[Consumer]:
        queue = Queue(EVENTS, Exchange(EVENTS), routing_key=EVENTS, no_declare=True)
        return [Consumer(channel, queues=[queue], on_message=self.on_message, accept=None)]

    def on_message(self, message: Any) -> None:
        """Hand each record over as a task, then acknowledge. What cannot be read stays, for the dead-letter queue."""
        try:
            created = parse(message.body)
        except Malformed as error:
            logger.warning("malformed notification: %s", error)
            message.reject()
            return
        try:
            for record in created:
                tasks.accept.delay(bucket=record.bucket, key=record.key)
        except Exception:
            # SQS is in trouble; the notification comes again, and what was handed over twice makes nothing twice.
            logger.exception("could not hand a notification over")
            message.reject()
            return
        message.ack()


class Timer(bootsteps.StartStopStep):
    """Do something every so often, in the worker's main process."""

    requires = ("celery.worker.components:Timer",)

    def __init__(self, parent: Any, **kwargs: Any) -> None:
        super().__init__(parent, **kwargs)
        self._entry: Any = None

    def start(self, parent: Any) -> None:
        self._entry = parent.timer.call_repeatedly(self.seconds(), self.act)

    def stop(self, parent: Any) -> None:
        if self._entry:
            self._entry.cancel()

    def seconds(self) -> float:
        raise NotImplementedError

    def act(self) -> None:
        raise NotImplementedError


class SweepTimer(Timer):
    """Ask for a sweep every few seconds; the database lets one worker do it."""

    def seconds(self) -> float:
        return float(settings.SWEEP_SECONDS)

    def act(self) -> None:
        try:
            tasks.run_sweep.apply_async(expires=settings.SWEEP_SECONDS * 2)
        except Exception:
            # SQS is away; the next tick asks again.
            logger.exception("could not ask for a sweep")


class HostTimer(Timer):
    """Tell that this host is still there."""

    def seconds(self) -> float:
        return TELL_SECONDS

    def act(self) -> None:
        tell_host()


@worker_process_init.connect
def end_with_worker(**kwargs: Any) -> None:
    """A worker that is killed takes its processes with it, and they their programs."""
    process.end_with_parent()


@worker_shutting_down.connect
def stop_encoding(**kwargs: Any) -> None:
    """On SIGTERM, let encodes hand their jobs back, so that the warm shutdown takes a second and not an hour."""
    process.stopping.set()
    # The connection goes while its last long poll is under way, which kombu reports as an error with a traceback.
    logging.getLogger("kombu.asynchronous.hub").setLevel(logging.CRITICAL)
