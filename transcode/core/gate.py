"""What is taken and what is refused, with a sentence that tells its uploader what to do."""

from __future__ import annotations

import re
from dataclasses import dataclass

from transcode.core.media import NOT_A_VIDEO, UNKNOWN_CODEC, Media, Refused

SMALLEST_SIDE = 16
_CODEC = re.compile(r"Codec \(\w+\) not on whitelist")


@dataclass(frozen=True, slots=True)
class Limits:
    """The most a source may have: pixels of one frame, frames a second, seconds, tracks, and how stretched it may be."""

    pixels: int = 8192 * 4320
    frame_rate: int = 300
    seconds: int = 12 * 3600
    streams: int = 64
    # Of a pixel, and of the whole picture: the longer side by the shorter.
    stretch: int = 8
    aspect: int = 16


def refusal_of(stderr: str, limits: Limits) -> Refused:
    """Return what to tell the uploader of a file that ffprobe gave up on."""
    if "max pixel count" in stderr:
        return Refused(too_large(limits))
    if "max_streams" in stderr:
        return Refused(too_many(limits))
    if any(words in stderr for words in ("Cannot allocate memory", "Out of memory")):
        return Refused(TOO_HUNGRY)
    return Refused(UNKNOWN_CODEC if _CODEC.search(stderr) else NOT_A_VIDEO)


def check(media: Media, limits: Limits) -> None:
    """Raise Refused if the source is beyond what is taken."""
    short, long = sorted((media.width, media.height))
    stretch = max(media.stretch, 1 / media.stretch)
    refusals = (
        (media.is_dolby_only, DOLBY_ONLY),
        (media.streams > limits.streams, too_many(limits)),
        (stretch > limits.stretch, too_stretched(limits)),
        (long > limits.aspect * short, too_narrow(limits)),
        (short < SMALLEST_SIDE, too_small()),
        (media.width * media.height > limits.pixels, too_large(limits)),
        ((media.claimed_rate or 0) > limits.frame_rate, too_fast(limits)),
        ((media.seconds or 0) > limits.seconds, too_long(limits)),
    )
    for is_refused, sentence in refusals:
        if is_refused:
            raise Refused(sentence)


# Pages translate a sentence by its pattern: every number in it is a place, also one that never changes.
TOO_SMALL = "The picture of this video is smaller than {0} pixels. Export it larger and upload it again."
TOO_LARGE = (
    "The picture of this video has more than {0} million pixels. Export it smaller, {1} × {2} at most, and upload it"
    " again."
)
TOO_MANY = (
    "This file has more than {0} tracks. Export it with one picture and its sound, and upload it again."
)
TOO_MANY_HOURS = "This video is longer than {0} hours. Split it and upload the parts."
TOO_MANY_MINUTES = "This video is longer than {0} minutes. Split it and upload the parts."
TOO_MANY_SECONDS = "This video is longer than {0} seconds. Split it and upload the parts."
TOO_FAST = "This video has more than {0} frames a second. Export it with {1} or fewer and upload it again."
TOO_STRETCHED = (
    "The pixels of this video are more than {0} times as long one way as the other, which is probably a mistake."
    " Export it with square pixels and upload it again."
)
TOO_NARROW = "The picture of this video is more than {0} times as long one way as the other. Crop it and upload it again."
TOO_HUNGRY = (
    "Just to look into this file takes more memory than any video needs, so it is probably broken. Export the video again"
    " and upload that."
)
DOLBY_ONLY = (
    "This video is in a kind of Dolby Vision (profile 5) whose colours only Dolby's own players can show."
    " Export it as HDR10, HLG or SDR and upload it again."
)


def too_small() -> str:
    return TOO_SMALL.format(SMALLEST_SIDE)


def too_large(limits: Limits) -> str:
    return TOO_LARGE.format(f"{limits.pixels / 1_000_000:.3g}", 3840, 2160)


def too_many(limits: Limits) -> str:
    return TOO_MANY.format(limits.streams)


def too_long(limits: Limits) -> str:
    hours, minutes = limits.seconds / 3600, limits.seconds / 60
    if hours >= 1:
        return TOO_MANY_HOURS.format(f"{hours:g}")
    return (
        TOO_MANY_MINUTES.format(f"{minutes:g}") if minutes >= 1 else TOO_MANY_SECONDS.format(limits.seconds)
    )


def too_fast(limits: Limits) -> str:
    return TOO_FAST.format(limits.frame_rate, 60)


def too_stretched(limits: Limits) -> str:
    return TOO_STRETCHED.format(limits.stretch)


def too_narrow(limits: Limits) -> str:
    return TOO_NARROW.format(limits.aspect)
