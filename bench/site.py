"""The whole way of a video through a private copy of the site, and what its worker's process tree took for it."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from bench import meter
from streamsite.acceptance.people import Person
from streamsite.acceptance.stack import Log, private_stack
from streamsite.acceptance.viewer import Edge, Viewer, open_page
from videos.client import OVER

LONGEST_SECONDS = 600
# After a video is published, its worker tidies up.
AFTERWARDS_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Published:
    cpu_seconds: float
    wall_seconds: float
    source_bytes: int
    stored_bytes: int


@dataclass(frozen=True, slots=True)
class Site:
    url: str
    owner: Person
    worker: int

    def publish(self, clip: Path) -> Published:
        """Upload a clip and wait until it is published; CPU counts from the event, for the worker and all below it."""
        before = meter.tree_cpu_seconds(self.worker)
        video = self.owner.api.upload(clip, visibility="private")
        begun = time.monotonic()
        while video["status"] not in OVER:
            if time.monotonic() - begun > LONGEST_SECONDS:
                raise meter.CommandFailed(f"{clip.name} did not end within {LONGEST_SECONDS} seconds")
            time.sleep(0.5)
            video = self.owner.api.video(video["id"])
        wall = time.monotonic() - begun
        time.sleep(AFTERWARDS_SECONDS)
        spent = meter.tree_cpu_seconds(self.worker) - before
        if video["status"] != "ready":
            raise meter.CommandFailed(f"{clip.name}: {video['failure']}")
        stored = self._stored_bytes(video["url"])
        # The emulator holds objects in memory.
        self.owner.delete(video)
        return Published(spent, wall, clip.stat().st_size, stored)

    def _stored_bytes(self, url: str) -> int:
        """Fetch everything that the version has, as a viewer."""
        page = open_page(self.owner.http, url)
        with Edge(self.url, page.cookies) as edge:
            viewing = Viewer(edge, page, keep=None).watch()
        if viewing.problems:
            raise meter.CommandFailed(viewing.problems[0])
        return viewing.stored_bytes


@contextmanager
def site(**more: str) -> Iterator[Site]:
    """Run a copy of the site for the length of the block; `more` are settings of its own."""
    # Elsewhere the copy sweeps more often than sites do, so that tests end sooner.
    with private_stack(Log(), SWEEP_SECONDS=str(settings.SWEEP_SECONDS), **more) as stack:
        owner = Person(stack.site, "owner")
        try:
            yield Site(stack.site, owner, _worker())
        finally:
            owner.close()


def _worker() -> int:
    """Return the id of the one worker that this process started; its pool is below it."""
    return next(pid for pid in meter.below(os.getpid()) if "celery" in meter.arguments(pid))
