"""What a source is, as far as planning an encode is concerned: facts, read from ffprobe's answer."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from transcode.core import allowed, languages
from transcode.core.turn import UPRIGHT, Turn, turn_of

Stream = Mapping[str, Any]
FASTEST = Fraction(60)
SLOWEST = Fraction(1)
# For variable rates: fast enough for anything but games, and a repeated frame costs next to nothing.
USUAL = Fraction(30)
# Averages are of a few frames, and a little off.
NEARLY = Fraction(101, 100)
# Whose demuxers find any moment without reading all that lies before.
MP4, MATROSKA = "mov,mp4", "matroska,webm"
INDEXED = (MP4, MATROSKA)


class Refused(Exception):
    """The source can never be published; the text tells its uploader why and what to do."""


NOT_A_VIDEO = "We cannot read this file as a video. If it plays on your computer, export it as MP4 (H.264) and upload it again."
NO_PICTURE = "This file has no moving picture, only sound or a still. Choose the video itself."
UNKNOWN_CODEC = "The picture or the sound is in a format that we do not take. Export it as MP4 (H.264 and AAC) and upload it again."


@dataclass(frozen=True, slots=True)
class Colour:
    """How numbers stand for colours, in ffmpeg's words (ITU-T H.273); empty where the file does not say."""

    matrix: str = ""
    primaries: str = ""
    transfer: str = ""
    full_range: bool | None = None


@dataclass(frozen=True, slots=True)
class Sound:
    index: int
    channels: int
    # The names of channels are known, so that more than two can be mixed down.
    has_layout: bool = True
    language: str = ""
    is_commentary: bool = False
    is_description: bool = False
    # Begins with the file, and may change its channels on the way, as television does.
    is_broadcast: bool = False
    codec: str = ""
    profile: str = ""
    hertz: int = 0
    kbps: int = 0
    # The container's own number.
    track_id: int = 0


@dataclass(frozen=True, slots=True)
class Media:
    """`width` and `height` are as people see the picture: turned upright, pixels made square."""

    width: int
    height: int
    coded_width: int
    coded_height: int
    # Width of a pixel by its height.
    stretch: Fraction
    turn: Turn
    # What the file claims, and what is sane to encode it at.
    claimed_rate: Fraction | None
    frame_rate: Fraction
    # As the file claims, in seconds, for all of it and for its picture alone; None where it says nothing.
    seconds: float | None
    picture_seconds: float | None
    # From the file's first moment, of whichever track, to its first picture.
    picture_at: Fraction
    video_kbps: int | None
    video_codec: str
    video_index: int
    pixel_format: str
    colour: Colour
    # Frames may be made of two fields; each says for itself whether it is.
    has_fields: bool
    # Of Dolby Vision, if its picture means nothing to other decoders.
    is_dolby_only: bool
    # The default one first.
    sounds: tuple[Sound, ...]
    streams: int
    # The container's own number of the picture's track, and whether it knows where each frame lies.
    track_id: int = 0
    is_indexed: bool = False
    is_mp4: bool = False
    profile: str = ""


def parse_probe(probe: Mapping[str, Any]) -> Media:
    """Return the Media that `ffprobe -show_format -show_streams -count_packets -of json` describes, or raise Refused."""
    streams: Sequence[Stream] = probe.get("streams", [])
    container = probe.get("format", {})
    pictures = [stream for stream in streams if _is_moving_picture(stream)]
    if not pictures:
        raise Refused(NO_PICTURE)
    video = max(pictures, key=_merit)
    if video.get("codec_name") not in allowed.PICTURES:
        raise Refused(UNKNOWN_CODEC)
    turn = _turn(video)
    stretch = _fraction(video.get("sample_aspect_ratio", "").replace(":", "/")) or Fraction(1)
    coded_width, coded_height = _coded_size(video)
    width, height = max(1, round(coded_width * stretch)), coded_height
    picture_seconds = _picture_seconds(video, container)
    picture_at = _begins(video, container)
    return Media(
        width=height if turn.is_sideways else width,
        height=width if turn.is_sideways else height,
        coded_width=coded_width,
        coded_height=coded_height,
        stretch=stretch,
        turn=turn,
        claimed_rate=_fraction(video.get("avg_frame_rate", "")),
        frame_rate=_frame_rate(video),
        seconds=picture_seconds + float(picture_at) if picture_seconds else _container_seconds(container),
        picture_seconds=picture_seconds,
        picture_at=picture_at,
        video_kbps=_video_kbps(video, streams, container),
        video_codec=str(video["codec_name"]),
        video_index=int(video["index"]),
        pixel_format=str(video.get("pix_fmt", "")).replace("unknown", ""),
        colour=_colour(video),
        has_fields=_has_fields(video),
        is_dolby_only=_is_dolby_only(video),
        sounds=_sounds(streams, container),
        streams=len(streams),
        track_id=_track_id(video),
        is_indexed=str(container.get("format_name")).startswith(INDEXED),
        is_mp4=str(container.get("format_name")).startswith(MP4),
        profile=str(video.get("profile", "")),
    )


def _track_id(stream: Stream) -> int:
    found = re.fullmatch(r"0x([0-9a-f]+)", str(stream.get("id", "")))
    return int(found[1], 16) if found else 0


def _merit(stream: Stream) -> tuple[bool, bool, bool, int, int]:
    """Rank the stream its author marked as default first; of several, the largest, then the richest."""
    pixels = int(stream.get("width") or 0) * int(stream.get("height") or 0)
    # Matroska and fragments announce tracks and not what is in them; of those that are empty, no packet is read.
    holds = (not _is_empty(stream), bool(stream.get("nb_read_packets")))
    return (*holds, _is(stream, "default"), pixels, _number(stream.get("bit_rate")))


def _is(stream: Stream, disposition: str) -> bool:
    return bool(stream.get("disposition", {}).get(disposition))


def _is_empty(stream: Stream) -> bool:
    # Editors leave tracks behind that hold nothing; ffprobe gives those a length of no ticks.
    return stream.get("nb_frames") == "0" or stream.get("duration_ts") == 0


def _is_moving_picture(stream: Stream) -> bool:
    # Cover art is a video stream too, as far as ffprobe is concerned.
    still = any(_is(stream, kind) for kind in ("attached_pic", "timed_thumbnails", "still_image"))
    return stream.get("codec_type") == "video" and not still and bool(stream.get("width"))


def _side_data(stream: Stream, kind: str) -> Mapping[str, Any]:
    found = (data for data in stream.get("side_data_list", []) if data.get("side_data_type") == kind)
    return next(found, {})


def _coded_size(video: Stream) -> tuple[int, int]:
    """Return the size of what the decoder gives: the container may cut from what the codec says."""
    cut = {edge: _number(value) for edge, value in _side_data(video, "Frame Cropping").items()}
    width = int(video["width"]) - cut.get("crop_left", 0) - cut.get("crop_right", 0)
    height = int(video["height"]) - cut.get("crop_top", 0) - cut.get("crop_bottom", 0)
    return max(1, width), max(1, height)


def _turn(video: Stream) -> Turn:
    return turn_of(_side_data(video, "Display Matrix").get("displaymatrix", "")) or UPRIGHT


def _is_dolby_only(video: Stream) -> bool:
    vision = _side_data(video, "DOVI configuration record")
    return bool(vision) and not vision.get("dv_bl_signal_compatibility_id")


def _colour(video: Stream) -> Colour:
    said = {
        key: "" if video.get(key) in (None, "unknown", "reserved") else str(video[key])
        for key in ("color_space", "color_primaries", "color_transfer")
    }
    full = {"pc": True, "tv": False}.get(str(video.get("color_range")))
    return Colour(said["color_space"], said["color_primaries"], said["color_transfer"], full)


def _frame_rate(video: Stream) -> Fraction:
    """Return a constant rate that shows what there is to see: at most 60, at least 1."""
    average = _fraction(video.get("avg_frame_rate", ""))
    real = _fraction(video.get("r_frame_rate", ""))
    rate = _steady(average, real, _has_fields(video)) if average and real else average or real or USUAL
    # Every second, third or fourth frame of a fast source is smoother than an uneven choice.
    rate = min(FASTEST, rate / -(-rate // (FASTEST * NEARLY)))
    return max(SLOWEST, rate).limit_denominator(1001)


def _steady(average: Fraction, real: Fraction, has_fields: bool) -> Fraction:
    """Return the rate for an average one and the one that all timestamps fit (`r_frame_rate`)."""
    counts_fields = has_fields and abs(real / average - 2) < Fraction(1, 10)
    if counts_fields or average > real * NEARLY:
        return average
    # Timestamps that fit no grid: a screen recording, which rests and then moves as fast as it can.
    if real > 2 * FASTEST and real > 2 * average:
        return max(average, USUAL)
    # A phone that dropped some frames, a pause, or a last frame that stands longer: the others came at this rate.
    return real


def _has_fields(video: Stream) -> bool:
    return video.get("codec_name") in allowed.INTERLACING and video.get("field_order") != "progressive"


def _begins(stream: Stream, container: Stream) -> Fraction:
    """Return the seconds from the file's first moment to the stream's."""
    first, own = _moment(container.get("start_time")), _moment(stream.get("start_time"))
    return max(Fraction(0), own - first) if first is not None and own is not None else Fraction(0)


def _moment(text: object) -> Fraction | None:
    return Fraction(str(text)) if re.fullmatch(r"-?\d+(\.\d+)?", str(text)) else None


def _video_kbps(video: Stream, streams: Sequence[Stream], container: Mapping[str, Any]) -> int | None:
    rate = _number(video.get("bit_rate"))
    if not rate:
        others = (_number(stream.get("bit_rate")) for stream in streams if stream is not video)
        rate = max(0, _number(container.get("bit_rate")) - sum(others))
    return rate // 1000 or None


def _sounds(streams: Sequence[Stream], container: Stream) -> tuple[Sound, ...]:
    heard = [stream for stream in streams if stream.get("codec_type") == "audio" and _has_sound(stream)]
    # The sort is stable: of several defaults, the first.
    heard.sort(key=lambda stream: not _is(stream, "default"))
    return tuple(_sound(stream, container) for stream in heard)


def _has_sound(stream: Stream) -> bool:
    known = stream.get("codec_name") in allowed.SOUNDS
    return known and _number(stream.get("channels")) > 0 and _number(stream.get("sample_rate")) > 0


def _sound(stream: Stream, container: Stream) -> Sound:
    return Sound(
        index=int(stream["index"]),
        channels=int(stream["channels"]),
        has_layout=stream.get("channel_layout", "unknown") != "unknown",
        language=languages.tag_of(str(stream.get("tags", {}).get("language", ""))),
        is_commentary=_is(stream, "comment"),
        is_description=_is(stream, "visual_impaired"),
        is_broadcast=container.get("format_name") in ("mpegts", "mpeg") and _begins(stream, container) == 0,
        codec=str(stream["codec_name"]),
        profile=str(stream.get("profile", "")),
        hertz=_number(stream.get("sample_rate")),
        kbps=_number(stream.get("bit_rate")) // 1000,
        track_id=_track_id(stream),
    )


def _positive(claim: object) -> float | None:
    try:
        seconds = float(str(claim))
    except ValueError:
        return None
    return seconds if 0 < seconds < float("inf") else None


def _picture_seconds(video: Stream, container: Stream) -> float | None:
    # There ffprobe hands on what the file says of itself as a whole, which may be its sound.
    is_own = container.get("format_name") != "asf"
    return (_positive(video.get("duration")) if is_own else None) or _tagged(video)


def _tagged(stream: Stream) -> float | None:
    """Return how long a track of Matroska is: its tag says when it ends, which is not the same where it begins late."""
    ends = _clock(stream.get("tags", {}).get("DURATION", ""))
    return ends and (_positive(ends - float(_moment(stream.get("start_time")) or 0)) or ends)


def _container_seconds(container: Stream) -> float | None:
    seconds = _positive(container.get("duration"))
    if seconds and str(container.get("format_name")).startswith(MATROSKA):
        return _positive(seconds - float(_moment(container.get("start_time")) or 0)) or seconds
    return seconds


def _clock(text: str) -> float | None:
    """Return the seconds of `00:01:02.5`, as Matroska tags its tracks."""
    match = re.fullmatch(r"(\d+):(\d\d):(\d\d(?:\.\d+)?)", text)
    return _positive(int(match[1]) * 3600 + int(match[2]) * 60 + float(match[3])) if match else None


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
