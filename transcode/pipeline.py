"""From claimed work to a published version: fetch, probe, plan, encode, grow, check, depict, publish."""

from __future__ import annotations

import logging
import shlex
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings

from transcode import encoding, fetch, growing, keeping, preview, probing, process, publish
from transcode.chunks import Chunk, prefix
from transcode.core import blame, check, keep, ledger, patience, spans
from transcode.core.check import Output
from transcode.core.media import Media, Refused
from transcode.core.plan import Plan, plan_encode
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


class TryAnotherWay(Exception):
    """What came out is not fit to be published, and another way of making it may well be; `way` is a Job.Way."""

    def __init__(self, way: str, why: Exception) -> None:
        super().__init__(f"{why}")
        self.way = way


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
    with _bench(job, clock) as bench:
        try:
            if job.made is not None and job.is_made:
                _publish(job, _plan_of(job), ledger.load_all(job.made), bench, clock)
            else:
                _go_on(job, bench, clock, wake)
        except check.Unfit as why:
            if job.way == Job.Way.WHOLE:
                raise
            raise TryAnotherWay(Job.Way.WHOLE, why) from why


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
    plan = _make_plan(job, bench)
    if plan == early:
        job.begin_encoding(clock())
    else:
        job.begin_version(plan.as_json(), plan.frames, clock())
        # What was shown of another plan keeps its names.
        bench = replace(bench, prefix=f"{bench.prefix}whole-") if early else bench
    if plan.keeps_top:
        return _keep(job, plan, bench, clock, wake)
    lead, *rest = spans.whole(plan) if job.way == Job.Way.WHOLE else spans.on_grid(plan)
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
        plan = _make_plan(job, bench)
    except preview.REASONS as why:
        logger.info("job %s has no preview: %s", job.pk, why)
        return None
    if plan.seconds is None or plan.seconds <= preview.SECONDS:
        return None
    job.begin_version(plan.as_json(), plan.frames, clock())
    preview.show(job, plan, bench, clock)
    return plan


def _make_plan(job: Job, bench: Bench) -> Plan:
    media = probing.probe(bench)
    keeps_top = job.way == Job.Way.KEEP and _keeps_top(job, media, bench.folder)
    sounds = keeping.sounds(media, bench.folder) if keeps_top else frozenset()
    return plan_encode(media, settings.LADDER_TOP, keeps_top=keeps_top, kept_sounds=sounds)


def _keeps_top(job: Job, media: Media, folder: Path) -> bool:
    why_not = (
        "it is switched off" if not settings.KEEP_TOP else keeping.why_not(media, folder, settings.LADDER_TOP)
    )
    logger.info(
        "job %s: %s", job.pk, f"its picture is not kept: {why_not}" if why_not else "its picture is kept"
    )
    return not why_not


def _wake(count: int, wake: Wake) -> None:
    for _ in range(min(count, settings.MOST_WAKES)):
        wake()


def _plan_of(job: Job) -> Plan:
    assert job.plan is not None
    return Plan.from_json(job.plan)


def _keep(job: Job, plan: Plan, bench: Bench, clock: Clock, wake: Wake) -> tuple[Plan, dict[str, Output]]:
    """Copy the picture, then let others encode the rungs beside it, cut where it is cut."""
    try:
        plan, lead = _lead(job, plan, spans.lead(plan), bench, clock)
        kept = lead[plan.renditions[0].name]
        starts = keep.starts(kept, plan.frame_rate)
        keeping.check_key_frames(kept, bench)
    except (keep.NotKept, check.Unfit, Refused, process.CommandFailed) as why:
        if isinstance(why, process.CommandFailed) and why.is_killed:
            raise
        raise TryAnotherWay(Job.Way.CHUNKS, why) from why
    if plan.made:
        rest = spans.along(plan, starts)
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

    return without_broken_sounds(plan, make)


def without_broken_sounds(
    plan: Plan, make: Callable[[Plan, int], dict[str, Output]]
) -> tuple[Plan, dict[str, Output]]:
    """Return what was made, and the plan that went well; `make` hears which time it is.

    A picture is not lost for its sound: a track that ffmpeg says is broken, or whose times do not add up, is left out.
    """
    uneven = ""
    nth = 0
    while True:
        nth += 1
        try:
            return plan, make(plan, nth)
        except process.CommandFailed as error:
            broken = frozenset() if error.is_killed else blame.broken_sounds(plan, error.stderr)
            if not broken:
                raise _verdict(error) from error
            logger.info("sound of tracks %s is broken: %s", sorted(broken), error.stderr[-500:])
        except check.Uneven as error:
            if any(sound.is_kept for sound in plan.sounds if sound.name == error.name):
                # Encoded, it may be even.
                raise
            if uneven != error.name:
                # Once more: it may have been this machine.
                uneven = error.name
                continue
            logger.info("left out: %s", error)
            broken = frozenset(sound.index for sound in plan.sounds if sound.name == error.name)
        plan = plan.without_sounds(broken)


def _verdict(error: process.CommandFailed) -> Exception:
    """Return Refused if it is the file that cannot be read, the error itself if it is this machine that cannot go on."""
    if not error.is_killed and blame.is_flooded(error.stderr):
        return Refused(patience.ENDLESS)
    is_file = not error.is_killed and blame.is_unreadable(error.stderr)
    return Refused(check.NOTHING_DECODED) if is_file else error


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
        try:
            found = encoding.make(plan, span, bench, {})
        except (check.Unfit, Refused) as why:
            raise TryAnotherWay(Job.Way.WHOLE, why) from why
        except process.CommandFailed as error:
            verdict = _verdict(error)
            raise (
                TryAnotherWay(Job.Way.WHOLE, verdict) if isinstance(verdict, Refused) else error
            ) from error
        grower = growing.Grower(chunk.job, plan, names, bench, clock, seen=found)
        grower.store()
        chunk.succeed(ledger.dump_all(found), encoding.frames_of(plan, span, found))
    growing.show_chunk(chunk, clock())


# --- the end ------------------------------------------------------------------------------------------------------------


def _publish(job: Job, plan: Plan, lead: dict[str, Output], bench: Bench, clock: Clock) -> None:
    # Whoever watches what grew goes on with it to its end, which the last chunk may have come too early or died too soon to tell.
    growing.show(job, plan, lead, clock())
    parts = [made for made in job.chunks.order_by("number").values_list("made", flat=True) if made]
    tracks = {
        name: ledger.join(
            [
                *([lead[name]] if name in lead else []),
                *(ledger.load(name, made[name]) for made in parts if name in made),
            ]
        )
        for name in [*(rendition.name for rendition in plan.renditions), *(s.name for s in plan.sounds)]
    }
    frames = tracks[plan.renditions[0].name].frames
    published = publish.finish(job, plan, tracks, frames, bench)
    publish.store(job, bench)
    job.succeed(published, clock())


def retry_at(failures: int, now: datetime) -> datetime:
    """Each failure waits five times as long as the one before."""
    return now + timedelta(seconds=settings.RETRY_SECONDS * 5**failures)
