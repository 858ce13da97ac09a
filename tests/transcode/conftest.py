"""Sources in S3, as an upload leaves them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.utils import timezone

from accounts.models import User
from transcode import intake, process
from transcode.models import Job
from videos import storage, uploads
from videos.models import Upload


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds of a moving test picture with a tone."""
    return make_clip(tmp_path_factory.mktemp("clips"), "clip.mp4", seconds=2)


def make_clip(
    folder: Path, name: str, *, seconds: int = 2, size: str = "640x360", extra: tuple[str, ...] = ()
) -> Path:
    process.run(
        (
            *(django_settings.FFMPEG, "-v", "error", "-y"),
            *("-f", "lavfi", "-i", f"testsrc2=d={seconds}:s={size}:r=25"),
            *("-f", "lavfi", "-i", f"sine=d={seconds}"),
            *("-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac", *extra, name),
        ),
        folder,
        silence=60,
    )
    return folder / name


@pytest.fixture
def send(emulator: None, alice: User) -> Callable[[bytes], Upload]:
    """Upload bytes as a client does, without a worker to hear of it."""

    def send(data: bytes) -> Upload:
        # By the clock on the wall: a real worker's sweep gives up what was begun too long ago.
        upload = uploads.begin(alice, uploads.Wanted("clip.mp4", len(data)), timezone.now())
        for number, url in uploads.part_urls(upload, list(range(1, upload.part_count + 1))).items():
            start = (number - 1) * upload.part_size
            put(url, data[start : start + upload.part_size])
        uploads.complete(upload, timezone.now())
        return upload

    return send


def put(url: str, data: bytes) -> None:
    import httpx

    httpx.put(url, content=data).raise_for_status()


@pytest.fixture
def job_of(send: Callable[[bytes], Upload]) -> Callable[[bytes], Job]:
    """Upload bytes and accept them, as the event would."""

    def job_of(data: bytes) -> Job:
        upload = send(data)
        assert intake.accept(django_settings.INGEST_BUCKET, upload.key, timezone.now())
        return Job.objects.get(video=upload.video)

    return job_of


def media_keys(job: Job) -> list[str]:
    """The keys that S3 has of a job's video."""
    return [key.partition(f"{job.video.epoch}/")[2] for key in storage.list_media(f"media/v/{job.video_id}/")]
