"""How long it takes from S3's event until somebody watches, and where the time goes."""

from __future__ import annotations

import os
import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urljoin
from uuid import UUID

from django.conf import settings

from bench import meter
from bench.table import Row
from streamsite.acceptance import listing
from streamsite.acceptance.people import Person
from streamsite.acceptance.stack import Log, Stack, private_stack
from streamsite.acceptance.viewer import Edge

FIRST_SEGMENTS = 3
LOOK_EVERY = 0.02
LONGEST_SECONDS = 120
MOST_SECONDS = {True: 2.0, False: 8.0}
LENGTHS = {"30 s": 30, "10 min": 600, "60 min": 3600}
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

    steps: dict[str, float] = field(default_factory=dict)
    storage_cpu: float = 0.0

    @property
    def seconds(self) -> float:
        return self.steps["watchable"]


@dataclass(frozen=True, slots=True)
class Watching:
    stack: Stack
    owner: Person
    log: Stamped
    storage: int

    def watch(self, clip: Path, *, is_whole: bool) -> Watched:
        """Upload a clip and watch its first segments as soon as they are there; `is_whole` waits until it is published."""
        before = time.time()
        video = self.owner.api.upload(clip, visibility="private")
        answered, spent = time.time(), meter.tree_cpu_seconds(self.storage)
        try:
            watchable = self._first_segments(video["id"])
            spent = meter.tree_cpu_seconds(self.storage) - spent
            times = self._told(video["id"])
            # S3 tells of an object before it answers whoever completed it.
            event = min(answered, times.get("hand-over", answered))
            times |= {**steps_said(self.log.heard, before), "event": event, "watchable": watchable}
            if is_whole:
                self.owner.api.wait(video["id"], every=0.1)
                times |= self._told(video["id"])
        finally:
            # The emulator holds objects in memory, and an hour's encode is not waited for.
            self.owner.delete(video)
            self._wait_until_gone(video["id"])
        return Watched({step: times[step] - event for step in STEPS if step in times}, spent)

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
            yield Watching(stack, owner, log, _storage())
        finally:
            owner.close()


def _storage() -> int:
    """Return the id of the local S3 and SQS that this process started."""
    mine = meter.below(os.getpid())
    return next(pid for pid in mine if any(word.endswith("/ministack") for word in meter.arguments(pid)))


def rows(folder: Path) -> list[Row]:
    """From the event to the first segments, of every length, for a picture that is kept and for another."""
    found: list[dict[str, Any]] = []
    with watching() as site:
        short = {is_kept: make(folder, 30, is_kept) for is_kept in (True, False)}
        # The first one finds cold caches in every program.
        site.watch(short[True], is_whole=True)
        for is_kept in (True, False):
            for name, seconds in LENGTHS.items():
                clip = short[is_kept] if seconds == 30 else make(folder, seconds, is_kept)
                watched = site.watch(clip, is_whole=seconds == 30)
                found.append(_line(name, is_kept, clip, watched))
                clip.unlink()
    return [_row(True, found), _row(False, found)]


def _line(name: str, is_kept: bool, clip: Path, watched: Watched) -> dict[str, Any]:
    steps = {step: watched.steps.get(step, "") for step in STEPS[1:]}
    return {
        "clip": f"{name} {'kept' if is_kept else 'other'}",
        "is_kept": is_kept,
        "MB": round(clip.stat().st_size / 1e6),
        **steps,
        "storage CPU s": watched.storage_cpu,
    }


def _row(is_kept: bool, found: list[dict[str, Any]]) -> Row:
    mine = [
        {key: value for key, value in one.items() if key != "is_kept"}
        for one in found
        if one["is_kept"] == is_kept
    ]
    picture = "H.264 as it may be kept" if is_kept else "MPEG-4, which is not kept"
    return Row(
        f"event_to_watchable_{'kept' if is_kept else 'other'}_s",
        max(one["watchable"] for one in mine),
        " s",
        f"from S3's event until three segments of a rung and of the sound were fetched through the edge, with {picture}: the"
        " longest of these. Each step is told in seconds after the event: the job is made (hand-over), a worker has it"
        " (claim), its source is there (source), it is known what it is (probe), ffmpeg begins (encode), the playlist says"
        " so (shown). The emulated S3 reads a whole object for a range of it; what it and the emulated SQS worked until then"
        " is a column of its own.",
        MOST_SECONDS[is_kept],
        {"sources": mine},
    )


def make(folder: Path, seconds: int, is_kept: bool) -> Path:
    """Make a source of 720p, at most 450 MB an hour, by looping half a minute."""
    kind = "kept" if is_kept else "other"
    picture, sound = folder / f"watch-{kind}.mp4", folder / "watch-sound.aac"
    if not picture.is_file():
        _picture(picture, is_kept)
        _sound(sound)
    name = f"watch-{kind}-{seconds}.mp4"
    loops = max(1, seconds // 30)
    # Each by itself: looped together, the longer one would leave a hole in the other. Frames of ADTS need no container.
    (folder / "watch-sound-long.aac").write_bytes(sound.read_bytes() * loops)
    inputs = ("-stream_loop", str(loops - 1), "-i", picture.name, "-i", "watch-sound-long.aac")
    meter.run((*_FFMPEG, *inputs, "-c", "copy", "-movflags", "+faststart", name), folder)
    return folder / name


_FFMPEG = (settings.FFMPEG, "-nostdin", "-v", "error", "-y")
# A whole number of AAC frames and of pictures, so that loops fit.
_LOOP = ("-t", "29.76")


def _picture(path: Path, is_kept: bool) -> None:
    source = ("-stream_loop", "-1", "-i", str(settings.DEMO_CLIP), "-an", "-vf", "scale=1280:720,fps=25")
    codec = ("-c:v", "libx264", "-preset", "superfast", "-bf", "0") if is_kept else ("-c:v", "mpeg4")
    rate = ("-b:v", "800k", "-maxrate", "1200k", "-bufsize", "1200k", "-g", "50")
    meter.run((*_FFMPEG, *source, *codec, *rate, *_LOOP, path.name), path.parent)


def _sound(path: Path) -> None:
    source = ("-stream_loop", "-1", "-i", str(settings.DEMO_CLIP), "-vn")
    codec = ("-c:a", "aac", "-ar", "48000", "-ac", "2", "-b:a", "96k")
    meter.run((*_FFMPEG, *source, *codec, *_LOOP, path.name), path.parent)
