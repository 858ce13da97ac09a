"""What can be shown of a source while the rest of it is on its way: its beginning, as far as the container says where that lies."""

from __future__ import annotations

import csv
import logging
from dataclasses import dataclass, replace

from django.conf import settings

from transcode import encoding, process
from transcode.core import argv, mp4, spans
from transcode.core.media import Refused
from transcode.core.plan import Plan
from transcode.encoding import Bench
from transcode.fetch import Arrival
from transcode.growing import Grower
from transcode.models import Clock, Job

logger = logging.getLogger(__name__)
# Where the boxes that say where things lie can be seen; and enough for ffprobe to decode a picture or two.
HEAD_BYTES, PROBE_BYTES = 64 * 1024, 4 * 1024**2
SECONDS = 40
PROBE_SECONDS = 20


@dataclass(frozen=True, slots=True)
class Reach:
    """How much of a source has to be there, in bytes from its start, to show so many seconds."""

    bytes: int
    seconds: float


def is_worth_it(arrival: Arrival) -> bool:
    """True if the source is on its way, will be for a while, and is one that can be used meanwhile; then its index is there."""
    if arrival.is_whole or arrival.size < settings.PREVIEW_BYTES:
        return False
    arrival.wait(HEAD_BYTES)
    with arrival.path.open("rb") as file:
        index = mp4.find_index(file.read(HEAD_BYTES))
    if index is None:
        return False
    if index.end:
        arrival.wait(index.end)
    else:
        arrival.fetch_end(index.start)
    arrival.wait(min(arrival.size, max(PROBE_BYTES, index.end or 0)))
    return True


def show(job: Job, plan: Plan, bench: Bench, arrival: Arrival, clock: Clock) -> None:
    """Make and show the first segments of what is there; nothing is lost where that does not work."""
    try:
        reach = _reach(plan, bench)
        if reach.bytes >= arrival.size:
            return
        arrival.wait(reach.bytes)
        if not arrival.is_whole:
            _make(job, plan, bench, reach, clock)
    except (process.CommandFailed, Refused) as why:
        logger.info("job %s has no preview: %s", job.pk, why)


def _reach(plan: Plan, bench: Bench) -> Reach:
    """Ask the index where the packets of the first seconds lie."""
    printed = process.run(
        argv.packets_argv(settings.FFPROBE, encoding.limits(), SECONDS),
        bench.folder,
        silence=PROBE_SECONDS,
        on_wait=lambda: bench.beat(0),
    )
    wanted = {plan.video_index, *(sound.index for sound in plan.sounds)}
    # What rides along with a packet is told behind these three.
    packets = (row[:3] for row in csv.reader(printed.splitlines()) if len(row) >= 3)
    ends = [int(at) + int(size) for index, size, at in packets if at.isdecimal() and int(index) in wanted]
    return Reach(max(ends, default=0), SECONDS - 2)


def _make(job: Job, plan: Plan, bench: Bench, reach: Reach, clock: Clock) -> None:
    span = spans.lead(plan)
    names = encoding.track_names(plan, span)
    grower = Grower(job, plan, names, bench, clock, cut_short=frozenset(_cut_short(plan, names)))
    encoding.encode(plan, span, replace(bench, look=grower.look), seconds=reach.seconds)
    grower.show(clock())


def _cut_short(plan: Plan, names: list[str]) -> list[str]:
    """Return the tracks whose last segment ends only because the preview does."""
    rungs = {rendition.name for rendition in plan.made}
    return [name for name in names if name not in rungs or plan.keeps_top]
