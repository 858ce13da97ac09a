"""System checks: what can be wrong together, each with an id and the fix."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from transcode import process
from transcode.core.floor import Hole, Version, holes_in, version_of
from videos import access, storage


@register("programs")
def programs(**kwargs: Any) -> list[CheckMessage]:
    """E001, E002."""
    return [message for path in (settings.FFMPEG, settings.FFPROBE) for message in _program(path)]


def _program(path: str) -> list[CheckMessage]:
    try:
        with tempfile.TemporaryDirectory() as folder:
            banner = process.run((path, "-version"), Path(folder), silence=20)
    except (OSError, process.CommandFailed) as error:
        fix = "`make run` installs both; or name yours in FFMPEG and FFPROBE, and in SANDBOX_READ what they read."
        return [Error(f"{path} does not run: {error}", fix, id="streamsite.E001")]
    return about(path, banner)


def about(path: str, banner: str) -> list[CheckMessage]:
    """Say what is wrong with a program that introduces itself like this."""
    version = version_of(banner)
    return [
        Error(f"{path} {_has(version, hole)}", _fix(hole), id="streamsite.E002")
        for hole in holes_in(version, settings.FFMPEG_HOLES_COVERED)
    ]


def _has(version: Version | None, hole: Hole) -> str:
    if version is None:
        return f"does not name its version, so it may have {hole.name}"
    return f"is version {'.'.join(map(str, version))}, which has {hole.name}"


def _fix(hole: Hole) -> str:
    fix = f"Use {hole.fix}: older ones have a hole that runs code."
    if not hole.is_covered:
        return fix
    return f"{fix} Or set FFMPEG_HOLES_COVERED={hole.name}: no file reaches its decoder, {hole.decoder}, which is not on the allow-list."


@register("signing")
def signing_key(**kwargs: Any) -> list[CheckMessage]:
    """E003: without the key pair nobody can watch. A laptop makes it at its first start."""
    if settings.LAPTOP and not settings.SIGNING_KEY_FILE.exists():
        return []
    try:
        access.site_signer()
    except (OSError, ValueError) as error:
        fix = "Name the RSA-2048 private key (PEM) of your CloudFront key group in SIGNING_KEY_FILE."
        return [Error(f"SIGNING_KEY_FILE cannot be used: {error}", fix, id="streamsite.E003")]
    return []


@register("storage")
def buckets(**kwargs: Any) -> list[CheckMessage]:
    """E004: only where CHECK_STORAGE lets checks go out, as for a worker that starts."""
    if not settings.CHECK_STORAGE:
        return []
    messages: list[CheckMessage] = []
    for bucket in (settings.INGEST_BUCKET, settings.MEDIA_BUCKET):
        try:
            storage.client().head_bucket(Bucket=bucket)
        except storage.Errors as error:
            fix = "`manage.py provision` makes what is missing; else look at the credentials and AWS_REGION."
            messages.append(Error(f"bucket {bucket} cannot be reached: {error}", fix, id="streamsite.E004"))
    return messages


@register("leases")
def lease(**kwargs: Any) -> list[CheckMessage]:
    """E005: a lease is renewed about every second, so one shorter than that is lost at once."""
    if settings.LEASE_SECONDS >= 3:
        return []
    fix = "Set LEASE_SECONDS to 3 or more."
    return [Error(f"LEASE_SECONDS is {settings.LEASE_SECONDS}", fix, id="streamsite.E005")]
