"""A site on which somebody uploads and watches as soon as it goes, and when each step of that was."""

from __future__ import annotations

import os
import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urljoin
from uuid import UUID

import boto3
from django.conf import settings

from bench import meter
from streamsite.acceptance import listing
from streamsite.acceptance.people import Person
from streamsite.acceptance.stack import Log, Stack, private_stack
from streamsite.acceptance.viewer import Edge
from videos.keys import source_key

FIRST_SEGMENTS = 3
LOOK_EVERY = 0.02
LONGEST_SECONDS = 120
RANGE = "bytes=0-65535"
# What a worker says when it has come so far.
SAID = {
    "claim": re.compile(r"transcode\.work: job \d+, attempt \d+ begins"),
    "source": re.compile(r"transcode\.process: run \S*ffprobe"),
    "probe": re.compile(r"transcode\.ways: job \d+: its picture is"),
    "encode": re.compile(r"transcode\.encoding: encode "),
    "shown": re.compile(r"transcode\.growing: job \d+ can be watched"),
}
STEPS = ("event", "hand-over", *SAID, "watchable", "published")


class Stamped(Log):
    """What the site says, and when."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[tuple[float, str]] = []

    def hear(self, name: str, line: str) -> None:
        super().hear(name, line)
        self.heard.append((time.time(), line))


def steps_said(heard: list[tuple[float, str]], since: float) -> dict[str, float]:
    """Return when a worker first came to each step, for the one job that it has had since then."""
    found: dict[str, float] = {}
    due = list(SAID)
    for at, line in heard:
        if at >= since and due and SAID[due[0]].search(line):
            found[due.pop(0)] = at
    return found


@dataclass(frozen=True, slots=True)
class Watched:
    """Seconds after the event, by step; `storage_cpu` is what the emulated S3 and SQS worked meanwhile."""

    steps: dict[str, float]
    storage_cpu: float = 0.0
    range_seconds: float = 0.0
    size: int = 0

    @property
    def seconds(self) -> float:
        return self.steps["watchable"]


@dataclass(frozen=True, slots=True)
class Watching:
    stack: Stack
    owner: Person
    log: Stamped
    storage: int
    s3: Any

    def watch(self, clip: Path, *, is_whole: bool) -> Watched:
        """Upload a clip and watch its first segments as soon as they are there; `is_whole` waits until it is published."""
        before = time.time()
        video = self.owner.api.upload(clip, visibility="private")
        spent = meter.tree_cpu_seconds(self.storage)
        try:
            watchable = self._first_segments(video["id"])
            spent = meter.tree_cpu_seconds(self.storage) - spent
            event, ranged = self._source(video["id"])
            times = {**steps_said(self.log.heard, before), "event": event, "watchable": watchable}
            if is_whole:
                self.owner.api.wait(video["id"], every=0.1)
            times |= self._told(video["id"])
        finally:
            # The emulator holds objects in memory, and an hour's encode is not waited for.
            self.owner.delete(video)
            self._wait_until_gone(video["id"])
        steps = {step: times[step] - event for step in STEPS if step in times}
        return Watched(steps, spent, ranged, clip.stat().st_size)

    def _source(self, video: str) -> tuple[float, float]:
        """Return when S3 says that the source was there, and how long one range of it takes."""
        with closing(self._database()) as database:
            row = database.execute(
                "SELECT id FROM videos_upload WHERE video_id = ?", (UUID(video).hex,)
            ).fetchone()
        where = {"Bucket": settings.INGEST_BUCKET, "Key": source_key(UUID(row[0]))}
        begun = time.monotonic()
        self.s3.get_object(**where, Range=RANGE)["Body"].read()
        taken = time.monotonic() - begun
        # Of the list, where it has milliseconds; a header has none.
        listed = self.s3.list_objects_v2(Bucket=where["Bucket"], Prefix=where["Key"])
        return listed["Contents"][0]["LastModified"].timestamp(), taken

    def _first_segments(self, video: str) -> float:
        """Fetch three segments of a rung and of the sound; return when they were there."""
        deadline = time.time() + LONGEST_SECONDS
        while True:
            place, playlists = self._playlists(video)
            wanted = first_names(playlists)
            if place and wanted:
                with Edge(self.stack.site, self._cookies(place)) as edge:
                    answers = [edge.get(f"/{place}{name}") for name in wanted]
                if any(answer.status_code != 200 for answer in answers):
                    raise meter.CommandFailed(f"a segment of {video} that was named is not there")
                return time.time()
            if time.time() > deadline:
                raise meter.CommandFailed(f"{video} could not be watched within {LONGEST_SECONDS} seconds")
            time.sleep(LOOK_EVERY)

    def _playlists(self, video: str) -> tuple[str, dict[str, str]]:
        """Return the folder of what can be watched of a video, and its playlists."""
        with closing(self._database()) as database:
            key = (UUID(video).hex,)
            row = database.execute("SELECT epoch, version FROM videos_video WHERE id = ?", key).fetchone()
            rows = database.execute("SELECT name, text FROM videos_growingplaylist WHERE video_id = ?", key)
            return (f"media/v/{video}/{row[0]}/{row[1]}/" if row and row[1] else ""), dict(rows.fetchall())

    def _cookies(self, place: str) -> dict[str, str]:
        resource = f"{self.stack.site}/{place}*"
        return self.stack.signer.cookies(resource, datetime.now(UTC) + timedelta(minutes=1))

    def _told(self, video: str) -> dict[str, float]:
        """Return what the video's timeline says."""
        names = {"queued": "hand-over", "published": "published"}
        with closing(self._database()) as database:
            rows = database.execute(
                "SELECT kind, at FROM videos_event WHERE video_id = ?", (UUID(video).hex,)
            ).fetchall()
        return {names[kind]: moment(at) for kind, at in rows if kind in names}

    def _wait_until_gone(self, video: str) -> None:
        deadline = time.time() + LONGEST_SECONDS
        while time.time() < deadline:
            with closing(self._database()) as database:
                if not database.execute(
                    "SELECT 1 FROM videos_video WHERE id = ?", (UUID(video).hex,)
                ).fetchone():
                    return
            time.sleep(0.2)

    def _database(self) -> sqlite3.Connection:
        path = Path(self.stack.environment["VAR_DIR"]) / "db.sqlite3"
        return sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=20)


def moment(text: str) -> float:
    """Return the seconds of a time as SQLite has it, which is UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def first_names(playlists: dict[str, str]) -> list[str]:
    """Return the files that the first seconds of one rung and of the sound are, none where there are too few yet."""
    multivariant = playlists.get("multivariant.m3u8", "")
    listed = listing.parse(multivariant)
    # Of the tags, those of key frames name no playlist that grows.
    tracks = [name for name in (*listed.lines[:1], *listed.attributes) if name in playlists]
    found: list[str] = []
    for name in tracks:
        media = listing.parse(playlists[name])
        if len(media.lines) < FIRST_SEGMENTS and not media.ended:
            return []
        found += [urljoin(name, one) for one in (*media.attributes, *media.lines[:FIRST_SEGMENTS])]
    return found


@contextmanager
def watching() -> Iterator[Watching]:
    log = Stamped()
    with private_stack(log, SWEEP_SECONDS=str(settings.SWEEP_SECONDS), LOG_LEVEL="DEBUG") as stack:
        owner = Person(stack.site, "owner")
        try:
            yield Watching(stack, owner, log, _storage(), _s3_of(stack))
        finally:
            owner.close()


def _s3_of(stack: Stack) -> Any:
    endpoint = f"http://127.0.0.1:{stack.environment['S3_PORT']}"
    return boto3.client("s3", endpoint_url=endpoint, region_name=settings.AWS_REGION, **settings.AWS_KEY)


def _storage() -> int:
    """Return the id of the local S3 and SQS that this process started."""
    mine = meter.below(os.getpid())
    return next(pid for pid in mine if any(word.endswith("/ministack") for word in meter.arguments(pid)))
