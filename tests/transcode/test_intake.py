from __future__ import annotations

from transcode import intake
from transcode.models import Job
from videos.models import Upload, Video

BUCKET = "ingest"


class AcceptTests:
    def test_pins_the_object_and_makes_one_job(self, send, now):
        upload = send(b"some bytes")
        assert intake.accept(BUCKET, upload.key, now)
        job = Job.objects.get()
        assert (job.source_key, job.source_size, job.state) == (upload.key, 10, Job.State.QUEUED)
        assert job.source_version_id and job.source_etag

    def test_lets_the_video_begin(self, send, now):
        upload = send(b"some bytes")
        intake.accept(BUCKET, upload.key, now)
        assert Video.objects.get().status == Video.Status.PROCESSING

    def test_says_at_once_that_it_is_queued(self, send, now):
        upload = send(b"some bytes")
        intake.accept(BUCKET, upload.key, now)
        assert Video.objects.get().queue_position == 1

    def test_makes_nothing_twice(self, send, now):
        upload = send(b"some bytes")
        assert [intake.accept(BUCKET, upload.key, now) for _ in range(3)] == [True, False, False]
        assert Job.objects.count() == 1

    def test_completes_an_upload_that_nobody_said_was_complete(self, send, now):
        upload = send(b"some bytes")
        Upload.objects.update(state=Upload.State.ISSUED, completed_at=None)
        intake.accept(BUCKET, upload.key, now)
        assert Upload.objects.get().state == Upload.State.COMPLETED

    def test_passes_over_strangers(self, send, now):
        upload = send(b"some bytes")
        for bucket, key in (
            ("other", upload.key),
            (BUCKET, "uploads/2c5ea4c0-4067-11e9-8bad-9b1deb4d3b7d/source"),
            (BUCKET, f"{upload.key}/../../x"),
            (BUCKET, "../../etc/passwd"),
            (BUCKET, "uploads/" + "-" * 36 + "/source"),
            (BUCKET, ""),
        ):
            assert not intake.accept(bucket, key, now)
        assert not Job.objects.exists()

    def test_passes_over_a_hint_without_an_object(self, send, now):
        from videos import storage

        upload = send(b"some bytes")
        storage.delete_source(upload.key)
        assert not intake.accept(BUCKET, upload.key, now)

    def test_passes_over_a_deleted_video(self, send, now):
        upload = send(b"some bytes")
        upload.video.delete_soon(now)
        assert not intake.accept(BUCKET, upload.key, now)
