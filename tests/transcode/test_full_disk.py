"""A disk that takes no more: ffmpeg's HLS muxer says so in passing, if at all, and ends with exit status 0."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from tests.transcode.conftest import make_clip, media_keys
from transcode import work
from transcode.models import Job
from videos.models import Video

pytestmark = pytest.mark.ffmpeg


@pytest.fixture
def clip(tmp_path: Path) -> bytes:
    return make_clip(tmp_path, "clip.mp4", seconds=3).read_bytes()


@pytest.mark.parametrize("kibibytes", [0, 1, 4, 30, 90, 150])
class FullDiskTests:
    """No file may grow beyond a size; from there on every write fails, as on a full disk."""

    @pytest.fixture
    def job(self, job_of, clip, settings, tmp_path, kibibytes) -> Job:
        program = tmp_path / "ffmpeg"
        # bash counts in 1024 bytes. The signal is ignored, so that ffmpeg meets the error itself.
        limit = f"trap '' XFSZ; ulimit -f {kibibytes}"
        program.write_text(f'#!/bin/bash\n{limit}; exec {settings.FFMPEG} "$@"\n')
        program.chmod(0o755)
        settings.FFMPEG = str(program)
        job: Job = job_of(clip)
        work.work_until_idle(timezone.now, lambda: None)
        job.refresh_from_db()
        return job

    def test_publishes_nothing_and_tries_again(self, job):
        assert Video.objects.get().status == Video.Status.PROCESSING
        assert (job.state, job.failures, media_keys(job)) == (Job.State.QUEUED, 1, [])
        assert job.retry_at is not None and job.retry_at > timezone.now() - timedelta(minutes=1)
