"""How a video is made, in three ways, each surer than the one before; and what makes one go on to the next."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from transcode import keeping, probing, process
from transcode.core import blame, check, keep, ledger, patience, spans
from transcode.core.check import Output
from transcode.core.media import Media, Refused
from transcode.core.plan import Plan, plan_encode
from transcode.core.spans import Span
from transcode.encoding import Bench
from transcode.models import Job

logger = logging.getLogger(__name__)


class TryAnotherWay(Exception):
    """What came out is not fit to be published, and another way of making it may well be; `way` is a Job.Way."""

    def __init__(self, way: str, why: Exception) -> None:
        super().__init__(f"{why}")
        self.way = way


def plan_for(way: str, bench: Bench, who: str) -> Plan:
    """Look at the source, and plan to keep of it what this way may keep."""
    media = probing.probe(bench)
    keeps_top = way == Job.Way.KEEP and _keeps_top(who, media, bench.folder)
    sounds = keeping.sounds(media, bench.folder) if keeps_top else frozenset()
    return plan_encode(media, settings.LADDER_TOP, keeps_top=keeps_top, kept_sounds=sounds)


def _keeps_top(who: str, media: Media, folder: Path) -> bool:
    why_not = (
        "it is switched off" if not settings.KEEP_TOP else keeping.why_not(media, folder, settings.LADDER_TOP)
    )
    logger.info("%s: %s", who, f"its picture is not kept: {why_not}" if why_not else "its picture is kept")
    return not why_not


def spans_for(way: str, plan: Plan) -> tuple[Span, ...]:
    """Return the spans that are known before any of them is made: of a picture that is kept, the one that is."""
    if plan.keeps_top:
        return (spans.lead(plan),)
    return spans.whole(plan) if way == Job.Way.WHOLE else spans.on_grid(plan)


def spans_beside(plan: Plan, lead: Mapping[str, Output], bench: Bench) -> tuple[Span, ...]:
    """Return the spans of the rungs beside a picture that was kept; raise NotKept where it should not have been."""
    kept = lead[plan.renditions[0].name]
    starts = keep.starts(kept, plan.frame_rate)
    keeping.check_key_frames(kept, bench)
    return spans.along(plan, starts) if plan.made else ()


def joined(
    plan: Plan, lead: Mapping[str, Output], chunks: Sequence[Mapping[str, Output]]
) -> dict[str, Output]:
    """Return every track of a video, of what its spans left of it."""
    names = [*(rung.name for rung in plan.renditions), *(sound.name for sound in plan.sounds)]
    return {name: ledger.join([part[name] for part in (lead, *chunks) if name in part]) for name in names}


@contextmanager
def chunks_if_not_kept() -> Iterator[None]:
    """Have what cannot be kept as it is be encoded."""
    try:
        yield
    except (keep.NotKept, check.Unfit, Refused, process.CommandFailed) as why:
        if isinstance(why, process.CommandFailed) and why.is_killed:
            raise
        raise TryAnotherWay(Job.Way.CHUNKS, why) from why


@contextmanager
def whole_if_broken() -> Iterator[None]:
    """Have the source be made in one piece where one of its chunks cannot be: it may be the cutting."""
    try:
        yield
    except (check.Unfit, Refused) as why:
        raise TryAnotherWay(Job.Way.WHOLE, why) from why
    except process.CommandFailed as error:
        verdict = _verdict(error)
        raise (TryAnotherWay(Job.Way.WHOLE, verdict) if isinstance(verdict, Refused) else error) from error


@contextmanager
def whole_if_unfit(way: str) -> Iterator[None]:
    """Have it be made in one piece where what was made is not what was planned; if that is what it is, raise Unfit."""
    try:
        yield
    except check.Unfit as why:
        if way == Job.Way.WHOLE:
            raise
        raise TryAnotherWay(Job.Way.WHOLE, why) from why


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
