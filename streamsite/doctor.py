"""Try every dependency end to end, as it is used, and say what to do about each that does not work."""

from __future__ import annotations

import logging
import secrets
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import httpx
from django.conf import settings
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import mailers
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from streamsite.provision import queue_attributes
from transcode import process, trial
from transcode.core.containment import too_open
from transcode.models import SweepLease
from videos import access, keys, signatures, storage

logger = logging.getLogger(__name__)
RESERVE_BYTES = 2 * 1024**3
WORKER_SECONDS = 20


class Problem(Exception):
    """Something does not work; the text says what, and what to do."""


@dataclass(frozen=True, slots=True)
class Finding:
    name: str
    # Empty where all is well.
    problem: str


def examine() -> Iterator[Finding]:
    for name, look in EXAMINATIONS.items():
        try:
            look()
            yield Finding(name, "")
        except Problem as problem:
            yield Finding(name, str(problem))
        except Exception as error:
            logger.debug("doctor: %s", name, exc_info=True)
            yield Finding(name, f"{type(error).__name__}: {error}. Run `manage.py provision` and try again.")


def _settings() -> None:
    serious = [message for message in run_checks() if message.is_serious()]
    if serious:
        raise Problem(f"{serious[0].msg}. {serious[0].hint or ''}")


def _database() -> None:
    try:
        executor = MigrationExecutor(connection)
    except (Error, ImproperlyConfigured) as error:
        raise Problem(f"The database does not answer: {error}. Look at DATABASE_URL.") from error
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise Problem("Tables are missing or old. Run `manage.py provision`.")


def _encode() -> None:
    """One second of a test picture, through the very encoder."""
    command = (
        settings.FFMPEG,
        "-v",
        "error",
        "-f",
        "lavfi",
        "-i",
        "testsrc2=d=1:s=320x180",
        "-c:v",
        "libx264",
        "o.mp4",
    )
    with tempfile.TemporaryDirectory(dir=settings.WORK_DIR) as folder:
        try:
            process.run(command, Path(folder), silence=30)
        except (OSError, process.CommandFailed) as error:
            raise Problem(f"ffmpeg cannot encode H.264: {error}. Look at FFMPEG.") from error


def _sandbox() -> None:
    """One good encode, and attacks that must fail, as a worker tries it before it starts."""
    try:
        found = trial.contain()
    except trial.Broken as error:
        raise Problem(str(error)) from error
    if found.level < settings.SANDBOX_MIN_LEVEL:
        raise Problem(too_open(found, settings.SANDBOX_MIN_LEVEL))
    logger.info("sandbox: %s", found)


def _room() -> None:
    free = shutil.disk_usage(settings.WORK_DIR).free
    if free < RESERVE_BYTES:
        raise Problem(
            f"{free // 1024**2} MB are free in {settings.WORK_DIR}; a worker wants 2 GB and more. Free some."
        )


def _storage() -> None:
    """A multipart upload by presigned URL, as browsers do it, then every trace of it removed."""
    key = f"{keys.UPLOADS}doctor-{secrets.token_hex(4)}"
    try:
        multipart = storage.start_multipart(key)
        try:
            _send_part(storage.sign_part(key, multipart, 1, 5))
            parts = storage.list_parts(key, multipart)
            if [part.size for part in parts] != [5]:
                raise Problem("A part that was sent is not listed. Run `manage.py provision` and try again.")
        finally:
            storage.abort_multipart(key, multipart)
    except storage.Errors as error:
        raise Problem(
            f"S3 does not work: {error}. Run `manage.py provision`, look at credentials."
        ) from error


def _media() -> None:
    """Store what a player would fetch, read a part of it, remove it."""
    prefix = f"media/doctor-{secrets.token_hex(4)}/"
    try:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "file.m4s"
            path.write_bytes(b"hello")
            storage.store(f"{prefix}file.m4s", path)
        read = b"".join(storage.read_media(f"{prefix}file.m4s", "bytes=1-3").blocks)
        storage.delete_media(prefix)
    except storage.Errors as error:
        raise Problem(
            f"The media bucket does not work: {error}. Run `manage.py provision`, look at credentials."
        ) from error
    if read != b"ell":
        raise Problem("The media bucket does not give ranges; players need them.")


def _mail() -> None:
    try:
        mailer = mailers["default"]
        mailer.open()
        mailer.close()
    except OSError as error:
        raise Problem(
            f"The mail server does not answer: {error}. Look at MAIL_HOST and MAIL_PORT."
        ) from error


def _send_part(url: str) -> None:
    try:
        answer = httpx.put(url, content=b"hello", timeout=20)
    except httpx.TransportError as error:
        raise Problem(f"{settings.INGEST_ORIGIN} does not answer: {error}. Is the site running?") from error
    if not answer.is_success:
        raise Problem(
            f"S3 refused a presigned part with status {answer.status_code}. Is this machine's clock right?"
        )


def _cross_origin() -> None:
    asked = {"Origin": settings.SITE_URL, "Access-Control-Request-Method": "PUT"}
    url = storage.sign_part(f"{keys.UPLOADS}doctor", "none", 1, 5)
    try:
        answer = httpx.options(url, headers=asked, timeout=20)
    except httpx.TransportError as error:
        raise Problem(f"{settings.INGEST_ORIGIN} does not answer: {error}.") from error
    if answer.headers.get("Access-Control-Allow-Origin") not in (settings.SITE_URL, "*"):
        raise Problem("Browsers may not send parts from this site (CORS). Run `manage.py provision`.")


def _queues() -> None:
    for url in (settings.TASKS_QUEUE_URL, settings.EVENTS_QUEUE_URL):
        try:
            attributes = queue_attributes(url, "All")
        except storage.Errors as error:
            raise Problem(f"Queue {url} does not answer: {error}. Run `manage.py provision`.") from error
        if "RedrivePolicy" not in attributes:
            raise Problem(f"Queue {url} has no dead-letter queue. Run `manage.py provision`.")


def _notification() -> None:
    try:
        found = storage.client().get_bucket_notification_configuration(Bucket=settings.INGEST_BUCKET)
    except storage.Errors as error:
        raise Problem(f"The ingest bucket's notification cannot be read: {error}.") from error
    if not found.get("QueueConfigurations"):
        raise Problem("S3 does not tell the events queue of uploads. Run `manage.py provision`.")


def _signing() -> None:
    url, now = f"{settings.SITE_URL}/media/v/x", timezone.now()
    try:
        signer = access.site_signer()
        cookies = signer.cookies(url, now + timedelta(minutes=1))
        signatures.check(url, cookies, {}, trusted=signer.trusted(), now=now, address="")
    except (OSError, ValueError, signatures.Denied) as error:
        raise Problem(
            f"Cookies cannot be signed: {error}. Run `manage.py provision`, or see SIGNING_KEY_FILE."
        ) from error


def _web() -> None:
    try:
        answer = httpx.get(f"{settings.SITE_URL}/healthz", timeout=10)
    except httpx.TransportError as error:
        raise Problem(f"{settings.SITE_URL} does not answer: {error}. `make run` starts the site.") from error
    if not answer.is_success:
        raise Problem(f"{settings.SITE_URL}/healthz answers {answer.status_code}: {answer.text[:200]}")


def _edge() -> None:
    """What nobody signed must stay shut."""
    url = f"{settings.SITE_URL}/media/v/00000000-0000-4000-8000-000000000000/0000000000000000/a1/multivariant.m3u8"
    try:
        status = httpx.get(url, timeout=10).status_code
    except httpx.TransportError as error:
        raise Problem(f"The edge does not answer: {error}.") from error
    if status != 403:
        raise Problem(
            f"The edge answers {status} to a request without cookies, not 403. Look at its key group."
        )


def _worker() -> None:
    """Wait for a sweep: a worker that has just been started has not swept yet."""
    deadline = time.monotonic() + WORKER_SECONDS
    while not SweepLease.objects.filter(until__gt=timezone.now()).exists():
        if time.monotonic() > deadline:
            raise Problem("No worker sweeps. Start one; its log says why it stopped.")
        time.sleep(0.2)


EXAMINATIONS: dict[str, Callable[[], None]] = {
    "settings and programs": _settings,
    "database and tables": _database,
    "ffmpeg encodes": _encode,
    "ffmpeg is contained": _sandbox,
    "room on the disk": _room,
    "S3 takes presigned parts": _storage,
    "S3 keeps media and gives ranges": _media,
    "S3 lets the browser send": _cross_origin,
    "SQS and dead-letter queues": _queues,
    "S3 tells SQS": _notification,
    "cookies can be signed": _signing,
    "mail can be sent": _mail,
    "the site answers": _web,
    "the edge is shut": _edge,
    "a worker sweeps": _worker,
}
