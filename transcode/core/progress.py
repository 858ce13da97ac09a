"""What ffmpeg says of its progress (`-progress pipe:1`: lines of key=value)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

# Where in a video's 0 to 100 each stage ends.
DOWNLOADED = 5
ENCODED = 95


def frame_of(line: str) -> int | None:
    """Return the frame number of a `frame=` line. The time it reports is wrong beside some filters; frames never are."""
    key, _, value = line.partition("=")
    return int(value) if key == "frame" and value.strip().isdecimal() else None


# What grows for as long as ffmpeg gets on: frames of the picture, and the time of whichever track is ahead.
GROWING = ("frame", "out_time_us")


class Course:
    """Whether ffmpeg gets on. It reports twice a second, also when it has come to a stop."""

    def __init__(self) -> None:
        self._last: dict[str, str] = {}

    def is_news(self, line: str) -> bool:
        key, _, value = line.partition("=")
        if key not in GROWING or self._last.get(key) == value:
            return False
        self._last[key] = value
        return True


def within(start: int, end: int, done: float) -> int:
    """Return the per cent for `done` (0 to 1) of a stage."""
    return start + int((end - start) * min(1.0, max(0.0, done)))


# Before that, a part's speed says more of how it began.
LEAST_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Part:
    """What one worker makes just now: its frames, how many there are by now, and for how long it has been made."""

    frames: int
    done: int
    seconds: float

    @property
    def remaining(self) -> float:
        """How many seconds it takes at its own speed; 0 before there is anything to judge by."""
        if self.seconds < LEAST_SECONDS or not self.done:
            return 0.0
        return self.seconds * max(0, self.frames - self.done) / self.done


def remaining(elapsed: float, done: float, parts: Iterable[Part] = ()) -> float | None:
    """Return how many seconds the rest takes at the speed so far; None before there is anything to judge by.

    No less than the slowest part takes: while that is made, the other workers may have nothing left to do.
    """
    if done < 0.05:
        return None
    return max([elapsed * ((1 - done) / done), *(part.remaining for part in parts)])
