"""Decide everything about an encode before any program is started."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from fractions import Fraction
from math import ceil
from typing import Any

from transcode.core.media import Media

SEGMENT_SECONDS = 6
KEYFRAME_SECONDS = 2
AUDIO_KBPS = 128
# Codecs that need about twice the bits in H.264 to look the same.
DENSE_CODECS = ("hevc", "vp9", "av1")
LEAST_KBPS = 50


@dataclass(frozen=True, slots=True)
class Rung:
    short_side: int
    max_kbps: int


LADDER = (Rung(1080, 5500), Rung(720, 3000), Rung(480, 1500), Rung(360, 800))


@dataclass(frozen=True, slots=True)
class PlannedRendition:
    name: str
    width: int
    height: int
    max_kbps: int


@dataclass(frozen=True, slots=True)
class Plan:
    renditions: tuple[PlannedRendition, ...]
    frame_rate: Fraction
    video_index: int
    audio_index: int | None
    # As the file claims, for all of it and for its picture alone; None where it says nothing.
    seconds: float | None
    picture_seconds: float | None
    segment_seconds: int = SEGMENT_SECONDS
    keyframe_seconds: int = KEYFRAME_SECONDS

    @property
    def gop(self) -> int:
        """Frames from one keyframe to the next."""
        # Rounded up. A keyframe just short of a segment's end makes the muxer wait for the one after it.
        return ceil(self.frame_rate * self.keyframe_seconds)

    @property
    def frames(self) -> int | None:
        """Frames to expect, None where the length is not known."""
        return None if self.seconds is None else max(1, round(self.seconds * self.frame_rate))

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "frame_rate": str(self.frame_rate)}


def plan_encode(media: Media) -> Plan:
    """Return the plan that turns `media` into its HLS renditions, best first."""
    return Plan(
        renditions=tuple(_fit(media, rung) for rung in rungs_for(media)),
        frame_rate=media.frame_rate,
        video_index=media.video_index,
        audio_index=media.audio_index,
        seconds=media.seconds,
        picture_seconds=media.picture_seconds,
    )


def rungs_for(media: Media) -> tuple[Rung, ...]:
    """Return the rungs worth encoding, best first: never above the source, never none."""
    # By the short side, or portrait phones would get no HD.
    short_side = min(media.width, media.height)
    fitting = tuple(rung for rung in LADDER if rung.short_side <= short_side)
    return fitting or (Rung(_even(Fraction(short_side)), LADDER[-1].max_kbps),)


def _fit(media: Media, rung: Rung) -> PlannedRendition:
    scale = Fraction(rung.short_side, min(media.width, media.height))
    return PlannedRendition(
        name=f"{rung.short_side}p",
        width=_even(media.width * scale),
        height=_even(media.height * scale),
        max_kbps=_ceiling(media, rung),
    )


def _ceiling(media: Media, rung: Rung) -> int:
    """No rung needs more than its source has, and the lower ones need less, in the ladder's own proportion."""
    if media.video_kbps is None:
        return rung.max_kbps
    worth = media.video_kbps * (2 if media.video_codec in DENSE_CODECS else 1)
    return min(rung.max_kbps, max(LEAST_KBPS, worth * rung.max_kbps // rungs_for(media)[0].max_kbps))


def _even(pixels: Fraction) -> int:
    # 4:2:0 colour is stored at half size, so H.264 needs even dimensions.
    return max(2, round(pixels / 2) * 2)
