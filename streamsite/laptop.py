"""The laptop's site: which programs it is made of, and what its first start does."""

from __future__ import annotations

import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.db import connections

from accounts.admins import make_admin
from streamsite import provision
from streamsite.supervisor import CannotStart, Program, Supervisor, answers, require_free, wait_for

FREE_BYTES = 500 * 1024**2
DEMO_TITLE = "Big Buck Bunny"
DEMO_DESCRIPTION = (
    "A few seconds of Big Buck Bunny. © 2008 Blender Foundation, www.bigbuckbunny.org,"
    " licensed under Creative Commons Attribution 3.0."
)


def run(say: Callable[[str], object]) -> None:
    """Run the site until asked to stop. Raise CannotStart with a sentence if it cannot."""
    _check_machine()
    supervisor = Supervisor(settings.STOP_SECONDS, settings.BASE_DIR)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: supervisor.request_stop())
    try:
        _start(supervisor, say)
        supervisor.wait()
        say("Stopping: web, worker, storage.")
    except CannotStart:
        # Somebody who stops it while it starts wants no explanation.
        if not supervisor.is_stopping:
            raise
    finally:
        supervisor.stop()


def _check_machine() -> None:
    if not settings.LAPTOP:
        raise CannotStart(
            "`manage.py run` is for a laptop; in production start web and worker as the Procfile says."
        )
    require_free(settings.PORT, "PORT")
    require_free(settings.S3_PORT, "S3_PORT")
    if not Path(settings.MINISTACK).exists():
        raise CannotStart(f"there is no {settings.MINISTACK}; `make run` installs it.")
    free = shutil.disk_usage(settings.VAR_DIR).free
    if free < FREE_BYTES:
        raise CannotStart(
            f"only {free // 1024**2} MB are free in {settings.VAR_DIR} and the site needs {FREE_BYTES // 1024**2};"
            " free some space."
        )


def _start(supervisor: Supervisor, say: Callable[[str], object]) -> None:
    supervisor.start(storage_program())
    provision.provision()
    password = make_admin()
    # The children open connections of their own.
    connections.close_all()
    supervisor.start(worker_program())
    supervisor.start(web_program())
    wait_for("the site", lambda: answers(f"http://127.0.0.1:{settings.PORT}/healthz"), supervisor.is_over)
    _upload_demo(supervisor)
    known = f"password {password} (shown this once)" if password else "the password you have"
    say(f"\n  streamsite is ready: {settings.SITE_URL}  Sign in as admin, {known}. Ctrl-C stops it.\n")


def storage_program() -> Program:
    data = settings.VAR_DIR / "ministack"
    environment = {
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(settings.S3_PORT),
        "SERVICES": "s3,sqs,iam,sts",
        "AUTH": "true",
        "S3_PERSIST": "1",
        "S3_DATA_DIR": str(data / "s3"),
        "PERSIST_STATE": "1",
        "STATE_DIR": str(data / "state"),
        "LOG_LEVEL": "ERROR",
    }
    return Program("s3+sqs", (str(settings.MINISTACK),), environment, _restore_storage)


def _restore_storage() -> None:
    """Make buckets and queues what they should be: an emulator that was killed keeps objects and forgets the rest."""
    wait_for("the local S3 and SQS", lambda: answers(f"{settings.AWS_ENDPOINT_URL}/_ministack/health"))
    provision.make_buckets()
    provision.make_queues()
    provision.connect_events()


def worker_program() -> Program:
    return Program(
        "worker",
        (sys.executable, "-m", "celery", "-A", "streamsite", "--quiet", "worker", "--loglevel", "INFO"),
        {"CHECK_STORAGE": "1"},
    )


def web_program() -> Program:
    gunicorn = (sys.executable, "-m", "gunicorn", "streamsite.wsgi", "--bind", f"127.0.0.1:{settings.PORT}")
    return Program("web", (*gunicorn, "--threads", "8", "--log-level", "warning"), {})


def _upload_demo(supervisor: Supervisor) -> None:
    """The first time, send the demo clip through the front door like anybody's file."""
    done = settings.VAR_DIR / "demo-uploaded"
    if done.exists() or not settings.DEMO_CLIP.is_file():
        return
    upload = (sys.executable, "manage.py", "upload", str(settings.DEMO_CLIP), "--owner", "admin")
    words = ("--visibility", "public", "--title", DEMO_TITLE, "--description", DEMO_DESCRIPTION)
    if supervisor.run_once(Program("demo", (*upload, *words), {})) == 0:
        done.touch()
