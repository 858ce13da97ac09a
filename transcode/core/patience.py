"""How long an encode may go on: what its plan is worth, several times over.

A small file can claim or hide an enormous amount of work: headers say one second where the table of times says years, a
still of a few bytes repeats for hours in 4K.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import ceil

from transcode.core.gate import Limits, too_long
from transcode.core.plan import Plan

# Pixels of the source and of all rungs that one core works through in a second: half of what x264's `veryfast` did on
# the slowest that was measured, with moving noise.
PIXELS_PER_CPU_SECOND = 20_000_000
# Fewer than any video that is worth watching: where headers say too little, a file may last as long as this makes it.
BYTES_PER_SECOND = 10_000
# For what takes its time however short the video is.
LEAST_SECONDS = 60
ENDLESS = (
    "This video goes on for much longer than the file says, so the file is probably broken. Export it again and upload"
    " that."
)
TOO_MUCH_WORK = "This video takes far more work than others of its size and length. Export it as MP4 (H.264) and upload it again."


@dataclass(frozen=True, slots=True)
class Patience:
    """The most that an encode may be: frames that come out, seconds of CPU of all threads together, and by the clock."""

    frames: int
    cpu_seconds: int

    @property
    def wall_seconds(self) -> int:
        """On less than half a core it does not get on; then it is not the file that is to blame."""
        return LEAST_SECONDS + 2 * self.cpu_seconds


def patience_for(plan: Plan, source_bytes: int, limits: Limits, factor: int) -> Patience:
    """Return what an encode may take: `factor` times its plan's worth, and nothing beyond the limits."""
    worth = min(limits.seconds, max(plan.seconds or limits.seconds, source_bytes / BYTES_PER_SECOND))
    longest = min(limits.seconds, factor * worth + LEAST_SECONDS)
    work = worth * plan.frame_rate * plan.pixels / PIXELS_PER_CPU_SECOND
    return Patience(ceil(longest * plan.frame_rate), ceil(factor * (LEAST_SECONDS + work)))


def endless(frames: int, frame_rate: Fraction, limits: Limits) -> str:
    """Return what to tell the uploader of a video that does not end where it should."""
    return too_long(limits) if frames >= limits.seconds * frame_rate else ENDLESS
