"""How many threads an encode gets, and how much memory: what it needs to begin, and what it may take at most.

What it may take is what was measured, and half as much again in reserve. An encode that is refused more failed on this machine,
not by its file, and is tried again.
"""

from __future__ import annotations

from transcode.core.host import Memory
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
# Measured as what was resident at once: from 97 MiB for 360p with two threads to 2.6 GiB for 2160p with eight. Nearly all of it
# are frames that decoder, filters and lookahead keep, some of them in each thread.
RESIDENT_BYTES = 80 * MIB
RESIDENT_PIXEL_BYTES, RESIDENT_PIXEL_THREAD_BYTES = 54, 8
RESIDENT_RESERVE = 1.25
# 240p gains a third from a second thread and nothing from a third; 480p gains a little from that.
LEAST_THREADS, THREAD_PIXELS = 2, 400_000


def threads_for(plan: Plan, cores: int, slots: int, most: int) -> int:
    """Return on how many threads to encode, where `slots` encodes share `cores`: as many as its frames profit from."""
    largest = max(_source_pixels(plan), *(one.width * one.height for one in plan.renditions))
    return max(1, min(most, cores // slots, LEAST_THREADS + largest // THREAD_PIXELS))


def needed_for(plan: Plan, threads: int) -> int:
    """Return how much memory must be free for an encode on `threads` to begin."""
    pixel = RESIDENT_PIXEL_BYTES + RESIDENT_PIXEL_THREAD_BYTES * threads
    return round((RESIDENT_BYTES + plan.pixels * pixel) * RESIDENT_RESERVE)


def why_no_room(needed: int, memory: Memory) -> str:
    """Return why an encode cannot begin, for whoever runs the host; empty where it can."""
    if needed > memory.total:
        return (
            f"this needs {_mib(needed)} of memory and this host has {_mib(memory.total)} in all, so it never fits here;"
            " set LADDER_TOP lower, or have a larger host take it"
        )
    return (
        f"{_mib(memory.free)} of memory are free, this needs {_mib(needed)}" if needed > memory.free else ""
    )


def _mib(count: int) -> str:
    return f"{count // MIB} MiB"


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
