"""A private copy of the whole site: own folder, own ports, nothing of the developer's own."""

from __future__ import annotations

import shutil
import signal
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from streamsite.supervisor import CannotStart, Program, Supervisor, answers, free_ports, wait_for
from videos.signatures import Signer, signer

KEY_ID = "KDEMO"
# `manage.py run` stops three programs, one after the other.
STOP_SECONDS = 3 * settings.STOP_SECONDS + 10
ENDING_SECONDS = 5
LOG_LINES = 100_000
LAST_LINES = 40
# What the site says about the requests that are made in order to be refused.
ASKED_FOR = ("edge refused", "django.request: Forbidden", "django.request: Not Found")
# What would tie the copy to the site it is a copy of. Empty is as good as unset.
NOT_INHERITED = (
    *("SITE_URL", "ALLOWED_HOSTS", "TRUSTED_PROXIES", "SECRET_KEY", "DATABASE_URL", "WORK_DIR"),
    *("AWS_ENDPOINT_URL", "AWS_REGION", "INGEST_BUCKET", "MEDIA_BUCKET"),
    *("EVENTS_QUEUE_URL", "TASKS_QUEUE_URL", "EDGE", "SIGNING_KEY_FILE"),
)


class Gone(Exception):
    """The copy ended by itself, and nothing can be tried any more."""


class Log:
    """What the site says, for when something goes wrong."""

    def __init__(self) -> None:
        self.lines: deque[str] = deque(maxlen=LOG_LINES)
        self.server_errors = self.tracebacks = 0

    def hear(self, _name: str, line: str) -> None:
        self.lines.append(line)
        self.server_errors += "django.request: Internal Server Error" in line
        self.tracebacks += "Traceback (most recent call last)" in line

    def tail(self) -> list[str]:
        telling = [line for line in tuple(self.lines) if not any(words in line for words in ASKED_FOR)]
        return telling[-LAST_LINES:]


@dataclass(frozen=True, slots=True)
class Stack:
    """The running copy, as far as somebody outside needs to know it."""

    site: str
    signer: Signer
    is_running: Callable[[], bool]
    # For commands that are to act on this copy.
    environment: dict[str, str]


@contextmanager
def private_stack(log: Log, **more: str) -> Iterator[Stack]:
    """Run a copy of the site for the length of the block; afterwards nothing of it is left. It says into `log`.

    `more` are variables of its environment that are to be others than usual here.
    """
    folder = Path(tempfile.mkdtemp(prefix="streamsite-demo-"))
    supervisor = Supervisor(STOP_SECONDS, settings.BASE_DIR, log.hear)
    try:
        yield _start(supervisor, folder, more)
    finally:
        with _undisturbed():
            if not supervisor.all_run():
                # What it had started ends by itself then, and writes while it does.
                time.sleep(ENDING_SECONDS)
            supervisor.stop()
            shutil.rmtree(folder, ignore_errors=True)


def _start(supervisor: Supervisor, folder: Path, more: dict[str, str]) -> Stack:
    port, s3_port = free_ports(2)
    site = f"http://127.0.0.1:{port}"
    (folder / "tmp").mkdir()
    # It is the clips that are to be uploaded, and not the first start's own video.
    (folder / "demo-uploaded").touch()
    run = (sys.executable, "manage.py", "run")
    variables = {**environment(folder, site, port, s3_port), **more}
    supervisor.start(Program("site", run, variables))

    def is_ready() -> bool:
        if not supervisor.all_run():
            raise CannotStart("the private copy of the site ended while it was starting.")
        return answers(f"{site}/healthz")

    wait_for("the private copy of the site", is_ready)
    return Stack(site, signer(folder / "signing-key.pem", KEY_ID), supervisor.all_run, variables)


def environment(folder: Path, site: str, port: int, s3_port: int) -> dict[str, str]:
    """Return the variables of a site of its own in a folder, whatever the site at hand has."""
    return {
        **dict.fromkeys(NOT_INHERITED, ""),
        "ENVIRONMENT": "laptop",
        "VAR_DIR": str(folder),
        # What programs leave in a temporary folder goes with this one.
        "TMPDIR": str(folder / "tmp"),
        "SITE_URL": site,
        "PORT": str(port),
        "S3_PORT": str(s3_port),
        "SIGNING_KEY_ID": KEY_ID,
        "SIGNUP": "open",
        "EMAIL_VERIFICATION": "none",
        # Browsers know passkeys for names only, so that test goes to localhost.
        "ALLOWED_HOSTS": "127.0.0.1,localhost",
        # One owner sends many files in a short time, and nobody has minutes to wait for another try.
        "RATE_BEGIN": "100000/hour",
        "SWEEP_SECONDS": "1",
        "RETRY_SECONDS": "1",
        "ADOPT_SECONDS": "5",
        "PYTHONUNBUFFERED": "1",
    }


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Let a second Ctrl-C wait until everything has ended."""
    before = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
