"""What a worker does with a source between S3 and S3, without either, and without a database."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

from django.conf import settings

from tests.factories import AT
from transcode import encoding, pipeline, probing, publish
from transcode.core.plan import Plan, plan_encode
from transcode.core.spans import whole
from transcode.encoding import Bench
from transcode.models import Job
from transcode.pulse import Pulse
from videos.models import Published, Video


class Unkept:
    """A job that no database knows."""

    pk, attempt, version, prefix, video = 1, 1, "a1", "", Video()


def bench_in(folder: Path) -> Bench:
    job = cast(Job, Unkept())
    return Bench(folder, "", (folder / "source").stat().st_size, Pulse(job, lambda: AT).beat)


def produce(folder: Path) -> tuple[Plan, Published, int]:
    """Make a version of the source in the folder, all of it in one span; raise what a worker would have to deal with."""
    bench = bench_in(folder)
    plan = plan_encode(probing.probe(bench), settings.LADDER_TOP)

    def make(plan: Plan, nth: int) -> dict[str, Any]:
        return encoding.make(plan, whole(plan)[0], bench, {})

    plan, tracks = pipeline.without_broken_sounds(plan, make)
    frames = tracks[plan.renditions[0].name].frames
    return plan, publish.finish(cast(Job, Unkept()), plan, tracks, frames, bench), frames
