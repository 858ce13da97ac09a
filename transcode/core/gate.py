"""What is taken and what is refused, with a sentence that tells its uploader what to do."""

from __future__ import annotations

import re
from dataclasses import dataclass

from transcode.core.media import NOT_A_VIDEO, UNKNOWN_CODEC, Media, Refused

SMALLEST_SIDE = 16
_CODEC = re.compile(r"Codec \(([\w.]+)\) not on whitelist")
# Decoders as ffprobe names them, of what lies beside a picture. Others may well be of the picture itself.
_SOUND = re.compile(
    r"adpcm_\w+|pcm_\w+|dsd_\w+|g72\d\w*|gsm\w*|aac_\w+|wma\w+|atrac\w+|aptx\w*|mpc\d|mlp|truehd|dca|dolby_e|dvaudio|s302m"
    r"|ape|tak|tta|wavpack|shorten|speex|nellymoser|cook|sipr|ralf|real_\d+|qdm2|qdmc|qcelp|evrc|ilbc|mace\d|truespeech"
)
_TEXT = re.compile(
    r"xsub|text|stl|sami|realtext|microdvd|mpl2|pjs|jacosub|subviewer1?|vplayer|libzvbi_teletextdec|libarib\w+"
)


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
    return Refused(_of_codecs(_CODEC.findall(stderr)))


def _of_codecs(refused: list[str]) -> str:
    """Return what is wrong with the decoders that a file asks for: its picture's, unless all are of something else."""
    if not refused:
        return NOT_A_VIDEO
    if all(_TEXT.fullmatch(name) for name in refused):
        return UNKNOWN_TEXT
    return (
        UNKNOWN_SOUND
        if all(_SOUND.fullmatch(name) or _TEXT.fullmatch(name) for name in refused)
        else UNKNOWN_CODEC
    )


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
# ffprobe opens a decoder for every track there is, so that one it must not open is enough.
UNKNOWN_SOUND = (
    "A sound track of this file is in a format that we do not take, such as DTS, TrueHD or ADPCM; its picture is fine."
    " Export the video with all its sound in AAC, or without that track, and upload it again."
)
UNKNOWN_TEXT = (
    "The subtitles in this file are in a format that we do not take; the rest of it is fine."
    " Export the video without subtitles and upload it again."
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
