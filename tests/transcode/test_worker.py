"""A real Celery worker on the real queues: notifications in, published versions out, whatever is killed."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.utils import timezone

from streamsite import laptop, provision
from streamsite.supervisor import Supervisor
from tests.transcode.conftest import make_clip, media_keys
from transcode.models import Chunk, Job
from videos.models import Video

pytestmark = [pytest.mark.stack, pytest.mark.django_db(transaction=True)]
PATIENCE = 90


def eventually(what: Callable[[], object], seconds: float = PATIENCE) -> None:
    """Wait until something holds; fail with its name if it never does."""
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, f"never: {what}"
        time.sleep(0.1)


def database_url() -> str:
    """Return the address of the database these very tests use."""
    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    return f"{django_settings.DATABASE_URL.rpartition('/')[0]}/{name}"


class Worker:
    """One worker process; ended by its own id."""

    def __init__(self) -> None:
        program = laptop.worker_program()
        environment = {**program.environment, "DATABASE_URL": database_url()}
        self._supervisor = Supervisor(20, django_settings.BASE_DIR)
        self._supervisor.start(type(program)("worker", program.argv, environment))

    @property
    def pid(self) -> int:
        return self._supervisor.pids()[0]

    def runs(self) -> bool:
        return self._supervisor.all_run()

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)
        self._supervisor.stop()

    def stop(self) -> None:
        self._supervisor.stop()


@pytest.fixture
def worker(emulator: None, db: None) -> Iterator[Worker]:
    provision.sqs().purge_queue(QueueUrl=django_settings.EVENTS_QUEUE_URL)
    provision.sqs().purge_queue(QueueUrl=django_settings.TASKS_QUEUE_URL)
    worker = Worker()
    yield worker
    worker.stop()


def tell(body: str) -> None:
    provision.sqs().send_message(QueueUrl=django_settings.EVENTS_QUEUE_URL, MessageBody=body)


def notification(*keys: str) -> str:
    bucket = {"name": django_settings.INGEST_BUCKET}
    record = {"eventSource": "aws:s3", "eventName": "ObjectCreated:Put", "s3": {"bucket": bucket}}
    return json.dumps(
        {"Records": [{**record, "s3": {"bucket": bucket, "object": {"key": key}}} for key in keys]}
    )


def messages_in(url: str) -> int:
    names = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
    return sum(int(count) for count in provision.queue_attributes(url, *names).values())


def is_ready() -> bool:
    return Video.objects.filter(status=Video.Status.READY).exists()


class NotificationTests:
    def test_from_s3_becomes_a_video(self, worker, send, clip):
        send(clip.read_bytes())
        eventually(is_ready)
        assert Job.objects.get().attempt == 1

    def test_repeated_makes_nothing_twice(self, worker, send, clip):
        upload = send(clip.read_bytes())
        for _ in range(5):
            tell(notification(upload.key, upload.key))
        eventually(is_ready)
        eventually(lambda: messages_in(django_settings.EVENTS_QUEUE_URL) == 0)
        eventually(lambda: messages_in(django_settings.TASKS_QUEUE_URL) == 0)
        assert (Job.objects.count(), Job.objects.get().attempt) == (1, 1)

    def test_that_is_none_ends_in_the_dead_letter_queue(self, worker, send, clip):
        dead = f"{django_settings.EVENTS_QUEUE_URL}-dead"
        before = messages_in(dead)
        bodies = ("junk", "{}", '{"Records": [{}]}', '{"properties": 7}')
        for body in bodies:
            tell(body)
        send(clip.read_bytes())
        eventually(is_ready)
        eventually(lambda: messages_in(dead) == before + len(bodies))
        assert messages_in(django_settings.EVENTS_QUEUE_URL) == 0

    def test_of_an_unknown_key_is_dropped(self, worker, send, clip):
        tell(notification("uploads/unknown/source", "uploads/00000000-0000-4000-8000-000000000000/source"))
        send(clip.read_bytes())
        eventually(is_ready)
        eventually(lambda: messages_in(django_settings.EVENTS_QUEUE_URL) == 0)
        assert Job.objects.count() == 1

    def test_that_never_comes_is_made_good_by_the_sweep(self, worker, send, clip):
        upload = send(clip.read_bytes())
        provision.sqs().purge_queue(QueueUrl=django_settings.EVENTS_QUEUE_URL)
        type(upload).objects.update(completed_at=timezone.now())
        eventually(is_ready)


class KilledTests:
    def test_worker_loses_nothing_and_leaves_nothing(self, worker, send, tmp_path: Path):
        send(make_clip(tmp_path, "long.mp4", seconds=30, size="1280x720").read_bytes())
        eventually(lambda: Video.objects.filter(progress__gte=10).exists())
        worker.kill()
        eventually(lambda: not programs_below(django_settings.FFMPEG), 5)
        second = Worker()
        try:
            eventually(is_ready)
            job = Job.objects.get()
            assert job.state == Job.State.SUCCEEDED
            eventually(lambda: Job.objects.get().tidied)
            assert {key.split("/")[0] for key in media_keys(job)} == {job.version}
        finally:
            second.stop()

    def test_worker_that_is_asked_to_stop_hands_its_job_back_at_once(self, worker, send, tmp_path: Path):
        send(make_clip(tmp_path, "long.mp4", seconds=30, size="1280x720").read_bytes())
        eventually(lambda: Video.objects.filter(progress__gte=10).exists())
        worker.stop()
        assert not Job.objects.filter(state=Job.State.RUNNING).exists()
        assert not Chunk.objects.filter(state=Chunk.State.RUNNING).exists()
        assert set(Job.objects.values_list("failures", flat=True)) == {0}
        assert not programs_below(django_settings.FFMPEG)


class LostQueueTests:
    def test_worker_goes_on_with_what_it_does_and_hears_the_queue_that_is_back(
        self, worker, emulator, send, clip, tmp_path: Path
    ):
        pid = worker.pid
        send(make_clip(tmp_path, "long.mp4", seconds=20, size="1280x720").read_bytes())
        eventually(lambda: Video.objects.filter(progress__gte=10).exists())
        emulator.kill()
        # Time to be refused; then, to be told that there is no such queue.
        time.sleep(1)
        emulator.start()
        eventually(is_ready)
        upload = send(clip.read_bytes())
        eventually(lambda: Video.objects.filter(pk=upload.video_id, status=Video.Status.READY).exists())
        assert (worker.pid, worker.runs()) == (pid, True)
        assert set(Job.objects.values_list("deaths", flat=True)) == {0}


class DeletedTests:
    def test_video_stops_its_encode_and_leaves_no_object(self, worker, send, tmp_path: Path):
        upload = send(make_clip(tmp_path, "long.mp4", seconds=30, size="1280x720").read_bytes())
        eventually(lambda: Video.objects.filter(progress__gte=10).exists())
        job = Job.objects.get()
        upload.video.delete_soon(timezone.now())
        eventually(lambda: not Video.objects.exists())
        assert media_keys(job) == []
        assert not programs_below(django_settings.FFMPEG)


def programs_below(path: str) -> list[str]:
    """Return the process ids that run this program in a folder of these tests."""
    found = []
    for process in Path("/proc").iterdir():
        if process.name.isdecimal():
            try:
                words = (process / "cmdline").read_bytes().split(b"\0")
                place = os.readlink(process / "cwd")
            except OSError:
                continue
            if words[0].decode(errors="replace") == path and place.startswith(str(django_settings.VAR_DIR)):
                found.append(process.name)
    return found
