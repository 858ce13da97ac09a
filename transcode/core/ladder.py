"""Which sizes are worth making of a source, and how many bits each may have."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from transcode.core.media import Media


@dataclass(frozen=True, slots=True)
class Rung:
    """`max_kbps` is for a picture of 16:9 at up to 30 frames a second."""

    short_side: int
    max_kbps: int


LADDER = (
    *(Rung(2160, 16000), Rung(1440, 9000), Rung(1080, 5500), Rung(720, 3000)),
    *(Rung(480, 1500), Rung(360, 800), Rung(240, 400)),
)
TOP = LADDER[0].short_side
WIDESCREEN = Fraction(16, 9)
# A rung this near below the source's own size stands for it (1088 lines are 1080); else the source's own size does.
NEAR = Fraction(19, 20)
# Rungs nearer to each other than this are not worth two encodes.
STEP = Fraction(4, 5)
# Codecs that need about twice the bits in H.264 to look the same; but all rungs together may have no more than that. Of HEVC
# in 1080p the ladder was 2.5 times its source where each rung might have twice its share, 3.6 of AV1; the bound costs the
# top rung 1.4 points of VMAF for HEVC (92.9 to 91.5), and 11 for AV1 at a low rate (91.0 to 80.0).
DENSE_CODECS = ("hevc", "vp9", "av1")
DENSER = MOST_STORED = 2
# What a rung may have of the rate of the one above it: one that is no lighter only looks worse.
LIGHTER = Fraction(9, 10)
FAST = 30
LEAST_KBPS = 16
# What a rate-controlled stream may have beyond its rate: x264 begins with a buffer nine tenths full.
BUFFER_SECONDS = 2
BURST_SECONDS = Fraction(9, 10) * BUFFER_SECONDS
# What each frame, and each segment, costs in boxes.
FRAME_BYTES, SEGMENT_BYTES = 16, 250


def sides_for(media: Media, top: int = TOP) -> tuple[int, ...]:
    """Return the short sides to encode, largest first: never above the source, never none."""
    # By the short side, or portrait phones would get no HD.
    own = min(media.width, media.height)
    rungs = [rung.short_side for rung in LADDER if rung.short_side <= min(top, own)]
    if own <= top and not (rungs and stands_for(media, rungs[0])):
        rungs.insert(0, _even(Fraction(own)))
    sides: list[int] = []
    for side in rungs or [_even(Fraction(own))]:
        if not sides or side <= sides[-1] * STEP:
            sides.append(side)
    return tuple(sides)


def stands_for(media: Media, side: int) -> bool:
    """True if a rung with such a short side is near enough to the source's own size to take its place."""
    return side >= min(media.width, media.height) * NEAR


def size_for(media: Media, side: int) -> tuple[int, int]:
    """Return the even width and height of the rendition with such a short side."""
    own = min(media.width, media.height)
    # Its own size is not scaled for the sake of an odd line.
    scale = Fraction(1) if side == _even(Fraction(own)) else Fraction(side, own)
    return _even(media.width * scale), _even(media.height * scale)


def kbps_for(media: Media, width: int, height: int, segment_seconds: int) -> int:
    """Return the most a rendition may have: what the ladder gives its size, and never more than its source has."""
    ladder = _ladder_kbps(width, height) * (Fraction(3, 2) if media.frame_rate > FAST else 1)
    return max(LEAST_KBPS, int(min(ladder, _source_kbps(media, width, height, segment_seconds, ladder))))


def most_kbps(media: Media) -> int:
    """Return the most that the ladder gives the source's own size."""
    return int(_ladder_kbps(media.width, media.height) * (Fraction(3, 2) if media.frame_rate > FAST else 1))


def _ladder_kbps(width: int, height: int) -> Fraction:
    """Return the rate of the nearest rung above, by pixels."""
    side = min(width, height)
    rung = min(
        (rung for rung in LADDER if rung.short_side >= side), key=lambda r: r.short_side, default=LADDER[0]
    )
    return rung.max_kbps * Fraction(width * height) / (rung.short_side**2 * WIDESCREEN)


def _source_kbps(media: Media, width: int, height: int, segment_seconds: int, unknown: Fraction) -> Fraction:
    """Return the source's own rate, scaled by pixels; for H.264 less what would make the rendition larger than it."""
    if media.video_kbps is None:
        return unknown
    share = min(Fraction(1), Fraction(width * height, media.width * media.height))
    worth = media.video_kbps * share * _density(media)
    if media.video_codec != "h264" and media.video_codec not in DENSE_CODECS:
        return worth
    boxes = (FRAME_BYTES * media.frame_rate + Fraction(SEGMENT_BYTES, segment_seconds)) * 8 / 1000
    seconds = Fraction(media.seconds or media.picture_seconds or 60).limit_denominator(1000)
    return (worth - boxes) * seconds / (seconds + BURST_SECONDS)


def _density(media: Media) -> Fraction:
    """Return by how much a rung may have more than its pixels' share of the source's rate."""
    if media.video_codec not in DENSE_CODECS:
        return Fraction(1)
    sizes = (size_for(media, side) for side in sides_for(media))
    own = media.width * media.height
    shares = sum((Fraction(width * height, own) for width, height in sizes), Fraction(0))
    return max(Fraction(1), min(Fraction(DENSER), MOST_STORED / shares))


def _even(pixels: Fraction) -> int:
    # 4:2:0 colour is stored at half size, so H.264 needs even dimensions.
    return max(2, round(pixels / 2) * 2)
