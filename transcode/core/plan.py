"""Decide everything about an encode before any program is started."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from fractions import Fraction
from math import ceil, floor
from typing import Any, Literal

from transcode.core import ladder, languages
from transcode.core.colour import colour_of, has_alpha
from transcode.core.media import Colour, Media, Sound

SEGMENT_SECONDS = 6
KEYFRAME_SECONDS = 2
AUDIO_KBPS = 128
AUDIO = "audio"
MOST_SOUNDS = 8
# What is beyond 7.1 has no names for its channels that could be mixed by.
MOST_CHANNELS = 8


@dataclass(frozen=True, slots=True)
class PlannedRendition:
    name: str
    width: int
    height: int
    max_kbps: int


Mix = Literal["as it is", "down", "first two"]


@dataclass(frozen=True, slots=True)
class PlannedSound:
    """One track of sound; `name` is its folder, `language` BCP 47 or empty, `label` what viewers choose it by."""

    index: int
    name: str
    language: str
    label: str
    mix: Mix = "as it is"
    is_broadcast: bool = False
    # The source's own, as it is.
    is_kept: bool = False


@dataclass(frozen=True, slots=True)
class Picture:
    """How to get from decoded frames to upright ones in BT.709, with square pixels and nothing shining through."""

    coded_width: int
    coded_height: int
    colour: Colour
    turn: tuple[str, ...] = ()
    is_sideways: bool = False
    has_fields: bool = False
    has_alpha: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    renditions: tuple[PlannedRendition, ...]
    # The default one first; empty for a silent video.
    sounds: tuple[PlannedSound, ...]
    frame_rate: Fraction
    video_index: int
    # Seconds by which picture and sound are moved, less than a frame, so that the first picture begins with one.
    nudge: float
    picture: Picture
    # As the file claims, for all of it and for its picture alone; None where it says nothing.
    seconds: float | None
    picture_seconds: float | None
    # The container knows where each frame lies, so that one can begin anywhere.
    is_indexed: bool = False
    # The first rendition is the source's own picture, as it is.
    keeps_top: bool = False
    segment_seconds: int = SEGMENT_SECONDS
    keyframe_seconds: int = KEYFRAME_SECONDS

    @property
    def gop(self) -> int:
        """Frames from one keyframe to the next."""
        # Rounded up. A keyframe just short of a segment's end makes the muxer wait for the one after it.
        return ceil(self.frame_rate * self.keyframe_seconds)

    @property
    def segment_gops(self) -> int:
        return self.segment_seconds // self.keyframe_seconds

    @property
    def made(self) -> tuple[PlannedRendition, ...]:
        """The renditions that are encoded."""
        return self.renditions[self.keeps_top :]

    @property
    def pixels(self) -> int:
        """How many pixels one frame comes to: decoded once, and made again in every rung."""
        made = sum(rendition.width * rendition.height for rendition in self.made)
        return self.picture.coded_width * self.picture.coded_height + made

    @property
    def frames(self) -> int | None:
        """Frames to expect, None where the length is not known."""
        return None if self.seconds is None else max(1, round(self.seconds * self.frame_rate))

    def without_sounds(self, indexes: frozenset[int]) -> Plan:
        """Return this plan without the tracks of sound that turned out to be broken."""
        kept = (sound for sound in self.sounds if sound.index not in indexes)
        return replace(self, sounds=tuple(replace(sound, name=_folder(n)) for n, sound in enumerate(kept)))

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "frame_rate": str(self.frame_rate)}

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> Plan:
        picture = found["picture"]
        return cls(
            **{
                **found,
                "renditions": tuple(PlannedRendition(**each) for each in found["renditions"]),
                "sounds": tuple(PlannedSound(**each) for each in found["sounds"]),
                "frame_rate": Fraction(found["frame_rate"]),
                "picture": Picture(
                    **{**picture, "colour": Colour(**picture["colour"]), "turn": tuple(picture["turn"])}
                ),
            }
        )


def plan_encode(
    media: Media, top: int = ladder.TOP, *, keeps_top: bool = False, kept_sounds: frozenset[int] = frozenset()
) -> Plan:
    """Return the plan that turns `media` into its HLS renditions, best first and none with a short side above `top`.

    `kept_sounds` are the indexes of those streams that need not be encoded.
    """
    return Plan(
        renditions=tuple(_renditions(media, top, keeps_top)),
        sounds=tuple(_sounds(media.sounds[:MOST_SOUNDS], kept_sounds)),
        frame_rate=media.frame_rate,
        video_index=media.video_index,
        nudge=float(_nudge(media)),
        picture=Picture(
            media.coded_width,
            media.coded_height,
            colour_of(media),
            media.turn.filters,
            media.turn.is_sideways,
            media.has_fields,
            has_alpha(media),
        ),
        seconds=media.seconds,
        picture_seconds=media.picture_seconds,
        is_indexed=media.is_indexed,
        keeps_top=keeps_top,
    )


def _nudge(media: Media) -> Fraction:
    """Return what puts the first picture on the grid of frames: rounding it there without the sound would part them."""
    # Down, so that sound which begins with the file never begins after 0; but containers count milliseconds.
    frames = floor((media.picture_at + Fraction(1, 1000)) * media.frame_rate)
    return frames / media.frame_rate - media.picture_at


def _renditions(media: Media, top: int, keeps_top: bool) -> Iterator[PlannedRendition]:
    """Yield the best one, and of those below it each that takes clearly less to watch than the one above."""
    best, *lower = (_rendition(media, side) for side in ladder.sides_for(media, top))
    # The rung that a kept picture stands on may have a few lines less than it has.
    best = replace(best, width=media.width, height=media.height) if keeps_top else best
    yield best
    above = best
    for rendition in lower:
        if rendition.max_kbps <= above.max_kbps * ladder.LIGHTER:
            yield rendition
            above = rendition


def _rendition(media: Media, side: int) -> PlannedRendition:
    width, height = ladder.size_for(media, side)
    return PlannedRendition(f"{side}p", width, height, ladder.kbps_for(media, width, height, SEGMENT_SECONDS))


def _sounds(sounds: tuple[Sound, ...], kept: frozenset[int]) -> Iterator[PlannedSound]:
    """Yield one rendition for each track, with labels that tell them apart."""
    seen: Counter[str] = Counter()
    for number, sound in enumerate(sounds):
        label = _label(sound)
        seen[label] += 1
        unique = label if seen[label] == 1 else f"{label} {seen[label]}"
        yield PlannedSound(
            sound.index,
            _folder(number),
            sound.language,
            unique,
            _mix(sound),
            sound.is_broadcast,
            sound.index in kept,
        )


def _folder(number: int) -> str:
    return AUDIO if number == 0 else f"{AUDIO}-{number + 1}"


def _label(sound: Sound) -> str:
    # Never the track's own title: nothing that somebody typed into a file reaches an output.
    name = languages.name_of(sound.language) if sound.language else "Sound"
    if sound.is_commentary:
        return f"{name} (commentary)"
    return f"{name} (audio description)" if sound.is_description else name


def _mix(sound: Sound) -> Mix:
    if sound.channels <= 2:
        return "as it is"
    return "down" if sound.has_layout and sound.channels <= MOST_CHANNELS else "first two"
