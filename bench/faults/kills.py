"""Workers that are killed, and workers that are frozen until others have their work."""

from __future__ import annotations

import signal
import time
from functools import partial
from pathlib import Path
from random import Random

from bench.faults import place as places
from bench.faults.audit import audit
from bench.faults.count import Count
from bench.faults.place import Place, Worker, eventually
from transcode.models import Chunk, Job
from videos.models import Video

CLIP_SECONDS = 10
# More than this many unfinished videos only wait for each other.
MOST_WAITING = 3
PATIENCE = 120


def worker_sigkill(place: Place, tries: int, seed: int) -> Count:
    """SIGKILL a worker, or one time in four only the process of it that encodes, at a random moment of its work."""
    chance, clips, left, whole, hits = Random(seed), places.clips(place.folder, CLIP_SECONDS), 0, 0, 0
    place.start(2)
    usual = usual_seconds(place, clips)
    for number in place.tries(tries):
        place.send(clips[number % 2])
        eventually(lambda: waiting() <= MOST_WAITING and place.holders(), PATIENCE)
        time.sleep(chance.uniform(0, usual * 0.9))
        holders = place.holders()
        hits += bool(holders)
        worker, process = chance.choice(holders or [(one, one.pid) for one in place.workers])
        is_whole = chance.random() < 0.75
        left += worker.kill(worker.pid if is_whole else process)
        if is_whole:
            whole += 1
            worker.start()
    notes = (
        f"{whole} workers and {place.tried - whole} processes of workers, {hits} of them while they had work; a job takes"
        f" {usual:.1f} s undisturbed",
    )
    return audit(place, PATIENCE, left_running=left, notes=notes, ms=CLIP_SECONDS * 1000)


def lease_lost(place: Place, tries: int, seed: int) -> Count:
    """SIGSTOP a worker and all of its processes until others have taken what it holds, then SIGCONT."""
    chance, clips, held = Random(seed), places.clips(place.folder, CLIP_SECONDS), 0
    place.start(2)
    usual = usual_seconds(place, clips)
    late = 0
    for number in place.tries(tries):
        video = place.send(clips[number % 2])
        eventually(partial(place.holders, video), PATIENCE)
        time.sleep(chance.uniform(0, usual * 0.7))
        holders = place.holders(video)
        worker = holders[0][0] if holders else place.workers[0]
        before, tree = attempts(video), freeze(worker)
        held += bool(holders)
        eventually(partial(has_moved, video, before), 15)
        time.sleep(chance.uniform(0, usual))
        late += is_over(video)
        for pid in tree:
            places.send(pid, signal.SIGCONT)
        eventually(partial(is_over, video), PATIENCE)
    notes = (f"{held} held work when they were stopped; {late} went on when the video was over",)
    return audit(place, PATIENCE, notes=notes, ms=CLIP_SECONDS * 1000)


def freeze(worker: Worker) -> tuple[int, ...]:
    tree = worker.tree
    for pid in tree:
        places.send(pid, signal.SIGSTOP)
    return tree


def usual_seconds(place: Place, clips: tuple[Path, Path]) -> float:
    """Publish one of each undisturbed; return how long the longer one took from its job's claim."""
    for number, clip in enumerate(clips, start=1):
        place.send(clip)
        place.wait_ready(number, PATIENCE)
    taken = [
        job.finished_at - job.started_at for job in Job.objects.all() if job.finished_at and job.started_at
    ]
    begun = [job.encoding_at for job in Job.objects.all() if job.encoding_at]
    whole = [
        job.finished_at - at for job, at in zip(Job.objects.all(), begun, strict=False) if job.finished_at
    ]
    return max((one.total_seconds() for one in (*taken, *whole)), default=5.0)


def waiting() -> int:
    return Video.objects.exclude(status__in=("ready", "failed")).count()


def attempts(video: Video) -> list[int]:
    return [
        *Job.objects.filter(video=video).values_list("attempt", flat=True),
        *Chunk.objects.filter(job__video=video).values_list("attempt", flat=True),
    ]


def has_moved(video: Video, before: list[int]) -> bool:
    """True once others have what was worked on, or nobody needs it any more."""
    return attempts(video) != before or is_over(video)


def is_over(video: Video) -> bool:
    return Video.objects.filter(pk=video.pk, status__in=("ready", "failed")).exists()
