"""What workers stand on goes away in the middle: the queue, and the database."""

from __future__ import annotations

import os
import signal
import time
from functools import partial
from random import Random
from typing import Protocol

from django.conf import settings
from django.db import connection

from bench.faults.audit import audit
from bench.faults.count import Count
from bench.faults.kills import PATIENCE, is_over, usual_seconds
from bench.faults.place import Place, eventually
from streamsite import laptop
from streamsite.supervisor import Supervisor
from videos.models import Video


class Restartable(Protocol):
    """The database's server."""

    def stop(self, number: int) -> None: ...

    def start(self) -> None: ...


def queue_lost(place: Place, tries: int, seed: int) -> Count:
    """SIGKILL the local S3 and SQS with messages in flight, and start them again; objects stay, messages do not."""
    chance, clips, ended = Random(seed), (*place.clips(), place.long_clip()), 0
    place.start(2)
    usual = usual_seconds(place, clips)

    def is_over_in_the_end(video: Video) -> bool:
        nonlocal ended
        ended += place.tend()
        return is_over(video)

    for number in place.tries(tries):
        video = place.send(clips[number % len(clips)])
        # Every other time at once, before anybody has heard of the upload.
        time.sleep(chance.uniform(0, usual) if number % 2 else chance.uniform(0, 0.3))
        os.killpg(place.storage.pids()[0], signal.SIGKILL)
        place.storage.stop()
        place.storage = Supervisor(10, settings.BASE_DIR, place.log.hear)
        place.storage.start(laptop.storage_program())
        eventually(partial(is_over_in_the_end, video), PATIENCE)
    notes = (f"{ended} workers ended by themselves and were started again",)
    return audit(place, PATIENCE, notes=notes)


def database_restarted(place: Place, tries: int, seed: int, server: Restartable) -> Count:
    """Restart the database in the middle of a job; every other time by SIGKILL."""
    chance, clips = Random(seed), (*place.clips(), place.long_clip())
    place.start(2)
    usual = usual_seconds(place, clips)
    for number in place.tries(tries):
        video = place.send(clips[number % len(clips)])
        time.sleep(chance.uniform(0, usual))
        server.stop(signal.SIGKILL if number % 2 else signal.SIGTERM)
        time.sleep(chance.uniform(0, 1))
        server.start()
        connection.close()
        eventually(partial(is_over, video), PATIENCE)
    return audit(place, PATIENCE)
