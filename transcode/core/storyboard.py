"""The tiled previews a player shows while somebody scrubs, and the WebVTT that says where each one is.

WebVTT cues whose text is an image address with a spatial fragment `#xywh=` (W3C Media Fragments URI 1.0).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

LONG_SIDE = 160
MOST_TILES = 100
SLOWEST_SECONDS = 10
COLUMNS = ROWS = 5


@dataclass(frozen=True, slots=True)
class Storyboard:
    seconds: float
    # Whole seconds from one tile to the next.
    interval: int
    tile_width: int
    tile_height: int

    @property
    def tiles(self) -> int:
        return max(1, ceil(self.seconds / self.interval))

    @property
    def columns(self) -> int:
        # No sheet is wider or higher than what there is to put on it.
        return min(COLUMNS, self.tiles)

    @property
    def rows(self) -> int:
        return min(ROWS, ceil(self.tiles / COLUMNS))

    @property
    def sheets(self) -> int:
        return ceil(self.tiles / (self.columns * self.rows))


def plan_storyboard(seconds: float, width: int, height: int) -> Storyboard:
    """Return a storyboard with about a hundred tiles, or one every ten seconds for long videos."""
    scale = LONG_SIDE / max(width, height)
    return Storyboard(
        seconds=seconds,
        interval=min(SLOWEST_SECONDS, max(1, ceil(seconds / MOST_TILES))),
        tile_width=max(2, round(width * scale / 2) * 2),
        tile_height=max(2, round(height * scale / 2) * 2),
    )


def sheet_name(index: int) -> str:
    return f"storyboard-{index:03}.jpg"


def webvtt(storyboard: Storyboard, sheets: int) -> str:
    """Return the cues for the tiles that lie on the first `sheets` sheets."""
    per_sheet = storyboard.columns * storyboard.rows
    cues = [_cue(storyboard, tile) for tile in range(min(storyboard.tiles, sheets * per_sheet))]
    return "\n\n".join(["WEBVTT", *cues]) + "\n"


def _cue(storyboard: Storyboard, tile: int) -> str:
    sheet, place = divmod(tile, storyboard.columns * storyboard.rows)
    row, column = divmod(place, storyboard.columns)
    start, end = tile * storyboard.interval, min(storyboard.seconds, (tile + 1) * storyboard.interval)
    x, y = column * storyboard.tile_width, row * storyboard.tile_height
    where = f"{sheet_name(sheet)}#xywh={x},{y},{storyboard.tile_width},{storyboard.tile_height}"
    return f"{_time(start)} --> {_time(end)}\n{where}"


def _time(seconds: float) -> str:
    milliseconds = round(seconds * 1000)
    hours, rest = divmod(milliseconds, 3_600_000)
    minutes, rest = divmod(rest, 60_000)
    return f"{hours:02}:{minutes:02}:{rest // 1000:02}.{rest % 1000:03}"
