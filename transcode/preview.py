"""What can be shown of a source while the rest of it is on its way: its beginning, as far as the container says where that lies."""

from __future__ import annotations

import logging
from dataclasses import replace

from django.conf import settings

from transcode import encoding, process, sandbox
from transcode.core import argv, mp4, order, spans
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
# Before there is more, ffprobe cannot tell of most sources what is in them: it reads as much itself.
LEAST_IN_ORDER = 8 * 1024**2
TAIL_BYTES = 2 * 1024**2
# Enough for three segments that were kept, most of the time.
SECONDS = 40
# What is read of them: the packets of a moment need not lie side by side.
READ_SECONDS = 38
PROBE_SECONDS = 20
# An index may name the same bytes a million times.
PROBE_BOX = replace(sandbox.SMALL, cpu_seconds=PROBE_SECONDS, wall_seconds=PROBE_SECONDS)
# What keeps a preview from being made, and costs nothing else; the job itself meets it again if it matters.
REASONS = (process.CommandFailed, Refused, storage.Damaged, storage.Missing, *storage.Errors)


class NotHere(Exception):
    """A packet of the beginning lies where nothing has come yet."""


def wait_for_beginning(arrival: Arrival, bench: Bench) -> bool:
    """Wait for what tells where things lie and the first seconds; False for what is of no use before it is whole, or soon is."""
    if arrival.is_whole or arrival.size < max(settings.PREVIEW_BYTES, HEAD_BYTES):
        return False
    arrival.read_ahead(0, HEAD_BYTES)
    with arrival.path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    is_here = (
        _wait_in_order(arrival, bench) if order.is_in_order(head) else _wait_by_index(arrival, bench, head)
    )
    return is_here and not arrival.is_whole


def _wait_by_index(arrival: Arrival, bench: Bench, head: bytes) -> bool:
    index = mp4.find_index(head)
    if index is None or not 0 < (index.end or arrival.size) - index.start <= MOST_INDEX_BYTES:
        return False
    if index.end is None:
        arrival.read_ahead(index.start, arrival.size)
    else:
        arrival.wait(index.end)
    if _is_fragmented(arrival, index):
        # Such an index does not say where things lie.
        return False
    arrival.wait(max(_ends(bench, f"{SECONDS}"), default=0))
    return True


def _is_fragmented(arrival: Arrival, index: mp4.Index) -> bool:
    with arrival.path.open("rb") as file:
        file.seek(index.start)
        return b"mvex" in file.read((index.end or arrival.size) - index.start)


def _wait_in_order(arrival: Arrival, bench: Bench) -> bool:
    """Wait until the beginning is here of a source whose packets come one after another; False if it never is alone."""
    # Behind the last packet there is what says where keyframes lie, how long tracks are, and when the last one ends.
    arrival.read_ahead(max(HEAD_BYTES, arrival.size - TAIL_BYTES), arrival.size)
    there = LEAST_IN_ORDER
    while there < arrival.size - TAIL_BYTES:
        arrival.wait(there)
        if _has_beginning(bench, arrival.there):
            return True
        # Each look costs as much as what there is to look at.
        there = max(there, arrival.there) * 3 // 2
    return False


def _has_beginning(bench: Bench, there: int) -> bool:
    """True if so many bytes are enough for what is shown, and for what a plan is made of."""
    try:
        for until in (f"{SECONDS}", f"#{argv.COUNTED_PACKETS}"):
            _ends(bench, until, there)
    except NotHere:
        return False
    return True


def _ends(bench: Bench, until: str, there: int | None = None) -> list[int]:
    """Ask where the packets of the beginning end, in bytes from the start. Raise NotHere once one is not here, CommandFailed."""
    found: list[int] = []

    def on_line(line: str) -> None:
        # What rides along with a packet is told behind these two.
        size, _, rest = line.strip().partition(",")
        at = rest.partition(",")[0]
        if size.isdecimal() and at.isdecimal():
            found.append(int(at) + int(size))
            if there is not None and found[-1] > there:
                raise NotHere

    process.run(
        argv.packets_argv(settings.FFPROBE, encoding.limits(), until),
        bench.folder,
        silence=PROBE_SECONDS,
        box=PROBE_BOX,
        on_line=on_line,
        on_wait=lambda: bench.beat(0),
    )
    return found


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
