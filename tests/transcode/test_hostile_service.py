"""Hostile and damaged files through the whole service: upload, notification, a real worker, the queues."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.conf import settings as django_settings
from django.db.models import Q

from streamsite import laptop, provision
from streamsite.supervisor import Supervisor
from tests.attacks import bombs, broken, mutations, references
from tests.attacks.canary import watched
from tests.attacks.payloads import Payload
from tests.transcode.conftest import make_clip
from tests.transcode.test_worker import database_url, eventually
from transcode.models import Job
from videos.models import Video

pytestmark = [pytest.mark.stack, pytest.mark.ffmpeg, pytest.mark.django_db(transaction=True)]
# Most first, for what is made of them is quick to refuse.
MUTATIONS = 20
CHOSEN = ("hls file", "hls http", "concat neighbour", "dash file", "4000 boxes in each other", "900 tracks")
OVER = Q(status=Video.Status.READY) | Q(status=Video.Status.FAILED)


class Listening:
    """A worker, and every line that it prints."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        program = laptop.worker_program()
        environment = {**program.environment, "DATABASE_URL": database_url()}
        self.supervisor = Supervisor(
            20, django_settings.BASE_DIR, on_line=lambda name, line: self.lines.append(line)
        )
        self.supervisor.start(type(program)("worker", program.argv, environment))


@contextmanager
def listening() -> Iterator[Listening]:
    for url in (django_settings.EVENTS_QUEUE_URL, django_settings.TASKS_QUEUE_URL):
        provision.sqs().purge_queue(QueueUrl=url)
    worker = Listening()
    try:
        yield worker
    finally:
        worker.supervisor.stop()


def send_all(send, files: list[bytes]) -> None:
    for data in files:
        send(data)
    eventually(lambda: Video.objects.filter(OVER).count() == len(files), 300)


def troubles(worker: Listening) -> list[str]:
    return [line for line in worker.lines if "Traceback" in line or "ERROR" in line or "CRITICAL" in line]


class WorkerTests:
    def test_ends_every_damaged_file_with_a_reason(self, emulator, send, tmp_path):
        clips = {kind: mutations.clip(tmp_path, kind) for kind in mutations.CLIPS}
        kinds = [*mutations.CLIPS, *mutations.CLIPS][:MUTATIONS]
        with listening() as worker:
            send_all(send, [mutations.mutated(clips[kind], kind, 5, n) for n, kind in enumerate(kinds)])
            assert worker.supervisor.all_run() and troubles(worker) == []
        assert not Video.objects.filter(status=Video.Status.FAILED, failure="").exists()
        # Each way of making it at most once, and nothing because of us.
        assert set(Job.objects.values_list("failures", "deaths")) == {(0, 0)}
        assert max(Job.objects.values_list("attempt", flat=True)) <= len(Job.Way)

    def test_is_not_led_astray_and_goes_on_to_the_next_video(self, emulator, send, tmp_path):
        good = make_clip(tmp_path, "good.mp4", seconds=1, size="64x48").read_bytes()
        with watched() as canary, listening() as worker:
            chosen = [one for one in payloads(canary, good, tmp_path) if one.name in CHOSEN]
            send_all(send, [*(one.data for one in chosen), good])
            assert (canary.opens(), canary.calls, troubles(worker)) == ([], [], [])
        failures = Counter(Video.objects.values_list("failure", flat=True))
        assert failures.pop("") == 1
        assert set(failures) <= set().union(*(one.ends for one in chosen))
        assert set(Job.objects.values_list("attempt", "failures")) == {(1, 0)}


def payloads(canary, good: bytes, folder) -> list[Payload]:
    return [*references.references(canary, good), *broken.boxes(good), *bombs.countless(good)]
