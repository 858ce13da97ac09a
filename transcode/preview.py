"""What can be shown of a source while the rest of it is on its way: its beginning, as far as the container says where that lies."""

from __future__ import annotations

import csv
import logging
from dataclasses import replace

from django.conf import settings

from transcode import encoding, process, sandbox
from transcode.core import argv, mp4, spans
from transcode.core.media import Refused
from transcode.core.plan import Plan
from transcode.encoding import Bench
from transcode.fetch import Arrival
from transcode.growing import Grower
from transcode.models import Clock, Job
from videos import storage

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
# An index may name the same bytes a million times.
PROBE_BOX = replace(sandbox.SMALL, cpu_seconds=PROBE_SECONDS, wall_seconds=PROBE_SECONDS)
# What keeps a preview from being made, and costs nothing else; the job itself meets it again if it matters.
REASONS = (process.CommandFailed, Refused, storage.Damaged, storage.Missing, *storage.Errors)


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
    if _is_fragmented(arrival, index):
        # Such an index does not say where things lie.
        return False
    arrival.wait(_bytes_needed(bench))
    return not arrival.is_whole


def _is_fragmented(arrival: Arrival, index: mp4.Index) -> bool:
    with arrival.path.open("rb") as file:
        file.seek(index.start)
        return b"mvex" in file.read((index.end or arrival.size) - index.start)


def _bytes_needed(bench: Bench) -> int:
    """Ask the index where the packets of the first seconds end, in bytes from the start. Raise CommandFailed."""
    printed = process.run(
        argv.packets_argv(settings.FFPROBE, encoding.limits(), SECONDS),
        bench.folder,
        silence=PROBE_SECONDS,
        box=PROBE_BOX,
        on_wait=lambda: bench.beat(0),
    )
    # What rides along with a packet is told behind these two.
    packets = (row[:2] for row in csv.reader(printed.splitlines()) if len(row) >= 2)
    return max((int(at) + int(size) for size, at in packets if at.isdecimal()), default=0)


def show(job: Job, plan: Plan, bench: Bench, clock: Clock) -> None:
    """Make and show the first segments of what is there; nothing is lost where that does not work."""
    span = spans.lead(plan)
    heard = bench.quiet() if plan.keeps_top else bench
    grower = Grower(job, plan, encoding.track_names(plan, span), heard, clock, is_partial=True)
    try:
        encoding.encode(plan, span, replace(heard, look=grower.look), seconds=READ_SECONDS)
        grower.show(clock())
    except REASONS as why:
        logger.info("job %s has no preview: %s", job.pk, why)
