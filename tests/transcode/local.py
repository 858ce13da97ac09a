"""What workers do with a source between S3 and S3, without either, and without a database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from shutil import rmtree
from typing import cast

from tests.factories import AT
from transcode import encoding, publish, ways
from transcode.chunks import prefix
from transcode.core.check import Output
from transcode.core.plan import Plan
from transcode.core.spans import Span
from transcode.encoding import Bench
from transcode.models import Job
from transcode.pulse import Pulse
from videos.models import Published, Video


class Unkept:
    """A job that no database knows."""

    pk, attempt, version, prefix, video = 1, 1, "a1", "", Video()


@dataclass(frozen=True, slots=True)
class Made:
    """A version that lies in the folder of its source; `spans` is into how many it was cut."""

    plan: Plan
    published: Published
    frames: int
    spans: int


def bench_in(folder: Path) -> Bench:
    job = cast(Job, Unkept())
    return Bench(folder, prefix(0, 1), (folder / "source").stat().st_size, Pulse(job, lambda: AT).beat)


def produce(folder: Path, way: str = Job.Way.KEEP) -> Made:
    """Make a version of the source in the folder, one way or a surer one; raise what a worker would have to deal with."""
    while True:
        try:
            with ways.whole_if_unfit(way):
                return _produce(folder, way)
        except ways.TryAnotherWay as another:
            way = another.way


def _produce(folder: Path, way: str) -> Made:
    bench = bench_in(folder)
    plan = ways.plan_for(way, bench, "a test")
    first, *rest = ways.spans_for(way, plan)
    if plan.keeps_top:
        with ways.chunks_if_not_kept():
            plan, lead = _lead(plan, first, bench)
            rest = [*ways.spans_beside(plan, lead, bench)]
    else:
        plan, lead = _lead(plan, first, bench)
    tracks = ways.joined(plan, lead, list(_chunks(plan, rest, bench)))
    frames = tracks[plan.renditions[0].name].frames
    published = publish.finish(cast(Job, Unkept()), plan, tracks, frames, bench)
    return Made(plan, published, frames, 1 + len(rest))


def _lead(plan: Plan, span: Span, bench: Bench) -> tuple[Plan, dict[str, Output]]:
    return ways.without_broken_sounds(plan, lambda plan, nth: encoding.make(plan, span, bench, {}))


def _chunks(plan: Plan, spans: list[Span], bench: Bench) -> Iterator[dict[str, Output]]:
    """Make each span in a folder of its own, as another worker would, and put beside the others what it left."""
    for span in spans:
        place = bench.folder / "chunk"
        place.mkdir()
        (place / "source").hardlink_to(bench.folder / "source")
        with ways.whole_if_broken():
            yield encoding.make(plan, span, replace(bench, folder=place, prefix=prefix(span.number, 1)), {})
        for path in place.glob("*/*.m*4*"):
            target = bench.folder / path.relative_to(place)
            target.parent.mkdir(exist_ok=True)
            path.rename(target)
        rmtree(place)
