"""What a source is, as far as planning an encode is concerned."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

SMALLEST_SIDE = 16
LONGEST_SECONDS = 12 * 3600
FASTEST = Fraction(60)
SLOWEST = Fraction(1)


class Refused(Exception):
    """The source can never be published; the text tells its uploader why and what to do."""


NOT_A_VIDEO = "We cannot read this file as a video. If it plays on your computer, export it as MP4 (H.264) and upload it again."
NO_PICTURE = "This file has no moving picture, only sound or a still. Choose the video itself."
TOO_SMALL = "The picture of this video is smaller than 16 pixels. Export it larger and upload it again."
TOO_LARGE = "The picture of this video is larger than 8192 × 4320. Export it smaller and upload it again."
TOO_MANY = "This file has more than 64 tracks. Export it with one picture and its sound, and upload it again."
TOO_LONG = "This video says it is longer than 12 hours. Split it and upload the parts."
# What ffprobe says when a limit ends it, and what that means to the uploader.
LIMITS = {"max pixel count": TOO_LARGE, "max_streams": TOO_MANY}


@dataclass(frozen=True, slots=True)
class Media:
    """`width` and `height` are as people see the picture: turned upright, pixels made square."""

    width: int
    height: int
    frame_rate: Fraction
    # As the file claims, in seconds, for all of it and for its picture alone; None where it says nothing.
    seconds: float | None
    picture_seconds: float | None
    video_kbps: int | None
    video_codec: str
    video_index: int
    audio_index: int | None


def refusal_of(stderr: str) -> Refused:
    """Return what to tell the uploader of a file that ffprobe gave up on."""
    return Refused(next((sentence for words, sentence in LIMITS.items() if words in stderr), NOT_A_VIDEO))


def parse_probe(probe: Mapping[str, Any]) -> Media:
    """Return the Media that `ffprobe -show_format -show_streams -of json` describes, or raise Refused."""
    streams: Sequence[Mapping[str, Any]] = probe.get("streams", [])
    video = _chosen([stream for stream in streams if _is_moving_picture(stream)])
    if video is None:
        raise Refused(NO_PICTURE)
    width, height = _display_size(video)
    picture_seconds = _positive(video.get("duration")) or _clock(video.get("tags", {}).get("DURATION", ""))
    audio = _chosen(
        [stream for stream in streams if stream.get("codec_type") == "audio" and _has_sound(stream)]
    )
    media = Media(
        width=width,
        height=height,
        frame_rate=_frame_rate(video),
        seconds=picture_seconds or _positive(probe.get("format", {}).get("duration")),
        picture_seconds=picture_seconds,
        video_kbps=_video_kbps(video, probe.get("format", {})),
        video_codec=str(video.get("codec_name", "")),
        video_index=int(video["index"]),
        audio_index=None if audio is None else int(audio["index"]),
    )
    _gate(media)
    return media


def _gate(media: Media) -> None:
    if min(media.width, media.height) < SMALLEST_SIDE:
        raise Refused(TOO_SMALL)
    if media.width * media.height > 8192 * 4320:
        raise Refused(TOO_LARGE)
    if media.seconds is not None and media.seconds > LONGEST_SECONDS:
        raise Refused(TOO_LONG)


def _chosen(streams: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """Return the stream its author marked as default; of several, the largest, then the richest, then the first."""
    return max(streams, key=_merit, default=None)


def _merit(stream: Mapping[str, Any]) -> tuple[int, int, int]:
    pixels = int(stream.get("width") or 0) * int(stream.get("height") or 0)
    return (int(stream.get("disposition", {}).get("default") or 0), pixels, _number(stream.get("bit_rate")))


def _is_moving_picture(stream: Mapping[str, Any]) -> bool:
    # Cover art is a video stream too, as far as ffprobe is concerned.
    still = stream.get("disposition", {}).get("attached_pic")
    return stream.get("codec_type") == "video" and not still and bool(stream.get("width"))


def _has_sound(stream: Mapping[str, Any]) -> bool:
    return int(stream.get("channels") or 0) > 0


def _display_size(video: Mapping[str, Any]) -> tuple[int, int]:
    width, height = int(video["width"]), int(video["height"])
    shape = _fraction(video.get("sample_aspect_ratio", "").replace(":", "/"))
    if shape:
        width = round(width * shape)
    # Phones record landscape frames and a rotation; viewers see it applied.
    return (height, width) if _rotation(video) % 180 else (width, height)


def _rotation(video: Mapping[str, Any]) -> int:
    angles = [data["rotation"] for data in video.get("side_data_list", []) if "rotation" in data]
    return round(float(angles[0]) / 90) * 90 if angles and abs(float(angles[0])) <= 360 else 0


def _frame_rate(video: Mapping[str, Any]) -> Fraction:
    average = (
        _fraction(video.get("avg_frame_rate", "")) or _fraction(video.get("r_frame_rate", "")) or Fraction(30)
    )
    return min(FASTEST, max(SLOWEST, average)).limit_denominator(1001)


def _positive(claim: object) -> float | None:
    try:
        seconds = float(str(claim))
    except ValueError:
        return None
    return seconds if 0 < seconds < float("inf") else None


def _clock(text: str) -> float | None:
    """Return the seconds of `00:01:02.5`, as Matroska tags its tracks."""
    match = re.fullmatch(r"(\d+):(\d\d):(\d\d(?:\.\d+)?)", text)
    return _positive(int(match[1]) * 3600 + int(match[2]) * 60 + float(match[3])) if match else None


def _video_kbps(video: Mapping[str, Any], container: Mapping[str, Any]) -> int | None:
    return _number(video.get("bit_rate") or container.get("bit_rate")) // 1000 or None


def _number(text: object) -> int:
    """Return a whole number, or 0 for `N/A` and the like."""
    return int(str(text)) if str(text).isdecimal() else 0


def _fraction(text: str) -> Fraction | None:
    """Return a positive fraction, or None for `0/0`, `N/A` and the like."""
    try:
        value = Fraction(text)
    except (ValueError, ZeroDivisionError):
        return None
    return value if value > 0 else None
