"""Notifications as a bad day brings them: repeated, out of order, lost, of others, unreadable; consumers die of it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from random import Random

from django.conf import settings

from bench.faults.audit import audit
from bench.faults.count import Count
from bench.faults.kills import waiting
from bench.faults.place import Place, eventually
from streamsite import provision
from transcode.models import Job
from videos import storage
from videos.keys import video_prefix
from videos.models import Video

LOST, FOREIGN, MALFORMED = 0.05, 0.05, 0.02
KILLS_APART = 3.0
PATIENCE = 240
# Every so many uploads one is encoded.
REAL_EVERY = 15
REAL_SECONDS = 4
# A worker that listens: its main process, and those of its pool.
LEAST_TREE = 3
MOST_CHUNKS = 1000
CREATED = '"eventSource": "aws:s3", "eventName": "ObjectCreated:Put"'
# No JSON; JSON that is no notification; notifications whose records are none.
JUNK = (
    "junk",
    "[1, 2",
    "null",
    "7",
    "[1, 2]",
    '"a sentence"',
    "{}",
    # As kombu's own messages look, but for what is in them.
    '{"properties": {}}',
    '{"properties": 7}',
    '{"Records": 7}',
    '{"Records": null}',
    '{"Records": [{}]}',
    '{"Records": [{"s3": {"bucket": {}}}]}',
    '{"Records": [{"eventSource": "aws:s3", "eventName": 7}]}',
    f'{{"Records": [{{{CREATED}}}]}}',
    f'{{"Records": [{{{CREATED}, "s3": {{"bucket": {{}}, "object": {{"key": "a"}}}}}}]}}',
    f'{{"Records": [{{{CREATED}, "s3": {{"bucket": {{"name": "ingest"}}, "object": {{"key": 7}}}}}}]}}',
)


def events(place: Place, tries: int, seed: int) -> Count:
    """Upload, then tell of it ourselves; one in fifteen is encoded, and the rest by a stand-in that takes no time."""
    chance = Random(seed)
    _silence_s3()
    keys = _send_all(place, tries)
    told, malformed = messages(keys, chance)
    sqs = provision.sqs()
    for body in told:
        sqs.send_message(QueueUrl=settings.EVENTS_QUEUE_URL, MessageBody=body)
    place.start(3, app="bench.standin", more={"STAND_IN_SECONDS": "0.02"})
    kills, left = _kill_until_heard(place, chance)
    eventually(lambda: not _is_unheard() and not waiting(), PATIENCE)
    # Nobody takes what was handed over but not worked off any more, so what is made twice is made now.
    eventually(lambda: not _messages_in(settings.TASKS_QUEUE_URL), 20)
    dead = _bodies(f"{settings.EVENTS_QUEUE_URL}-dead")
    real, strangers = Video.objects.filter(upload__size__gt=MOST_CHUNKS), _strangers()
    notes = (
        f"{len(told)} messages for {len(keys)} uploads, {kills} consumers killed; {real.count()} of the videos are encoded"
        " and looked at, of the others nothing is stored",
        *(f"not in the dead-letter queue: {body.strip()}" for body in malformed if body not in dead),
        *(f"of no video: {key}" for key in strangers[:5]),
    )
    others = (
        ("jobs", Job.objects.count(), tries),
        ("malformed messages in the dead-letter queue", len(set(malformed) & set(dead)), len(malformed)),
    )
    place.tried = place.wanted = tries
    found = audit(place, PATIENCE, left_running=left, notes=notes, others=others, only=real)
    return replace(found, orphaned=found.orphaned + len(strangers))


def _send_all(place: Place, tries: int) -> list[str]:
    (stand_in := place.folder / "stand-in.mp4").write_bytes(b"x")
    real = place.clips(REAL_SECONDS)
    clips = [
        real[number // REAL_EVERY % 2] if number % REAL_EVERY == 0 else stand_in for number in range(tries)
    ]
    return [place.send(clip).upload.key for clip in clips]


def _kill_until_heard(place: Place, chance: Random) -> tuple[int, int]:
    """Kill one consumer after another until all was heard; return how many, and how many programs outlived them."""
    kills, left, deadline = 0, 0, time.monotonic() + PATIENCE
    while (_is_unheard() or not kills) and time.monotonic() < deadline:
        time.sleep(chance.uniform(0.5, 1.5) * KILLS_APART)
        # One that only starts hears nothing, and where starting takes long nobody ever would.
        if not (listening := [one for one in place.workers if len(one.tree) >= LEAST_TREE]):
            continue
        worker = chance.choice(listening)
        left += worker.kill()
        worker.start()
        kills += 1
    return kills, left


def _is_unheard() -> bool:
    uploading = Video.objects.filter(status=Video.Status.UPLOADING)
    return uploading.exists() or _messages_in(settings.EVENTS_QUEUE_URL) > 0


def _strangers() -> list[str]:
    """Return the objects of videos that are not there, or for which nothing was encoded."""
    real = Video.objects.filter(upload__size__gt=MOST_CHUNKS).values_list("pk", flat=True)
    known = {video_prefix(pk) for pk in real}
    return [key for key in storage.list_media("") if "/".join(key.split("/")[:3]) + "/" not in known]


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
    malformed = junk(max(len(JUNK), round(len(keys) * 3 * MALFORMED)))
    told = [*ours, *foreign, *malformed]
    chance.shuffle(told)
    return told, malformed


def junk(count: int) -> list[str]:
    """Return so many bodies that nobody can read, of every kind in turn."""
    # Blanks tell those of a kind apart in the dead-letter queue, and change nothing of what they are.
    return [JUNK[number % len(JUNK)] + " " * (number // len(JUNK)) for number in range(count)]


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
