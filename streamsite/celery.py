"""The Celery application: SQS, two queues, nothing created at run time."""

from __future__ import annotations

import io
import os
import warnings
from urllib.parse import urlsplit

import django
from celery import Celery, signals
from kombu import Queue

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "streamsite.settings")
django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.core.management.base import SystemCheckError  # noqa: E402

from transcode import worker  # noqa: E402


def _broker_url() -> str:
    if not settings.AWS_ENDPOINT_URL:
        return "sqs://"
    endpoint = urlsplit(settings.AWS_ENDPOINT_URL)
    return f"sqs://{settings.AWS_KEY['aws_access_key_id']}:{settings.AWS_KEY['aws_secret_access_key']}@{endpoint.netloc}"


# It warns of root, where pickled messages would be dangerous; ours are JSON.
warnings.filterwarnings("ignore", message="You're running the worker with superuser privileges")
app = Celery("streamsite")
app.conf.update(
    broker_url=_broker_url(),
    broker_transport="streamsite.polling:Transport",
    broker_transport_options={
        "region": settings.AWS_REGION,
        "is_secure": not settings.AWS_ENDPOINT_URL.startswith("http://"),
        "wait_time_seconds": settings.POLL_SECONDS,
        "polling_interval": 0.1,
        # Nothing here is held long: wakes are acknowledged before they work, hints take a second.
        "visibility_timeout": settings.VISIBILITY_SECONDS,
        "predefined_queues": {
            worker.TASKS: {"url": settings.TASKS_QUEUE_URL},
            worker.EVENTS: {"url": settings.EVENTS_QUEUE_URL},
        },
    },
    broker_connection_retry_on_startup=True,
    # Declared by nobody: a worker that began by asking for a queue's size would end where that is not there for a moment.
    task_queues=[Queue(worker.TASKS, routing_key=worker.TASKS, no_declare=True)],
    task_default_queue=worker.TASKS,
    task_create_missing_queues=False,
    task_ignore_result=True,
    worker_prefetch_multiplier=1,
    # One process for each encode, one for what does not wait for a long one (`work._work_beside`), and one more so that
    # hints and sweeps never wait for any.
    worker_concurrency=settings.ENCODE_SLOTS + 2,
    worker_enable_remote_control=False,
    worker_hijack_root_logger=False,
    worker_redirect_stdouts=False,
)
app.autodiscover_tasks(["transcode"])
app.steps["consumer"].add(worker.Notifications)
app.steps["worker"].add(worker.SweepTimer)
app.steps["worker"].add(worker.HostTimer)


@signals.setup_logging.connect
def keep_our_logging(**kwargs: object) -> None:
    """Django has configured logging; Celery leaves it alone when this signal has a receiver."""


@signals.worker_init.connect
def refuse_what_cannot_work(**kwargs: object) -> None:
    """A worker without ffmpeg, with one that is known to be dangerous, or that contains it too little, does not start."""
    try:
        call_command("check", stdout=io.StringIO())
        worker.require_containment()
    except SystemCheckError as error:
        raise SystemExit(str(error)) from error
    except Exception as error:
        # Of all that a signal's receivers raise, Celery lets only this through; of the rest it makes a line of the log.
        why = f"{type(error).__name__}: {error}".replace("\n", " ")
        raise SystemExit(
            f"streamsite: this worker does not start, for it cannot try its sandbox: {why}"
        ) from error
