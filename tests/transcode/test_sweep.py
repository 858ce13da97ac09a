from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from tests import factories
from tests.transcode.conftest import media_keys
from transcode import queue
from transcode.models import Job
from transcode.sweep import sweep
from videos import keys, storage
from videos.models import Upload, Video

LATER = timedelta(hours=1)


class Wakes(list[None]):
    def __call__(self) -> None:
        self.append(None)


class SweepTests:
    def test_wakes_a_worker_for_each_claimable_job(self, emulator, alice, now):
        for _ in range(3):
            factories.job(factories.video(alice))
        assert sweep(now, wakes := Wakes()) and len(wakes) == 3

    def test_wakes_no_more_than_ten(self, emulator, alice, now):
        for _ in range(12):
            factories.job(factories.video(alice))
        sweep(now, wakes := Wakes())
        assert len(wakes) == 10

    def test_lets_the_queue_rest_when_there_is_nothing(self, emulator, db, now):
        sweep(now, wakes := Wakes())
        assert wakes == []

    def test_is_done_by_one_worker_at_a_time(self, emulator, db, now):
        assert [sweep(now, Wakes()), sweep(now, Wakes())] == [True, False]

    def test_adopts_an_upload_whose_event_never_came(self, send):
        send(b"some bytes")
        sweep(timezone.now() + LATER, wakes := Wakes())
        assert Job.objects.count() == len(wakes) == 1

    def test_gives_the_event_a_while_to_come(self, send):
        send(b"some bytes")
        sweep(timezone.now(), Wakes())
        assert not Job.objects.exists()

    def test_queues_again_what_was_asked_for_again(self, emulator, alice, now):
        video = factories.failed(alice)
        factories.job(video, state=Job.State.FAILED, finished_at=now)
        video.request_encode(now + LATER)
        sweep(now + LATER, wakes := Wakes())
        assert (Job.objects.get().state, len(wakes)) == (Job.State.QUEUED, 1)

    def test_removes_a_deleted_video_with_every_object(self, job_of, now, tmp_path):
        job = job_of(b"some bytes")
        leave(job, "a1/360p/00000.m4s", tmp_path)
        job.video.delete_soon(now)
        sweep(now, Wakes())
        assert (media_keys(job), storage.pin(job.source_key)) == ([], None)
        assert not Video.objects.exists() and not Upload.objects.exists()

    def test_goes_on_with_the_others_when_one_is_in_trouble(self, job_of, alice, now):
        broken = factories.video(alice, deleted_at=now)
        factories.upload(broken, multipart_id="")
        job = job_of(b"some bytes")
        job.video.delete_soon(now)
        sweep(now, Wakes())
        assert not Video.objects.filter(pk=job.video_id).exists()

    def test_spares_a_deleted_video_while_a_worker_holds_it(self, job_of, now):
        job = job_of(b"some bytes")
        queue.claim(now=now, lease=LATER, worker="w")
        job.video.delete_soon(now)
        sweep(now, Wakes())
        assert Video.objects.exists()
        sweep(now + LATER, Wakes())
        assert not Video.objects.exists()

    def test_tidies_what_unpublished_attempts_left(self, emulator, alice, now, tmp_path):
        job = factories.job(
            factories.ready(alice, version="a2"), state="succeeded", finished_at=now, attempt=2, tidied=False
        )
        leave(job, "a1/360p/00000.m4s", tmp_path)
        leave(job, "a2/360p/00000.m4s", tmp_path)
        sweep(now, Wakes())
        assert media_keys(job) == ["a2/360p/00000.m4s"]

    def test_keeps_a_version_that_was_replaced_for_who_is_watching_it(
        self, emulator, alice, now, tmp_path, settings
    ):
        video = factories.ready(alice, version="a2", published_at=now - LATER)
        job = factories.job(video, state="succeeded", finished_at=now, attempt=2, tidied=False)
        leave(job, "a1/360p/00000.m4s", tmp_path)
        leave(job, "a2/360p/00000.m4s", tmp_path)
        kept = timedelta(seconds=settings.REPLACED_SECONDS)
        sweep(now + kept - LATER, Wakes())
        before = media_keys(job)
        sweep(now + kept, Wakes())
        assert (len(before), media_keys(job), Job.objects.get().tidied) == (2, ["a2/360p/00000.m4s"], True)

    def test_keeps_nothing_of_a_video_that_was_deleted_after_it_was_replaced(
        self, emulator, alice, now, tmp_path
    ):
        video = factories.ready(alice, version="a2", published_at=now - LATER)
        job = factories.job(video, state="succeeded", finished_at=now, attempt=2, tidied=False)
        leave(job, "a1/360p/00000.m4s", tmp_path)
        video.delete_soon(now)
        sweep(now, Wakes())
        assert media_keys(job) == []

    def test_gives_up_uploads_that_were_never_finished(self, emulator, alice, now):
        factories.upload(factories.video(alice), expires_at=now)
        sweep(now, Wakes())
        assert not Video.objects.existing().exists()


def leave(job: Job, name: str, folder) -> None:
    (folder / "x.m4s").write_bytes(b"x")
    storage.store(keys.epoch_prefix(job.video_id, job.video.epoch) + name, folder / "x.m4s")
