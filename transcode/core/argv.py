"""Plans, spelled as command lines. The source is always called `source`, in the folder the program runs in."""

from __future__ import annotations

from dataclasses import dataclass

from transcode.core import allowed, filters
from transcode.core.gate import Limits
from transcode.core.ladder import BUFFER_SECONDS
from transcode.core.level import level_for
from transcode.core.plan import AUDIO_KBPS, Plan, PlannedRendition, PlannedSound
from transcode.core.spans import Span

Argv = tuple[str, ...]
SOURCE = "file:source"
# Enough to decode what the first frames depend on: containers seek by when frames are decoded, not by when they are shown.
RUN_UP_SECONDS = 1
FAR, AT_EVERY_KEYFRAME = "100000", "0.01"
COUNTED_PACKETS = 1000
QUIET = ("-nostdin", "-hide_banner", "-v", "warning")


@dataclass(frozen=True, slots=True)
class Effort:
    """How hard x264 tries, and on how many threads: each costs memory, in every rung."""

    preset: str = "veryfast"
    threads: int = 2


def probe_argv(ffprobe: str, limits: Limits) -> Argv:
    return (
        ffprobe,
        "-v", "error",
        *_input_flags(limits, *allowed.VIDEO, *allowed.AUDIO, *allowed.TEXT),
        "-show_format", "-show_streams",
        # Of the beginning: tells tracks that only are announced.
        "-count_packets", "-read_intervals", f"%+#{COUNTED_PACKETS}",
        "-of", "json",
        SOURCE,
    )  # fmt: skip


def packets_argv(ffprobe: str, limits: Limits, until: str) -> Argv:
    """Return the command that says of each packet up to a moment, a line each: its size, and where it lies.

    `until` is a number of seconds, or `#` and a number of packets.
    """
    return (
        ffprobe,
        "-v", "quiet",
        *_input_flags(limits, *allowed.VIDEO, *allowed.AUDIO, *allowed.TEXT),
        "-read_intervals", f"%+{until}",
        "-show_entries", "packet=size,pos",
        "-of", "csv=p=0",
        SOURCE,
    )  # fmt: skip


def walk_argv(ffprobe: str, limits: Limits, seconds: int | None) -> Argv:
    """Return the command that says of each packet of the first seconds, or of all, a line each.

    It has its track, when it is decoded, for how long, its size, and where it lies.
    """
    return (
        ffprobe,
        "-v", "quiet",
        *_input_flags(limits, *allowed.VIDEO, *allowed.AUDIO, *allowed.TEXT),
        *(() if seconds is None else ("-read_intervals", f"%+{seconds}")),
        "-show_entries", "packet=stream_index,dts_time,duration_time,size,pos",
        "-of", "csv=p=0",
        SOURCE,
    )  # fmt: skip


def encode_argv(
    ffmpeg: str,
    plan: Plan,
    span: Span,
    limits: Limits,
    effort: Effort,
    prefix: str = "",
    seconds: float | None = None,
) -> Argv:
    """Return the one command that decodes a span once and writes its rungs; beside the first one, the sounds.

    The names of its files begin with `prefix`. No more than the source's first `seconds` are read.

    Where the source's own picture is kept, the first span is that picture, as it is.
    """
    is_first = span.number == 0
    is_kept = plan.keeps_top and is_first
    return (
        ffmpeg,
        *QUIET,
        "-progress", "pipe:1",
        "-y",
        "-filter_complex_threads", str(effort.threads),
        *_input_flags(limits, *allowed.VIDEO, *allowed.AUDIO),
        "-threads", str(effort.threads),
        # The plan turns the picture itself, so that its sizes and the filters cannot disagree.
        "-noautorotate",
        # A picture whose size changes stays in the same filters, which begin by scaling; new ones would begin at 0 again.
        f"-reinit_filter:{plan.video_index}", "0",
        "-itsoffset", f"{plan.nudge:.6f}",
        *_seek(plan, span),
        *(() if seconds is None else ("-t", f"{seconds:.6f}")),
        "-i", SOURCE,
        *(() if is_kept else ("-filter_complex", filters.picture(plan, span))),
        *(_kept(plan, span, prefix) if is_kept else _rungs(plan, span, effort, prefix)),
        *(part for sound in plan.sounds if is_first for part in _sound(plan, span, sound, prefix)),
        *(part for sound in plan.sounds if not is_first and not plan.is_indexed for part in _unheard(sound)),
    )  # fmt: skip


def _seek(plan: Plan, span: Span) -> Argv:
    """Return how to begin before the span, at a frame that stands by itself, with the times as they are in the whole."""
    if not span.first or not plan.is_indexed:
        return ()
    at = max(0.0, float(span.first / plan.frame_rate) - RUN_UP_SECONDS)
    return ("-copyts", "-start_at_zero", "-noaccurate_seek", "-ss", f"{at:.6f}")


def _input_flags(limits: Limits, *codecs: str) -> Argv:
    return allowed.input_flags(*codecs, pixels=limits.pixels, streams=limits.streams)


def _kept(plan: Plan, span: Span, prefix: str) -> Argv:
    return (
        "-map", f"0:{plan.video_index}",
        "-map_metadata", "-1", "-map_chapters", "-1",
        # What encoders and cameras write beside the picture: supplemental enhancement information (H.264, annex D).
        "-c:v", "copy", "-bsf:v", "filter_units=remove_types=6",
        *_hls(span, plan.renditions[0].name, plan.segment_seconds, prefix),
    )  # fmt: skip


def _rungs(plan: Plan, span: Span, effort: Effort, prefix: str) -> Argv:
    each = (_rung(plan, span, rendition, index, effort, prefix) for index, rendition in enumerate(plan.made))
    return tuple(part for rung in each for part in rung)


def _rung(
    plan: Plan, span: Span, rendition: PlannedRendition, index: int, effort: Effort, prefix: str
) -> Argv:
    rate, buffer = rendition.max_kbps, BUFFER_SECONDS * rendition.max_kbps
    level = level_for(rendition.width, rendition.height, plan.frame_rate, rate, buffer)
    return (
        "-map", f"[rung{index}]",
        "-map_metadata", "-1", "-map_chapters", "-1",
        # ffmpeg would fill the time before the span with copies of its first frame, where it may set the times itself.
        *(("-fps_mode", "passthrough") if span.first and not plan.is_indexed else ()),
        # With several threads x264 spends what is left of a rate by how far the others happen to be; and a lead may be made
        # twice, under names that must not stand for other bytes.
        "-c:v", "libx264", "-preset", effort.preset, "-threads", str(1 if span.is_lead else effort.threads),
        "-profile:v", "high", "-level:v", level.name,
        # Constant quality, with a ceiling so that no rung outgrows its place in the ladder, or its source.
        "-crf", "23", "-maxrate", f"{rate}k", "-bufsize", f"{buffer}k",
        *_keyframes(plan, span),
        "-color_range", "tv", "-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709",
        *_hls(span, rendition.name, 0 if span.starts else span.segment_gops * plan.keyframe_seconds, prefix),
    )  # fmt: skip


def _keyframes(plan: Plan, span: Span) -> Argv:
    """Keyframes at the same frames in every rung, and nowhere else: players switch at segment starts."""
    if not span.starts:
        return ("-g", str(plan.gop), "-keyint_min", str(plan.gop), "-sc_threshold", "0")
    times = (f"{max(0.0, float((start - filters.QUARTER) / plan.frame_rate)):.6f}" for start in span.starts)
    return ("-force_key_frames", ",".join(times), "-g", FAR, "-keyint_min", FAR, "-sc_threshold", "0")


def _sound(plan: Plan, span: Span, sound: PlannedSound, prefix: str) -> Argv:
    return (
        "-map", f"0:{sound.index}",
        "-map_metadata", "-1", "-map_chapters", "-1",
        *_as_it_is_or_aac(sound),
        *_hls(span, sound.name, plan.segment_seconds, prefix),
    )  # fmt: skip


def _unheard(sound: PlannedSound) -> Argv:
    """Return how to read a sound for nothing: in transport streams, ffmpeg counts from the first moment of what it uses."""
    return ("-map", f"0:{sound.index}", "-c:a", "copy", "-f", "null", "-")


def _as_it_is_or_aac(sound: PlannedSound) -> Argv:
    if sound.is_kept:
        return ("-c:a", "copy")
    return ("-af", filters.sound(sound), "-c:a", "aac", "-b:a", f"{AUDIO_KBPS}k")


def _hls(span: Span, name: str, segment_seconds: int, prefix: str) -> Argv:
    options = "movflags=+negative_cts_offsets+frag_keyframe" + ("+frag_discont" if span.first else "")
    return (
        # Together these put the first picture at 0; the muxer's defaults show it 80 ms late beside separate sound.
        "-avoid_negative_ts", "disabled",
        "-f", "hls",
        # A fragment for each keyframe, because I-frame playlists name keyframes by their bytes. What does not begin at 0
        # says when it does.
        "-hls_segment_options", options,
        "-hls_time", str(segment_seconds or AT_EVERY_KEYFRAME),
        # Its playlist is written again with each segment, so that what is done can be told.
        "-hls_playlist_type", "event",
        "-hls_segment_type", "fmp4",
        "-hls_fmp4_init_filename", f"{prefix}init.mp4",
        "-hls_segment_filename", f"{name}/{prefix}%05d.m4s",
        f"{name}/media.m3u8",
    )  # fmt: skip
