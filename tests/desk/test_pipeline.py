"""Encode again and cancel, through the real pipeline and the real sweep."""

from __future__ import annotations

import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from tests.clients import browser
from tests.desk.conftest import act, kinds
from tests.transcode.conftest import clip, job_of, make_clip, media_keys, send  # noqa: F401
from transcode import sweep, work
from transcode.models import Job, SweepLease
from videos import storage
from videos.models import Video

pytestmark = pytest.mark.ffmpeg


def sweep_now() -> None:
    SweepLease.objects.all().delete()
    sweep.sweep(timezone.now(), lambda: None)


def versions(job: Job) -> set[str]:
    return {key.split("/")[0] for key in media_keys(job)}


def plays(video: Video) -> bool:
    client = browser()
    client.get(video.get_absolute_url())
    playlist = client.get(f"{video.version_path}multivariant.m3u8")
    return playlist.status_code == 200 and b"#EXTM3U" in playlist.getvalue()


@pytest.fixture
def published(job_of, clip: Path) -> Job:  # noqa: F811
    job = job_of(clip.read_bytes())
    work.work_until_idle(timezone.now, lambda: None)
    Video.objects.update(visibility="public")
    sweep_now()
    return Job.objects.get(pk=job.pk)


class EncodeAgainTests:
    def test_keeps_the_old_version_playing_until_the_new_one_is_published(self, staff, published):
        video = Video.objects.get()
        act(staff, "encode_again", video)
        assert (Video.objects.get().version, plays(video), versions(published)) == ("a1", True, {"a1"})
        sweep_now()
        work.work_until_idle(timezone.now, lambda: None)
        video = Video.objects.get()
        assert (video.status, video.version, plays(video)) == ("ready", "a2", True)
        assert versions(published) == {"a1", "a2"}

    def test_leaves_the_old_version_to_the_sweep(self, staff, published):
        act(staff, "encode_again", Video.objects.get())
        work.work_until_idle(timezone.now, lambda: None)
        sweep_now()
        assert (versions(published), plays(Video.objects.get())) == ({"a1", "a2"}, True)
        sweep.sweep(timezone.now() + timedelta(days=1), lambda: None)
        assert (versions(published), plays(Video.objects.get())) == ({"a2"}, True)
        assert not Job.objects.claimable(timezone.now() + timedelta(days=1)).exists()

    def test_keeps_the_old_version_when_the_new_one_fails(self, staff, published, settings):
        settings.MAX_FAILURES, settings.FFMPEG = 1, "/bin/false"
        act(staff, "encode_again", Video.objects.get())
        work.work_until_idle(timezone.now, lambda: None)
        sweep_now()
        video = Video.objects.get()
        assert (video.status, video.version, plays(video), versions(published)) == (
            "ready",
            "a1",
            True,
            {"a1"},
        )
        assert kinds(video)[-1] == "given-up"

    def test_writes_the_whole_story_down(self, staff, published):
        act(staff, "encode_again", Video.objects.get())
        work.work_until_idle(timezone.now, lambda: None)
        assert kinds(Video.objects.get()) == [
            *("upload-begun", "upload-completed", "queued", "attempt-began", "published"),
            *("queued", "encode-asked", "attempt-began", "published"),
        ]

    def test_remembers_the_command_as_a_shell_would_take_it(self, published, settings):
        assert published.command.startswith(f"{settings.FFMPEG} ")
        assert published.command.endswith(" audio/media.m3u8")

    def test_shows_the_objects_of_both_versions(self, staff, published):
        video = Video.objects.get()
        act(staff, "encode_again", video)
        work.work_until_idle(timezone.now, lambda: None)
        page = staff.get(f"/admin/videos/video/{video.pk}/objects/")
        assert [(v["name"].split("/")[1], v["plays"]) for v in page.context["versions"]] == [
            ("a1", False),
            ("a2", True),
        ]
        (source,) = page.context["sources"]
        assert (source.size, source.version_id) == (published.source_size, published.source_version_id)


@pytest.mark.django_db(transaction=True)
class CancelTests:
    def test_during_an_encode_stops_it_and_leaves_no_object(self, staff, job_of, tmp_path):  # noqa: F811
        job = job_of(make_clip(tmp_path, "long.mp4", seconds=60, size="1280x720").read_bytes())
        worker = threading.Thread(target=_work_off)
        worker.start()
        _eventually(lambda: Video.objects.get().progress >= 10)
        act(staff, "cancel", Video.objects.get())
        worker.join(20)
        assert not worker.is_alive()
        job.refresh_from_db()
        assert (job.state, Video.objects.get().status, media_keys(job)) == ("failed", "failed", [])
        assert kinds(Video.objects.get())[-1] == "cancelled"


def _work_off() -> None:
    try:
        work.work_until_idle(timezone.now, lambda: None)
    finally:
        connection.close()


def _eventually(what) -> None:
    deadline = time.monotonic() + 60
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.1)


class ObjectsPageTests:
    def test_says_when_the_storage_is_away(self, staff, published, settings):
        storage.client.cache_clear()
        settings.AWS_ENDPOINT_URL = "http://127.0.0.1:9"
        try:
            page = staff.get(f"/admin/videos/video/{published.video_id}/objects/")
        finally:
            storage.client.cache_clear()
        assert b"The storage does not answer" in page.content

    def test_is_for_staff(self, published, alice):
        path = f"/admin/videos/video/{published.video_id}/objects/"
        assert [client.get(path).status_code for client in (browser(), browser(alice))] == [302, 302]
