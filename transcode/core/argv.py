"""Plans, spelled as command lines. The source is always called `source`, in the folder the program runs in."""

from __future__ import annotations

from dataclasses import dataclass

from transcode.core import allowed, filters
from transcode.core.gate import Limits
from transcode.core.ladder import BUFFER_SECONDS
from transcode.core.level import level_for
from transcode.core.plan import AUDIO_KBPS, Plan, PlannedRendition, PlannedSound

Argv = tuple[str, ...]
SOURCE = "file:source"
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


def encode_argv(ffmpeg: str, plan: Plan, limits: Limits, effort: Effort) -> Argv:
    """Return the one command that decodes the source once and writes every rung, and the sound beside them."""
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
        "-i", SOURCE,
        "-filter_complex", filters.picture(plan),
        *(part for index, rendition in enumerate(plan.renditions) for part in _rung(plan, rendition, index, effort)),
        *(part for sound in plan.sounds for part in _sound(plan, sound)),
    )  # fmt: skip


def _input_flags(limits: Limits, *codecs: str) -> Argv:
    return allowed.input_flags(*codecs, pixels=limits.pixels, streams=limits.streams)


def _rung(plan: Plan, rendition: PlannedRendition, index: int, effort: Effort) -> Argv:
    rate, buffer = rendition.max_kbps, BUFFER_SECONDS * rendition.max_kbps
    level = level_for(rendition.width, rendition.height, plan.frame_rate, rate, buffer)
    return (
        "-map", f"[rung{index}]",
        "-map_metadata", "-1", "-map_chapters", "-1",
        "-c:v", "libx264", "-preset", effort.preset, "-threads", str(effort.threads),
        "-profile:v", "high", "-level:v", level.name,
        # Constant quality, with a ceiling so that no rung outgrows its place in the ladder, or its source.
        "-crf", "23", "-maxrate", f"{rate}k", "-bufsize", f"{buffer}k",
        # Keyframes at the same frames in every rung, and nowhere else: players switch at segment starts.
        "-g", str(plan.gop), "-keyint_min", str(plan.gop), "-sc_threshold", "0",
        "-color_range", "tv", "-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709",
        *_hls(rendition.name, plan.segment_seconds),
    )  # fmt: skip


def _sound(plan: Plan, sound: PlannedSound) -> Argv:
    return (
        "-map", f"0:{sound.index}",
        "-map_metadata", "-1", "-map_chapters", "-1",
        "-af", filters.sound(sound),
        "-c:a", "aac", "-b:a", f"{AUDIO_KBPS}k",
        *_hls(sound.name, plan.segment_seconds),
    )  # fmt: skip


def _hls(name: str, segment_seconds: int) -> Argv:
    return (
        # Together these put the first picture at 0; the muxer's defaults show it 80 ms late beside separate sound.
        "-avoid_negative_ts", "disabled",
        "-f", "hls",
        # A fragment for each keyframe, because I-frame playlists name keyframes by their bytes.
        "-hls_segment_options", "movflags=+negative_cts_offsets+frag_keyframe",
        "-hls_time", str(segment_seconds),
        "-hls_playlist_type", "vod",
        "-hls_segment_type", "fmp4",
        "-hls_fmp4_init_filename", "init.mp4",
        "-hls_segment_filename", f"{name}/%05d.m4s",
        f"{name}/media.m3u8",
    )  # fmt: skip
