"""What the movie box of an MP4 says of one track (ISO/IEC 14496-12, QuickTime File Format)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from transcode.core import mp4
from transcode.core.mp4 import Broken

# Of frames of the same length. More than two are too many, however many there are.
MOST_RUNS = 3
# Files of cameras and editors have a few of each. Others are not worth the time.
MOST_BOXES, MOST_EDITS = 1000, 100


@dataclass(frozen=True, slots=True)
class Edit:
    """One entry of an edit list: how long it plays, and from which moment of the media; None for nothing. In seconds."""

    seconds: Fraction
    begin: Fraction | None


@dataclass(frozen=True, slots=True)
class Track:
    """`delay` is by how many seconds the first frame is shown later than it is decoded.

    `rate` is how many frames there are in a second, None where they are not all of one length.
    """

    descriptions: tuple[str, ...]
    seconds: Fraction
    rate: Fraction | None
    delay: Fraction
    edits: tuple[Edit, ...]
    is_fragmented: bool


def track(moov: bytes, track_id: int) -> Track:
    """Return what the content of a moov says of a track; raise Broken where it says nothing, or too much."""
    try:
        return _track(moov, track_id)
    except IndexError as error:
        raise Broken("a box that is cut short") from error


def boxes(data: bytes, start: int = 0, end: int | None = None) -> Iterator[tuple[str, int, int]]:
    for count, box in enumerate(mp4.boxes(data, start, end)):
        if count == MOST_BOXES:
            raise Broken("too many boxes")
        yield box


def _track(moov: bytes, track_id: int) -> Track:
    movie_scale, is_fragmented, found = 0, False, None
    for kind, at, end in boxes(moov):
        if kind == "mvhd":
            movie_scale = _scale(moov, at)
        elif kind == "mvex":
            is_fragmented = True
        elif kind == "trak" and _track_id(moov, at, end) == track_id:
            found = (at, end)
    if found is None or not movie_scale:
        raise Broken(f"no track {track_id}")
    header, _ = inside(moov, found, "mdia", "mdhd")
    scale = _scale(moov, header)
    if not scale:
        raise Broken("a timescale of 0")
    table = inside(moov, found, "mdia", "minf", "stbl")
    return Track(
        descriptions=_descriptions(moov, table),
        seconds=Fraction(_number(moov, header, 24, 16, wide=8), scale),
        rate=_rate(moov, table, scale),
        delay=Fraction(_first_shift(moov, table), scale),
        edits=_edits(moov, found, movie_scale, scale),
        is_fragmented=is_fragmented,
    )


def sample_table(moov: bytes, track_id: int) -> tuple[int, int]:
    """Return where the content of a track's stbl lies; raise Broken."""
    for kind, at, end in boxes(moov):
        if kind == "trak" and _track_id(moov, at, end) == track_id:
            return inside(moov, (at, end), "mdia", "minf", "stbl")
    raise Broken(f"no track {track_id}")


def inside(data: bytes, within: tuple[int, int], *path: str) -> tuple[int, int]:
    """Return where the content of the first box at the end of `path` lies; raise Broken."""
    for kind, at, end in boxes(data, *within):
        if kind == path[0]:
            return (at, end) if len(path) == 1 else inside(data, (at, end), *path[1:])
    raise Broken(f"no {path[0]}")


def _number(data: bytes, at: int, place: int, short_place: int, *, wide: int) -> int:
    """Return a number that is `wide` bytes in version 1 of a box and 4 in version 0."""
    return int.from_bytes(
        data[at + place : at + place + wide] if data[at] else data[at + short_place : at + short_place + 4]
    )


def _scale(data: bytes, at: int) -> int:
    # mvhd and mdhd alike: two times, then the timescale.
    return _number(data, at, 20, 12, wide=4)


def _track_id(data: bytes, at: int, end: int) -> int:
    header, _ = inside(data, (at, end), "tkhd")
    return _number(data, header, 20, 12, wide=4)


def _descriptions(data: bytes, table: tuple[int, int]) -> tuple[str, ...]:
    at, end = inside(data, table, "stsd")
    return tuple(kind for kind, _, _ in boxes(data, at + 8, end))


def _rate(data: bytes, table: tuple[int, int], scale: int) -> Fraction | None:
    at, end = inside(data, table, "stts")
    runs = [
        (int.from_bytes(data[place : place + 4]), int.from_bytes(data[place + 4 : place + 8]))
        for place in range(at + 8, min(end, at + 8 + 8 * MOST_RUNS) - 7, 8)
    ]
    # The last frame may stand longer.
    steady = len(runs) == 1 or (len(runs) == 2 and runs[1][0] == 1)
    return Fraction(scale, runs[0][1]) if steady and runs[0][1] else None


def _first_shift(data: bytes, table: tuple[int, int]) -> int:
    try:
        at, end = inside(data, table, "ctts")
    except Broken:
        return 0
    return int.from_bytes(data[at + 12 : at + 16], signed=True) if end - at >= 16 else 0


def _edits(data: bytes, within: tuple[int, int], movie_scale: int, scale: int) -> tuple[Edit, ...]:
    try:
        at, end = inside(data, within, "edts", "elst")
    except Broken:
        return ()
    width = 8 if data[at] else 4
    count = int.from_bytes(data[at + 4 : at + 8])
    if count > MOST_EDITS or at + 8 + count * (2 * width + 4) > end:
        raise Broken(f"{count} edits in {end - at} bytes")
    found = []
    for place in range(at + 8, at + 8 + count * (2 * width + 4), 2 * width + 4):
        length = int.from_bytes(data[place : place + width])
        begin = int.from_bytes(data[place + width : place + 2 * width], signed=True)
        found.append(Edit(Fraction(length, movie_scale), None if begin < 0 else Fraction(begin, scale)))
    return tuple(found)
