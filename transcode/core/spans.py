"""How a video is cut into spans: each a run of whole segments that one ffmpeg makes, all on one grid of frames."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from transcode.core.plan import Plan

# Chromium's own HLS wants three segments before it begins to play a growing playlist; ffmpeg tells of one when the next begins,
# or when all of it ends, sound included.
LEAD_SEGMENTS = 4
# Up to here it is made in one go, in short segments: nobody would have to wait long for the rest, and a second span would
# cost a twentieth more.
SHORT_SECONDS = 40
# What a span may take at most: about two minutes on two cores, so that a lost worker costs little.
WORK_PIXELS = 15_000_000_000
LEAST_SEGMENTS = 2
# Into so many parts at least, if they are not too short for it: with a few long ones, most workers wait for the last of them.
SHARES = 16
# Each begins with programs to start and a second to decode for nothing.
LEAST_SHARE = 5


@dataclass(frozen=True, slots=True)
class Span:
    """Frames from `first` on, `frames` of them, or all that come where that is None.

    `starts` are the frames at which its segments begin, where those are not the grid's own; empty for the grid's.
    """

    number: int = 0
    first: int = 0
    frames: int | None = None
    segment_gops: int = 1
    starts: tuple[int, ...] = ()

    @property
    def is_lead(self) -> bool:
        """True for what makes a video watchable, where more comes after it."""
        return self.number == 0 and self.frames is not None

    @property
    def end(self) -> int | None:
        return None if self.frames is None else self.first + self.frames


def lead(plan: Plan) -> Span:
    """Return the first span: a kept picture whole, else what makes it watchable."""
    return Span(segment_gops=plan.segment_gops) if plan.keeps_top else on_grid(plan)[0]


def whole(plan: Plan) -> tuple[Span, ...]:
    """Return one span for everything, for sources that cannot be cut."""
    return (Span(segment_gops=plan.segment_gops),)


def on_grid(plan: Plan) -> tuple[Span, ...]:
    """Return the spans of a video: first what makes it watchable, then ever longer ones."""
    if plan.frames is not None and plan.frames <= SHORT_SECONDS * plan.frame_rate:
        return (Span(),)
    lead = LEAD_SEGMENTS * plan.gop
    step = plan.segment_gops * plan.gop
    marks = [lead, *_marks(plan, lead, step)] if plan.is_indexed and plan.frames else [lead]
    ends = [*marks[1:], None]
    rest = (
        Span(number, first, None if end is None else end - first, plan.segment_gops)
        for number, (first, end) in enumerate(zip(marks, ends, strict=True), start=1)
    )
    return (Span(frames=lead), *rest)


def _marks(plan: Plan, begin: int, step: int) -> Iterator[int]:
    """Yield where spans begin after the second one: each is twice as long as the one before, up to the most."""
    assert plan.frames is not None
    most = _share(plan, plan.frames)
    length, at = LEAST_SEGMENTS, begin
    # What is left over is not worth a span of its own.
    while (at := at + min(length, most) * step) + LEAST_SEGMENTS * step <= plan.frames:
        yield at
        length *= 2


def most_segments(plan: Plan) -> int:
    """Return how many segments a span may have."""
    seconds = WORK_PIXELS / float(plan.pixels * plan.frame_rate)
    return max(LEAST_SEGMENTS, int(seconds / plan.segment_seconds))


def _share(plan: Plan, frames: int) -> int:
    """Return how many segments a span of a video with so many frames may have."""
    segments = frames // (plan.segment_gops * plan.gop)
    return min(most_segments(plan), max(LEAST_SHARE, segments // SHARES))


def along(plan: Plan, starts: Sequence[int]) -> tuple[Span, ...]:
    """Return the spans of the rungs beside a picture that was kept, whose segments begin at these frames."""
    most = _share(plan, starts[-1]) * plan.segment_gops * plan.gop
    marks = [0]
    for start in starts[1:]:
        # As far as it goes: what is kept sets the pace, a segment of it may be long.
        if start - marks[-1] >= most:
            marks.append(start)
    ends: list[int | None] = [*marks[1:], None]
    return tuple(
        Span(
            number,
            first,
            None if end is None else end - first,
            starts=tuple(start for start in starts if first <= start and (end is None or start < end)),
        )
        for number, (first, end) in enumerate(zip(marks, ends, strict=True), start=1)
    )
