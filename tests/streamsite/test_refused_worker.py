"""A real Celery worker where it must not work: it says why, and takes nothing from its queue."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from django.conf import settings as django_settings

from streamsite import laptop, provision
from streamsite.celery import refuse_what_cannot_work

pytestmark = [pytest.mark.stack, pytest.mark.ffmpeg]
SECONDS = 60
OLD_FFMPEG = """#!/bin/sh
echo ffmpeg version 5.1.9 Copyright the FFmpeg developers
"""


@pytest.fixture
def waiting(emulator: None) -> str:
    """The queue, with one message in it that any worker would take at once."""
    url: str = django_settings.TASKS_QUEUE_URL
    provision.sqs().purge_queue(QueueUrl=url)
    provision.sqs().send_message(QueueUrl=url, MessageBody="{}")
    return url


def visible_in(url: str) -> int:
    return int(provision.queue_attributes(url, "ApproximateNumberOfMessages")["ApproximateNumberOfMessages"])


def start(**environment: str) -> subprocess.CompletedProcess[str]:
    """Start a worker and wait until it has ended by itself."""
    program = laptop.worker_program()
    return subprocess.run(
        program.argv,
        cwd=django_settings.BASE_DIR,
        env={**os.environ, **program.environment, **environment},
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )


@pytest.fixture
def old_ffmpeg(tmp_path: Path) -> str:
    path = tmp_path / "ffmpeg"
    path.write_text(OLD_FFMPEG)
    path.chmod(0o755)
    return str(path)


class RefusedWorkerTests:
    def test_has_no_place_to_try_its_sandbox_in(self, waiting):
        # Not even root makes files there.
        done = start(WORK_DIR="/sys", SANDBOX_MIN_LEVEL="2")
        assert (done.returncode, visible_in(waiting)) == (1, 1)
        assert done.stderr.splitlines()[-1].startswith("streamsite: WORK_DIR cannot be worked in")

    def test_fails_its_trial_in_a_way_that_nobody_thought_of(self, settings):
        settings.FFMPEG = None
        with pytest.raises(SystemExit, match="^streamsite: this worker does not start, .* TypeError"):
            refuse_what_cannot_work()

    def test_contains_less_than_it_must(self, waiting):
        done = start(SANDBOX="0", SANDBOX_MIN_LEVEL="2")
        assert (done.returncode, visible_in(waiting)) == (1, 1)
        assert "SANDBOX_MIN_LEVEL is 2" in done.stderr.splitlines()[-1]

    def test_has_an_ffmpeg_below_the_security_floor(self, waiting, old_ffmpeg):
        done = start(FFMPEG=old_ffmpeg, SANDBOX="0")
        assert (done.returncode, visible_in(waiting)) == (1, 1)
        assert "CVE-2026-8461" in done.stderr
