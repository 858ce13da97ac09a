"""A worker's disk that takes no more: a tmpfs of its own, which shrinks to what is on it and grows again."""

from __future__ import annotations

import os
import subprocess
import time
from functools import partial
from random import Random

from bench.faults.audit import audit, dangling
from bench.faults.count import Count, missed
from bench.faults.kills import PATIENCE, at_work, is_over, usual_seconds
from bench.faults.place import Place, Worker, eventually
from videos.models import Video

ROOMY = "4g"
# In a namespace of its own the disk goes with the worker, and root is not needed.
MOUNT = f'mount -t tmpfs -o size={ROOMY} none "$WORK_DIR" && exec "$@"'
BEFORE = ("unshare", "--mount", "--map-root-user", "--", "sh", "-c", MOUNT, "worker")
# Long enough for one more try on the full disk.
FULL_SECONDS = 2.5
BLOCK = 4096


def disk_full(place: Place, tries: int, seed: int) -> Count:
    """Fill the disk at a random moment of a job, look at what is published, then make room."""
    chance, clips, wrong, hits = Random(seed), place.clips(), 0, 0
    place.start(1, before=BEFORE)
    usual = usual_seconds(place, clips)
    for number in place.tries(tries):
        moment = chance.uniform(0, usual * 0.8)
        video, met = at_work(partial(place.send, clips[number % 2]), place.holders, moment)
        full = _used(place.workers[0]) + chance.randrange(8) * BLOCK
        _resize(place.workers[0], str(full))
        hits += bool(met) and not is_over(video)
        time.sleep(FULL_SECONDS)
        wrong += bool(dangling(Video.objects.get(pk=video.pk)))
        _resize(place.workers[0], ROOMY)
        eventually(partial(is_over, video), PATIENCE)
    others = (
        ("playlists that name what is not there, while the disk was full", wrong, 0),
        missed(place.tried, hits),
    )
    return audit(place, PATIENCE, others=others)


def _used(worker: Worker) -> int:
    found = os.statvfs(f"/proc/{worker.pid}/root{worker.folder}")
    return max(1, found.f_blocks - found.f_bfree) * found.f_frsize


def _resize(worker: Worker, size: str) -> None:
    """Resize the disk from inside its namespace; what is written meanwhile may not fit any more, so try again."""
    inside = ("nsenter", "--target", str(worker.pid), "--user", "--mount", "--preserve-credentials")
    for extra in range(20):
        wanted = size if size == ROOMY else str(int(size) + extra * 64 * BLOCK)
        command = (*inside, "mount", "-o", f"remount,size={wanted}", str(worker.folder))
        if subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL).returncode == 0:
            return
    raise OSError(f"the disk of worker {worker.number} cannot be resized")
