"""The level of an H.264 stream (ITU-T H.264, Table A-1): what a decoder must be able to bear."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import isqrt

# High profile allows a quarter more than the table says (A.3.3).
HIGH = Fraction(5, 4)
# Pictures a decoder must hold for x264's B-frames and references.
PICTURES = 4


@dataclass(frozen=True, slots=True)
class Level:
    name: str
    macroblocks_per_second: int
    macroblocks: int
    held_macroblocks: int
    kbps: int
    buffer_kbit: int


LEVELS = (
    Level("1.0", 1485, 99, 396, 64, 175),
    Level("1.1", 3000, 396, 900, 192, 500),
    Level("1.2", 6000, 396, 2376, 384, 1000),
    Level("1.3", 11880, 396, 2376, 768, 2000),
    Level("2.0", 11880, 396, 2376, 2000, 2000),
    Level("2.1", 19800, 792, 4752, 4000, 4000),
    Level("2.2", 20250, 1620, 8100, 4000, 4000),
    Level("3.0", 40500, 1620, 8100, 10000, 10000),
    Level("3.1", 108000, 3600, 18000, 14000, 14000),
    Level("3.2", 216000, 5120, 20480, 20000, 20000),
    Level("4.0", 245760, 8192, 32768, 20000, 25000),
    Level("4.1", 245760, 8192, 32768, 50000, 62500),
    Level("4.2", 522240, 8704, 34816, 50000, 62500),
    Level("5.0", 589824, 22080, 110400, 135000, 135000),
    Level("5.1", 983040, 36864, 184320, 240000, 240000),
    Level("5.2", 2073600, 36864, 184320, 240000, 240000),
    Level("6.0", 4177920, 139264, 696320, 240000, 240000),
    Level("6.1", 8355840, 139264, 696320, 480000, 480000),
    Level("6.2", 16711680, 139264, 696320, 800000, 800000),
)


def level_for(width: int, height: int, frame_rate: Fraction, kbps: int, buffer_kbit: int) -> Level:
    """Return the lowest level that bears such a stream in High profile."""
    columns, rows = -(-width // 16), -(-height // 16)
    size = columns * rows

    def bears(level: Level) -> bool:
        return (
            size * frame_rate <= level.macroblocks_per_second
            and size <= level.macroblocks
            and max(columns, rows) <= isqrt(8 * level.macroblocks)
            and size * PICTURES <= level.held_macroblocks
            and kbps <= level.kbps * HIGH
            and buffer_kbit <= level.buffer_kbit * HIGH
        )

    return next(filter(bears, LEVELS), LEVELS[-1])
