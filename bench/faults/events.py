"""Notifications as a bad day brings them: repeated, out of order, lost, of others, unreadable; consumers die of it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from random import Random

from django.conf import settings

from bench.faults.audit import published_twice
from bench.faults.count import Count
from bench.faults.kills import waiting
from bench.faults.place import Place, eventually
from streamsite import provision
from transcode.models import Job
from videos import storage
from videos.models import Video

LOST, FOREIGN, MALFORMED = 0.05, 0.05, 0.02
KILLS_APART = 3.0
PATIENCE = 240
JUNK = ("junk", "{}", '{"Records": [{}]}', '{"Records": 7}', "[1, 2", '{"Records": [{"s3": {"bucket": {}}}]}')


def events(place: Place, tries: int, seed: int) -> Count:
    """Upload, then tell of it ourselves; the encode is a stand-in that takes no time."""
    chance = Random(seed)
    (clip := place.folder / "clip.mp4").write_bytes(b"x")
    _silence_s3()
    keys = [place.send(clip).upload.key for _ in range(tries)]
    told, malformed = messages(keys, chance)
    sqs = provision.sqs()
    for body in told:
        sqs.send_message(QueueUrl=settings.EVENTS_QUEUE_URL, MessageBody=body)
    place.start(3, app="bench.standin", more={"STAND_IN_SECONDS": "0.02"})
    kills = 0
    deadline = time.monotonic() + PATIENCE
    while (waiting() or not kills) and time.monotonic() < deadline:
        time.sleep(chance.uniform(0.5, 1.5) * KILLS_APART)
        worker = chance.choice(place.workers)
        worker.kill()
        worker.start()
        kills += 1
    eventually(lambda: not _messages_in(settings.EVENTS_QUEUE_URL), PATIENCE)
    # Nobody takes what was handed over but not worked off any more, so what is made twice is made now.
    eventually(lambda: not _messages_in(settings.TASKS_QUEUE_URL), 20)
    place.stop_workers()
    dead = _bodies(f"{settings.EVENTS_QUEUE_URL}-dead")
    jobs = Job.objects.count()
    return Count(
        tries,
        lost=Video.objects.exclude(status="ready").count(),
        doubled=published_twice(),
        notes=(f"{len(told)} messages for {len(keys)} uploads, {kills} consumers killed",),
        others=(
            ("jobs", jobs, tries),
            ("malformed messages in the dead-letter queue", len(set(malformed) & set(dead)), len(malformed)),
        ),
    )


def _silence_s3() -> None:
    storage.client().put_bucket_notification_configuration(
        Bucket=settings.INGEST_BUCKET, NotificationConfiguration={}
    )
    provision.sqs().purge_queue(QueueUrl=settings.EVENTS_QUEUE_URL)


def messages(keys: list[str], chance: Random) -> tuple[list[str], list[str]]:
    """Return all messages in the order they are sent, and those of them that nobody can read."""
    lost = set(chance.sample(keys, round(len(keys) * LOST)))
    ours = [notification(settings.INGEST_BUCKET, key) for key in keys if key not in lost] * 3
    foreign = list(_foreign(keys, chance))
    # Each is another one, so that they can be told apart in the dead-letter queue.
    malformed = [
        f"{chance.choice(JUNK)} {number}" for number in range(max(1, round(len(keys) * 3 * MALFORMED)))
    ]
    told = [*ours, *foreign, *malformed]
    chance.shuffle(told)
    return told, malformed


def _foreign(keys: list[str], chance: Random) -> Iterator[str]:
    for number in range(round(len(keys) * 3 * FOREIGN)):
        yield chance.choice(
            (
                notification("somebody-elses", chance.choice(keys)),
                notification(settings.INGEST_BUCKET, f"uploads/00000000-0000-4000-8000-{number:012}/source"),
                notification(settings.INGEST_BUCKET, f"elsewhere/{number}"),
                json.dumps(
                    {"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": settings.INGEST_BUCKET}
                ),
            )
        )


def notification(bucket: str, key: str) -> str:
    record = {"s3": {"bucket": {"name": bucket}, "object": {"key": key}}}
    return json.dumps({"Records": [{"eventSource": "aws:s3", "eventName": "ObjectCreated:Put", **record}]})


def _messages_in(url: str) -> int:
    names = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
    return sum(int(number) for number in provision.queue_attributes(url, *names).values())


def _bodies(url: str) -> list[str]:
    found = []
    while messages := provision.sqs().receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        found += [message["Body"] for message in messages]
        for message in messages:
            provision.sqs().delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return found
