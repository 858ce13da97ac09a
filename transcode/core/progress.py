"""What ffmpeg says of its progress (`-progress pipe:1`: lines of key=value)."""

from __future__ import annotations

# Where in a video's 0 to 100 each stage ends.
DOWNLOADED = 5
ENCODED = 95


def frame_of(line: str) -> int | None:
    """Return the frame number of a `frame=` line. The time it reports is wrong beside some filters; frames never are."""
    key, _, value = line.partition("=")
    return int(value) if key == "frame" and value.strip().isdecimal() else None


def within(start: int, end: int, done: float) -> int:
    """Return the per cent for `done` (0 to 1) of a stage."""
    return start + int((end - start) * min(1.0, max(0.0, done)))


def remaining(elapsed: float, done: float) -> float | None:
    """Return how many seconds the rest takes at the speed so far; None before there is anything to judge by."""
    return elapsed * ((1 - done) / done) if done >= 0.05 else None
