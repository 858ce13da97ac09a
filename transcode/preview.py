"""What can be shown of a source while the rest of it is on its way: its beginning, as far as the container says where that lies."""

from __future__ import annotations

import csv
import logging
from dataclasses import replace

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
# Where the boxes that say where things lie can be seen.
HEAD_BYTES = 64 * 1024
# An index of ten hours is smaller; what else there may be behind the media is not worth fetching twice.
MOST_INDEX_BYTES = 32 * 1024**2
# Enough for three segments that were kept, most of the time.
SECONDS = 40
# What is read of them: the packets of a moment need not lie side by side.
READ_SECONDS = 38
PROBE_SECONDS = 20


def wait_for_beginning(arrival: Arrival, bench: Bench) -> bool:
    """Wait for the index and the first seconds; False for a source that is of no use before it is whole, or soon will be."""
    if arrival.is_whole or arrival.size < max(settings.PREVIEW_BYTES, HEAD_BYTES):
        return False
    arrival.read_ahead(0, HEAD_BYTES)
    with arrival.path.open("rb") as file:
        index = mp4.find_index(file.read(HEAD_BYTES))
    if index is None or not 0 < (index.end or arrival.size) - index.start <= MOST_INDEX_BYTES:
        return False
    if index.end is None:
        arrival.read_ahead(index.start, arrival.size)
    else:
        arrival.wait(index.end)
    arrival.wait(_bytes_needed(bench))
    return not arrival.is_whole


def _bytes_needed(bench: Bench) -> int:
    """Ask the index where the packets of the first seconds end, in bytes from the start. Raise CommandFailed."""
    printed = process.run(
        argv.packets_argv(settings.FFPROBE, encoding.limits(), SECONDS),
        bench.folder,
        silence=PROBE_SECONDS,
        on_wait=lambda: bench.beat(0),
    )
    # What rides along with a packet is told behind these two.
    packets = (row[:2] for row in csv.reader(printed.splitlines()) if len(row) >= 2)
    return max((int(at) + int(size) for size, at in packets if at.isdecimal()), default=0)


def show(job: Job, plan: Plan, bench: Bench, clock: Clock) -> None:
    """Make and show the first segments of what is there; nothing is lost where that does not work."""
    span = spans.lead(plan)
    names = encoding.track_names(plan, span)
    grower = Grower(job, plan, names, bench, clock, cut_short=frozenset(_cut_short(plan, names)))
    try:
        encoding.encode(plan, span, replace(bench, look=grower.look), seconds=READ_SECONDS)
    except (process.CommandFailed, Refused) as why:
        logger.info("job %s has no preview: %s", job.pk, why)
    else:
        grower.show(clock())


def _cut_short(plan: Plan, names: list[str]) -> list[str]:
    """Return the tracks that end only because the preview does: all but rungs, whose first span is shorter than that."""
    rungs = {rendition.name for rendition in plan.made}
    return [name for name in names if name not in rungs or plan.keeps_top]
