"""How much memory an encode may take: what was measured, and half as much again in reserve.

An encode that is refused more failed on this machine, not by its file, and is tried again.
"""

from __future__ import annotations

from transcode.core.plan import Plan

MIB = 1024**2
# Measured as address space (VmPeak) with ffmpeg 9.0: 0.9 GiB for 144p with one thread, 1.9 for 1080p with two, 4.2 for
# 2160p with four, 8.3 with sixteen. Each thread has a stack and an arena, each rung keeps frames for its lookahead.
BASE_BYTES = 1536 * MIB
THREAD_BYTES = 128 * MIB
RUNG_THREAD_BYTES = 32 * MIB
# A decoded pixel may have four components of 16 bits, and half of that in a filter beside it; ours have one and a half bytes.
SOURCE_PIXEL_BYTES, OUR_PIXEL_BYTES = 4, 1.5
FRAMES, FRAMES_A_THREAD = 60, 12
RESERVE = 1.5


def memory_for(plan: Plan, threads: int, processors: int) -> int:
    """Return the address space for an encode on `threads` of a machine with `processors`."""
    frame = SOURCE_PIXEL_BYTES * _source_pixels(plan) + OUR_PIXEL_BYTES * _our_pixels(plan)
    needed = BASE_BYTES + frame * (FRAMES + FRAMES_A_THREAD * threads)
    needed += len(plan.renditions) * threads * RUNG_THREAD_BYTES
    return round(needed * RESERVE) + processors * THREAD_BYTES


def _source_pixels(plan: Plan) -> int:
    return plan.picture.coded_width * plan.picture.coded_height


def _our_pixels(plan: Plan) -> int:
    return sum(rendition.width * rendition.height for rendition in plan.renditions)
