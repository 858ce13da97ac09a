"""From claimed work to a published version: fetch, probe, plan, encode, grow, check, depict, publish."""

from __future__ import annotations

import logging
import shlex
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta

from django.conf import settings

from transcode import encoding, fetch, growing, preview, publish, ways
from transcode.chunks import Chunk, prefix
from transcode.core import ledger, spans
from transcode.core.check import Output
from transcode.core.media import Refused
from transcode.core.plan import Plan
from transcode.core.spans import Span
from transcode.encoding import Bench
from transcode.fetch import Arrival
from transcode.models import Clock, Job
from transcode.pulse import Pulse
from transcode.workshop import private_folder

logger = logging.getLogger(__name__)
# Room for what a source becomes, and one rendition once more for the storyboard. The source itself is counted when it comes.
ROOM_FACTOR = 2
ROOM_BYTES = 512 * 1024**2
CHANGED = "What arrived is not the size that was announced. Upload the file again."
Wake = Callable[[], object]


@contextmanager
def _bench(held: Job | Chunk, clock: Clock) -> Iterator[Bench]:
    """Yield a folder to work in, once this host has room for it."""
    job, number = (held.job, held.number) if isinstance(held, Chunk) else (held, 0)
    name = f"{job.pk}-{number}-{held.attempt}"
    needed = job.source_size * ROOM_FACTOR + ROOM_BYTES
    fetch.make_room(job, needed)
    with private_folder(name, needed) as folder:
        if job.source_size != job.video.upload.size:
            raise Refused(CHANGED)
        if job.plan:
            job.require_wanted()
        pulse = Pulse(held, clock)
        yield Bench(folder, prefix(number, held.attempt), job.source_size, pulse.beat)


# --- a job: what goes before the chunks, and what comes after them ------------------------------------------------------


def work_on(job: Job, clock: Clock, wake: Wake) -> None:
    """Make what makes a video watchable, or publish it once all of it is there.

    Raise Refused if the source can never be a video; LeaseLost if the job is no longer ours; Stopped; TryAnotherWay;
    anything else may go better another time.
    """
    with _bench(job, clock) as bench, ways.whole_if_unfit(job.way):
        if job.made is not None and job.is_made:
            _publish(job, _plan_of(job), ledger.load_all(job.made), bench, clock)
        else:
            _go_on(job, bench, clock, wake)


def _go_on(job: Job, bench: Bench, clock: Clock, wake: Wake) -> None:
    with fetch.arriving(job, bench.folder, lambda: bench.beat(0)) as arrival:
        plan, lead = _begin(job, bench, arrival, clock, wake)
    if job.chunks.exists():
        growing.show(job, plan, lead, clock())
        job.wait(ledger.dump_all(lead))
    else:
        _publish(job, plan, lead, bench, clock)
        fetch.drop(job)


def _begin(
    job: Job, bench: Bench, arrival: Arrival, clock: Clock, wake: Wake
) -> tuple[Plan, dict[str, Output]]:
    """Plan, let others have their part, and make the first span."""
    if job.plan and job.chunks.exists():
        # Whoever began died; what others have made is kept.
        plan = _plan_of(job)
        arrival.wait()
        return _lead(job, plan, spans.lead(plan), bench, clock)
    early = _show_early(job, bench, arrival, clock)
    arrival.wait()
    plan = ways.plan_for(job.way, bench, f"job {job.pk}")
    if plan == early:
        job.begin_encoding(clock())
    else:
        job.begin_version(plan.as_json(), plan.frames, clock())
        # What was shown of another plan keeps its names.
        bench = replace(bench, prefix=f"{bench.prefix}whole-") if early else bench
    if plan.keeps_top:
        return _keep(job, plan, bench, clock, wake)
    lead, *rest = ways.spans_for(job.way, plan)
    if rest:
        job.lay_out(rest)
        _wake(len(rest), wake)
    return _lead(job, plan, lead, bench, clock)


def _show_early(job: Job, bench: Bench, arrival: Arrival, clock: Clock) -> Plan | None:
    """Show the beginning of a source while the rest of it is on its way; return what was planned, None if nothing was."""
    try:
        # As a whole, it is cut in other places.
        if job.way == Job.Way.WHOLE or not preview.wait_for_beginning(arrival, bench):
            return None
        plan = ways.plan_for(job.way, bench, f"job {job.pk}")
    except preview.REASONS as why:
        logger.info("job %s has no preview: %s", job.pk, why)
        return None
    if plan.seconds is None or plan.seconds <= preview.SECONDS:
        return None
    job.begin_version(plan.as_json(), plan.frames, clock())
    preview.show(job, plan, bench, clock)
    return plan


def _wake(count: int, wake: Wake) -> None:
    for _ in range(min(count, settings.MOST_WAKES)):
        wake()


def _plan_of(job: Job) -> Plan:
    assert job.plan is not None
    return Plan.from_json(job.plan)


def _keep(job: Job, plan: Plan, bench: Bench, clock: Clock, wake: Wake) -> tuple[Plan, dict[str, Output]]:
    """Copy the picture, then let others encode the rungs beside it, cut where it is cut."""
    with ways.chunks_if_not_kept():
        plan, lead = _lead(job, plan, spans.lead(plan), bench, clock)
        rest = ways.spans_beside(plan, lead, bench)
    if rest:
        job.lay_out(rest)
        _wake(len(rest), wake)
    return plan, lead


def _lead(job: Job, plan: Plan, span: Span, bench: Bench, clock: Clock) -> tuple[Plan, dict[str, Output]]:
    """Make the first span and the sounds, stored and shown as they come."""

    def make(plan: Plan, nth: int) -> dict[str, Output]:
        # Of frames that are only copied nobody has to hear. What was stored keeps its name, and caches keep it.
        quiet = replace(
            bench.quiet() if plan.keeps_top else bench,
            prefix=bench.prefix if nth == 1 else f"{bench.prefix}{nth}-",
        )
        job.remember(plan.as_json(), shlex.join(encoding.command_for(plan, span, quiet.prefix)))
        grower = growing.Grower(job, plan, encoding.track_names(plan, span), quiet, clock)
        grower.seen.update(encoding.make(plan, span, replace(quiet, look=grower.look), grower.seen))
        grower.store()
        return grower.seen

    return ways.without_broken_sounds(plan, make)


# --- a chunk ------------------------------------------------------------------------------------------------------------


def encode(chunk: Chunk, clock: Clock) -> None:
    """Encode one span of a video; raise as `work_on` does."""
    plan, span = _plan_of(chunk.job), chunk.planned
    with (
        _bench(chunk, clock) as bench,
        fetch.arriving(chunk.job, bench.folder, lambda: bench.beat(0)) as arrival,
    ):
        arrival.wait()
        names = encoding.track_names(plan, span)
        with ways.whole_if_broken():
            found = encoding.make(plan, span, bench, {})
        grower = growing.Grower(chunk.job, plan, names, bench, clock, seen=found)
        grower.store()
        chunk.succeed(ledger.dump_all(found), encoding.frames_of(plan, span, found))
    growing.show_chunk(chunk, clock())


# --- the end ------------------------------------------------------------------------------------------------------------


def _publish(job: Job, plan: Plan, lead: dict[str, Output], bench: Bench, clock: Clock) -> None:
    # Whoever watches what grew goes on with it to its end, which the last chunk may have come too early or died too soon to tell.
    growing.show(job, plan, lead, clock())
    parts = [made for made in job.chunks.order_by("number").values_list("made", flat=True) if made]
    tracks = ways.joined(plan, lead, [ledger.load_all(made) for made in parts])
    frames = tracks[plan.renditions[0].name].frames
    published = publish.finish(job, plan, tracks, frames, bench)
    publish.store(job, bench)
    job.succeed(published, clock())


def retry_at(failures: int, now: datetime) -> datetime:
    """Each failure waits five times as long as the one before."""
    return now + timedelta(seconds=settings.RETRY_SECONDS * 5**failures)
