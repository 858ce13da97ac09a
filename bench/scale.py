"""More workers: how much faster a video is made, how many pieces a second, and who waits how long beside whom.

Runs in a process whose settings are those of a site of its own; `measure` starts it.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings

from accounts.models import User
from bench.faults.kills import freeze
from bench.faults.place import Place, eventually, make_clip, place, send
from bench.table import Row
from streamsite.acceptance.stack import Log, environment
from streamsite.supervisor import free_ports
from transcode.models import Job
from videos.models import Video

LEAST_EFFICIENCY = 0.875
LEAST_SCALE = 0.9
MOST_WAIT_CHUNKS = 2.0
PINNED_SECONDS = 180
COUNTS = tuple(map(int, os.environ.get("BENCH_WORKERS", "1 2 4 8 16").split()))
# As long as a second of database and queue is to be a small part of it.
PIECE_SECONDS = 2.0
PIECES_EACH = 12
FAIR_AMONG = 8
MANY, OTHERS = 300, 10
PATIENCE = 600
INTAKE_SECONDS = 120
SETTINGS = {
    "OWNER_SLOTS": "0",
    "KEEP_TOP": "0",
    "SWEEP_SECONDS": "5",
    "MAX_OPEN_UPLOADS": "1000",
    "LOG_LEVEL": "WARNING",
}
WAYS = ("pinned", "pieces")


def measure(way: str) -> list[Row]:
    """Measure in a process of its own, on a site of which nothing is left afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="streamsite-scale-"))
    port, s3_port = free_ports(2)
    (folder / "tmp").mkdir()
    own = environment(folder, f"http://127.0.0.1:{port}", port, s3_port)
    try:
        done = subprocess.run(
            (sys.executable, "-m", "bench.scale", way),
            cwd=settings.BASE_DIR,
            env={**os.environ, **own, **SETTINGS},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            check=True,
            timeout=2 * PATIENCE,
        )
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return [Row(**facts) for facts in json.loads(done.stdout.splitlines()[-1])]


def pinned(found: Place) -> list[Row]:
    """A video on one worker that has one core, and on two that have one each."""
    clip = make_clip(found.folder, "long.mp4", PINNED_SECONDS, *STANDARD, size="1280x720")
    found.start(1, before=on_core(0), more={"ENCODE_THREADS": "1"})
    alone = _seconds_for(found, clip)
    found.start(1, before=on_core(1), more={"ENCODE_THREADS": "1"})
    both = _seconds_for(found, clip)
    efficiency = alone / both / 2
    return [
        Row(
            "workers_efficiency",
            efficiency,
            "",
            f"how much faster two workers make {PINNED_SECONDS} s of 720p than one, by two; each with all of its processes"
            f" on one core of its own, with one thread a rung. From the job to the published version: {alone:.0f} s and"
            f" {both:.0f} s. The local S3, the database and whatever else runs here share the same cores.",
            least=LEAST_EFFICIENCY,
            details={"seconds": [{"one": alone, "two": both, "times faster": alone / both}]},
        )
    ]


STANDARD = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-crf", "28", "-g", "50")


def on_core(number: int) -> tuple[str, ...]:
    """Return what goes before a command so that it, and whatever it starts, runs on one core."""
    cores = sorted(os.sched_getaffinity(0))
    code = "import os, sys; os.sched_setaffinity(0, {int(sys.argv[1])}); os.execv(sys.argv[2], sys.argv[2:])"
    return (sys.executable, "-c", code, str(cores[number % len(cores)]))


def _seconds_for(found: Place, clip: Path) -> float:
    # So that all of them have begun to listen.
    time.sleep(10)
    job = _finished(found.send(clip))
    return _between(job.queued_at, job.finished_at)


def _finished(video: Video) -> Job:
    eventually(lambda: Job.objects.filter(video=video, state__in=Job.OVER).exists(), PATIENCE)
    job = Job.objects.get(video=video)
    if job.state != Job.State.SUCCEEDED:
        raise RuntimeError(f"{job}: {job.state}, {job.detail}")
    return job


def _between(begun: datetime | None, over: datetime | None) -> float:
    assert begun and over
    return (over - begun).total_seconds()


def pieces(found: Place) -> list[Row]:
    """More and more workers, whose pieces only take time; and among eight of them, one person with many videos."""
    table, fair = [], list[Row]()
    for count in COUNTS:
        before = len(found.workers)
        found.start(count - before, app="bench.standin", more={"STAND_IN_SECONDS": str(PIECE_SECONDS)})
        time.sleep(5 + 2 * (count - before))
        table.append(_paced(found, count))
        if count == FAIR_AMONG:
            fair = [_wait_row(*_waits(found))]
    return [_scale_row(table), *fair]


def _paced(found: Place, workers: int) -> dict[str, Any]:
    # A stand-in makes as many pieces of a file as it has bytes.
    total = workers * PIECES_EACH
    path = found.folder / f"{total}.mp4"
    path.write_bytes(b"x" * total)
    job = _finished(found.send(path))
    taken = _between(job.encoding_at, job.finished_at)
    return {
        "workers": workers,
        "pieces": total,
        "seconds": taken,
        "pieces a second": total / taken,
        "of the most": total * PIECE_SECONDS / workers / taken,
        "load": os.getloadavg()[0],
    }


def _scale_row(table: Sequence[dict[str, Any]]) -> Row:
    # By the last word of N: what sixteen make, by what sixteen could.
    least = min(one["of the most"] for one in table)
    return Row(
        "workers_scale",
        least,
        "",
        f"with a stand-in that takes {PIECE_SECONDS:g} s for a piece, on the real queue and database: how many pieces N"
        " workers make, by N times what one could make that never waits; the least of these.",
        least=LEAST_SCALE,
        details={"workers": list(table)},
    )


def _waits(found: Place) -> tuple[list[float], list[float]]:
    """Let somebody send many videos, and then others one each; return how long those waited, and until they had a job.

    From S3's object to the claim, so that the queue of S3's events, which the same workers hear, is part of it.
    """
    before = Job.objects.count()
    (one := found.folder / "one.mp4").write_bytes(b"x")
    # Nobody works meanwhile: all of them are to be there when the others come.
    frozen = [pid for worker in found.workers for pid in freeze(worker)]
    for _ in range(MANY):
        found.send(one)
    for pid in frozen:
        send(pid, signal.SIGCONT)
    if not eventually(lambda: Job.objects.count() - before == MANY, INTAKE_SECONDS):
        raise RuntimeError(f"{MANY} videos were sent, and {Job.objects.count() - before} have a job")
    sent = []
    for number in range(OTHERS):
        name = f"other{number}"
        sent.append(found.send(one, User.objects.create_user(name, f"{name}@example.org", "correct horse")))
        time.sleep(PIECE_SECONDS / 5)
    jobs = [_finished(video) for video in sent]
    for job in Job.objects.filter(state=Job.State.QUEUED):
        job.video.delete_soon(datetime.now(tz=job.queued_at.tzinfo))
    eventually(lambda: not Job.objects.exclude(state__in=Job.OVER).exists(), PATIENCE)
    completed = [job.video.upload.completed_at for job in jobs]
    # The stand-in says so itself; a claim bears the time at which its worker began to look for one.
    waits = [_between(at, job.encoding_at) for at, job in zip(completed, jobs, strict=True)]
    return waits, [_between(at, job.queued_at) for at, job in zip(completed, jobs, strict=True)]


def _spread(what: str, seconds: Sequence[float]) -> dict[str, Any]:
    return {"wait": what, "least": min(seconds), "median": percentile(seconds, 0.5), "most": max(seconds)}


def _wait_row(waits: list[float], intakes: list[float]) -> Row:
    return Row(
        "others_wait_chunks",
        percentile(waits, 0.95) / PIECE_SECONDS,
        "",
        f"how long {OTHERS} people with one video each wait from their upload's end until somebody works on it, the queue"
        f" of S3's events with it, once {MANY} videos of one person have their jobs and {FAIR_AMONG} workers make them: the"
        f" 95th percentile, in times of a piece ({PIECE_SECONDS:g} s).",
        MOST_WAIT_CHUNKS,
        {"seconds": [_spread("event to claim", waits), _spread("of this until the job", intakes)]},
    )


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that so much of them do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * round(share * 100) // 100) - 1)]


def main(way: str) -> None:
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    logging.getLogger().setLevel(logging.ERROR)
    with place(Log()) as found:
        rows = {"pinned": pinned, "pieces": pieces}[way](found)
    print(json.dumps([asdict(row) for row in rows]), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
