"""Workers that are killed, and workers that are frozen until others have their work."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from random import Random

from bench.faults import place as places
from bench.faults.audit import audit
from bench.faults.count import Count, missed
from bench.faults.place import Holders, Place, Worker, eventually
from transcode.models import Chunk, Job
from videos.models import Video

# More than this many unfinished videos only wait for each other.
MOST_WAITING = 3
PATIENCE = 120
# What is to be met may be over before it is struck; then another is sent.
SENDS = 4
# A chunk of the long clip takes about so long.
CHUNK_SECONDS = 0.6
# A lease of three seconds, a sweep each second, and whoever takes it may have to finish something else first.
TAKEN_SECONDS = 20


def worker_sigkill(place: Place, tries: int, seed: int) -> Count:
    """SIGKILL a worker, or one time in four only the process of it that encodes, at a random moment of its work."""
    clips = place.clips()
    place.start(2)
    usual = usual_seconds(place, clips)
    notes = (f"a job takes {usual:.1f} s undisturbed",)
    return _killed(place, tries, Random(seed), clips, usual, lambda video: place.holders(), notes)


def chunk_sigkill(place: Place, tries: int, seed: int) -> Count:
    """The same while a chunk is made that is not the first."""
    clips = (place.long_clip(),)
    place.start(2)
    usual = usual_seconds(place, clips)
    notes = (f"a job takes {usual:.1f} s undisturbed, of {Chunk.objects.count()} chunks",)
    holders = partial(place.holders, only_chunks=True)
    return _killed(place, tries, Random(seed), clips, CHUNK_SECONDS, holders, notes)


def _killed(
    place: Place,
    tries: int,
    chance: Random,
    clips: tuple[Path, ...],
    most: float,
    holders: Callable[[Video], Holders],
    notes: tuple[str, ...],
) -> Count:
    left, whole, hits = 0, 0, 0
    for number in place.tries(tries):
        eventually(lambda: waiting() <= MOST_WAITING, PATIENCE)
        _, met = at_work(partial(place.send, clips[number % len(clips)]), holders, chance.uniform(0, most))
        worker, process = chance.choice(met or [(one, one.pid) for one in place.workers])
        is_whole = chance.random() < 0.75
        left += worker.kill(worker.pid if is_whole else process)
        # What it had when it died is still its own in the database, until the lease ends.
        hits += bool(held_by(process))
        if is_whole:
            whole += 1
            worker.start()
    notes = (f"{whole} workers and {place.tried - whole} processes of workers", *notes)
    others = (missed(place.tried, hits),)
    return audit(place, PATIENCE, left_running=left, notes=notes, others=others)


def lease_lost(place: Place, tries: int, seed: int) -> Count:
    """SIGSTOP a worker and all of its processes until others have taken what it holds, then SIGCONT."""
    chance, (kept, other), long = Random(seed), place.clips(), place.long_clip()
    clips, lost, late = (kept, other, long, other, kept), 0, 0
    place.start(2)
    usual = usual_seconds(place, (kept, other))
    for number in place.tries(tries):
        eventually(lambda: waiting() <= 1, PATIENCE)
        clip = clips[number % len(clips)]
        holders = partial(place.holders, only_chunks=clip is long)
        most = CHUNK_SECONDS if clip is long else usual * 0.7
        video, met = at_work(partial(place.send, clip), holders, chance.uniform(0, most))
        worker, process = met[0] if met else (place.workers[0], place.workers[0].pid)
        tree = freeze(worker)
        held = held_by(process)
        lost += bool(held) and eventually(partial(has_moved, held), TAKEN_SECONDS)
        time.sleep(chance.uniform(0, usual))
        late += is_over(video)
        for pid in tree:
            places.send(pid, signal.SIGCONT)
    notes = (f"{late} went on when the video was over",)
    return audit(place, PATIENCE, notes=notes, others=(missed(place.tried, lost),))


def at_work(
    send: Callable[[], Video], holders: Callable[[Video], Holders], seconds: float
) -> tuple[Video, Holders]:
    """Send a video, and return it with who holds work so many seconds after it was begun; another one where nobody does."""
    for _ in range(SENDS):
        video = send()
        eventually(lambda: holders(video) or is_over(video), PATIENCE)  # noqa: B023 (called before the next one)
        time.sleep(seconds)
        if met := holders(video):
            return video, met
        # Whatever was over by then is met earlier the next time.
        seconds /= 2
    return video, []


def freeze(worker: Worker) -> tuple[int, ...]:
    tree = worker.tree
    for pid in tree:
        places.send(pid, signal.SIGSTOP)
    return tree


def usual_seconds(place: Place, clips: tuple[Path, ...]) -> float:
    """Publish one of each undisturbed; return how long the longest one took from its job's claim."""
    for number, clip in enumerate(clips, start=1):
        place.send(clip)
        place.wait_ready(number, PATIENCE)
    return max(map(_seconds_of, Job.objects.all()), default=5.0)


def _seconds_of(job: Job) -> float:
    begun = [at for at in (job.started_at, job.encoding_at) if at]
    return (job.finished_at - min(begun)).total_seconds() if job.finished_at and begun else 5.0


def waiting() -> int:
    return Video.objects.exclude(status__in=("ready", "failed")).count()


def held_by(process: int) -> list[Job | Chunk]:
    """Return what the database says a process works on; one that is dead or frozen says nothing else any more."""
    mine = {"state": "running", "worker__endswith": f":{process}"}
    return [*Job.objects.filter(**mine), *Chunk.objects.filter(**mine)]


def has_moved(held: list[Job | Chunk]) -> bool:
    """True once others have all of what somebody worked on."""
    return not any(
        type(one).objects.filter(pk=one.pk, attempt=one.attempt, state="running").exists() for one in held
    )


def is_over(video: Video) -> bool:
    return Video.objects.filter(pk=video.pk, status__in=("ready", "failed")).exists()
