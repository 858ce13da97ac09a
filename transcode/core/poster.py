"""Which frames stand for a video: neither black nor blurred, and from all over it, so that its owner has a choice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import isfinite

MOST = 5
# Luma is 16 to 235. A good picture lies between these on average; outside them it is dark, or washed out.
DARK, BRIGHT = 45, 190
# From the darkest tenth to the brightest tenth of a picture in which something can be told apart.
CONTRAST = 100
# Pixels across which blurdetect finds its edges smeared, in a picture of our size: sharp ones, and a blurred one.
SHARP, BLURRED = 4.0, 12.0
# Beside a good picture, one with less than this part of its score is no choice.
WORTH = 0.3


@dataclass(frozen=True, slots=True)
class Look:
    """What ffmpeg's filters say of one frame: luma, its spread, and how smeared its edges are; entropy from 0 to 1."""

    at: float
    brightness: float
    contrast: float
    entropy: float
    blur: float

    @property
    def score(self) -> float:
        """Between 0 and 1; 0 for a frame of one colour."""
        light = _rise(self.brightness, 16, DARK) * _rise(-self.brightness, -235, -BRIGHT)
        sharp = 1 - 0.7 * _rise(self.blur, SHARP, BLURRED)
        return light * sharp * min(1.0, self.contrast / CONTRAST) * self.entropy


def _rise(value: float, low: float, high: float) -> float:
    """Return 0 up to `low`, 1 from `high`, and what lies between in between."""
    return min(1.0, max(0.0, (value - low) / (high - low)))


def parse_looks(printed: str) -> tuple[Look, ...]:
    """Return the frames that ffmpeg's metadata filter printed, in their order."""
    return tuple(Look(**found) for found in _found(printed))


NAMES = {
    "lavfi.signalstats.YAVG": ("brightness", 1.0),
    "lavfi.signalstats.YHIGH": ("contrast", 1.0),
    "lavfi.signalstats.YLOW": ("contrast", -1.0),
    "lavfi.entropy.normalized_entropy.normal.Y": ("entropy", 1.0),
    "lavfi.blur": ("blur", 1.0),
}


def _found(printed: str) -> Iterator[dict[str, float]]:
    for block in printed.split("frame:")[1:]:
        first, *lines = block.splitlines()
        # What a frame of one colour has no value for counts as nothing.
        found = {
            "at": float(first.rpartition("pts_time:")[2]),
            **dict.fromkeys(("brightness", "contrast"), 0.0),
        }
        found |= {"entropy": 0.0, "blur": BLURRED}
        for key, _, text in (line.partition("=") for line in lines):
            name, sign = NAMES.get(key, ("", 0.0))
            if name == "contrast":
                found[name] += sign * float(text)
            elif name and isfinite(float(text)):
                found[name] = float(text)
        yield found


def choose(looks: Sequence[Look], kept: float | None = None) -> tuple[Look, ...]:
    """Return the best frame of each part of the video, in order; `kept` is a moment to choose again where it is."""
    if not looks:
        return ()
    parts = min(MOST, len(looks))
    cuts = [len(looks) * part // parts for part in range(parts + 1)]
    chosen = [_best(looks[start:end], kept) for start, end in pairwise(cuts)]
    told_apart = [
        look for place, look in enumerate(chosen) if not any(_alike(look, one) for one in chosen[:place])
    ]
    least = max(look.score for look in told_apart) * WORTH
    return tuple(look for look in told_apart if look.score > least or look.at == kept) or (told_apart[0],)


def best(chosen: Sequence[Look]) -> int:
    """Return which of them stands for the video until its owner says otherwise."""
    return max(range(len(chosen)), key=lambda place: chosen[place].score)


def _best(part: Sequence[Look], kept: float | None) -> Look:
    again = [look for look in part if kept is not None and abs(look.at - kept) < 0.0005]
    return again[0] if again else max(part, key=lambda look: look.score)


def _alike(one: Look, other: Look) -> bool:
    """True for frames that a still picture repeats: five of the same would be no choice."""
    pairs = ((one.brightness, other.brightness), (one.contrast, other.contrast), (one.blur, other.blur))
    return one is not other and all(abs(a - b) < 0.01 for a, b in pairs) and one.entropy == other.entropy
