"""How a camera was held: the eight ways a picture can lie on its sheet, from a display matrix (ISO/IEC 14496-12, tkhd)."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Turn:
    """What to do to decoded frames so that they stand upright, as ffmpeg filters."""

    filters: tuple[str, ...]
    is_sideways: bool = False


UPRIGHT = Turn(())
# By where the matrix sends right (a, b) and down (c, d).
_TURNS = {
    (1, 0, 0, 1): UPRIGHT,
    (-1, 0, 0, 1): Turn(("hflip",)),
    (1, 0, 0, -1): Turn(("vflip",)),
    (-1, 0, 0, -1): Turn(("hflip", "vflip")),
    (0, 1, -1, 0): Turn(("transpose=clock",), is_sideways=True),
    (0, -1, 1, 0): Turn(("transpose=cclock",), is_sideways=True),
    (0, 1, 1, 0): Turn(("transpose=cclock_flip",), is_sideways=True),
    (0, -1, -1, 0): Turn(("transpose=clock_flip",), is_sideways=True),
}


def turn_of(matrix: str) -> Turn | None:
    """Return the turn for a display matrix as ffprobe prints it, None for one that says nothing sensible."""
    numbers = [int(number) for number in re.findall(r"-?\d+", re.sub(r"(?m)^\s*\d+:", "", matrix))]
    if len(numbers) != 9:
        return None
    a, b, _, c, d = numbers[:5]
    # Odd angles go to the nearest right one; nobody holds a camera at 45 degrees on purpose.
    if abs(a) + abs(d) >= abs(b) + abs(c):
        b = c = 0
    else:
        a = d = 0
    return _TURNS.get((_sign(a), _sign(b), _sign(c), _sign(d)))


def _sign(number: int) -> int:
    return (number > 0) - (number < 0)
