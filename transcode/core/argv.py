"""Plans, spelled as command lines. The source is always called `source`, in the folder the program runs in."""

from __future__ import annotations

from transcode.core import allowed
from transcode.core.plan import AUDIO_KBPS, KEYFRAME_SECONDS, Plan, PlannedRendition
from transcode.core.storyboard import Storyboard

Argv = tuple[str, ...]
SOURCE = "file:source"
AUDIO = "audio"
QUIET = ("-nostdin", "-hide_banner", "-v", "warning")


def probe_argv(ffprobe: str) -> Argv:
    return (
        ffprobe,
        "-v", "error",
        *allowed.input_flags(*allowed.VIDEO, *allowed.AUDIO, *allowed.TEXT),
        "-show_format", "-show_streams",
        "-of", "json",
        SOURCE,
    )  # fmt: skip


def encode_argv(ffmpeg: str, plan: Plan) -> Argv:
    """Return the one command that decodes the source once and writes every rung, and the sound beside them."""
    rungs = (
        part for index, rendition in enumerate(plan.renditions) for part in _rung(plan, rendition, index)
    )
    return (
        ffmpeg,
        *QUIET,
        "-progress", "pipe:1",
        "-y",
        *allowed.input_flags(*allowed.VIDEO, *allowed.AUDIO),
        "-i", SOURCE,
        "-filter_complex", _filters(plan),
        *rungs,
        *(_sound(plan.audio_index, plan.segment_seconds) if plan.audio_index is not None else ()),
    )  # fmt: skip


def _filters(plan: Plan) -> str:
    """One decode, scaled step by step: each rung is made from the one above it."""
    # Frames are evened out first, so that all rungs have the same frames and cut at the same ones.
    chain = [f"[0:{plan.video_index}]fps={plan.frame_rate}:start_time=0[step0]"]
    last = len(plan.renditions) - 1
    for index, rendition in enumerate(plan.renditions):
        scaled = f"[step{index}]scale={rendition.width}:{rendition.height},setsar=1,format=yuv420p"
        chain.append(
            f"{scaled}[rung{index}]" if index == last else f"{scaled},split[rung{index}][step{index + 1}]"
        )
    return ";".join(chain)


def _rung(plan: Plan, rendition: PlannedRendition, index: int) -> Argv:
    return (
        "-map", f"[rung{index}]",
        "-map_metadata", "-1", "-map_chapters", "-1",
        "-c:v", "libx264", "-preset", "veryfast", "-profile:v", "high",
        # Constant quality, with a ceiling so that no rung outgrows its place in the ladder.
        "-crf", "23", "-maxrate", f"{rendition.max_kbps}k", "-bufsize", f"{2 * rendition.max_kbps}k",
        # Keyframes at the same frames in every rung, and nowhere else: players switch at segment starts.
        "-g", str(plan.gop), "-keyint_min", str(plan.gop), "-sc_threshold", "0",
        *_hls(rendition.name, plan.segment_seconds),
    )  # fmt: skip


def _sound(audio_index: int, segment_seconds: int) -> Argv:
    return (
        "-map", f"0:{audio_index}",
        "-map_metadata", "-1", "-map_chapters", "-1",
        # First sample at 0: browsers ignore the empty edit that late sound would otherwise begin with.
        "-af", "aresample=async=1:first_pts=0,aformat=channel_layouts=stereo:sample_rates=48000",
        "-c:a", "aac", "-b:a", f"{AUDIO_KBPS}k",
        *_hls(AUDIO, segment_seconds),
    )  # fmt: skip


def _hls(name: str, segment_seconds: int) -> Argv:
    return (
        # Together these put the first picture at 0; the muxer's defaults show it 80 ms late beside separate sound.
        "-avoid_negative_ts", "disabled",
        "-f", "hls",
        "-hls_segment_options", "movflags=+negative_cts_offsets",
        "-hls_time", str(segment_seconds),
        "-hls_playlist_type", "vod",
        "-hls_segment_type", "fmp4",
        "-hls_fmp4_init_filename", "init.mp4",
        "-hls_segment_filename", f"{name}/%05d.m4s",
        f"{name}/media.m3u8",
    )  # fmt: skip


def poster_argv(ffmpeg: str, picture: str, seconds: float, poster: str) -> Argv:
    """Return the command that turns the frame at `seconds` of one of our own segments into the poster."""
    return (
        ffmpeg, *QUIET, "-y",
        "-ss", f"{seconds:.3f}",
        *_own_input(picture),
        "-frames:v", "1",
        "-vf", "scale='min(1280,iw)':-2",
        "-q:v", "4",
        "-f", "image2", "-update", "1",
        poster,
    )  # fmt: skip


def storyboard_argv(ffmpeg: str, picture: str, storyboard: Storyboard, pattern: str) -> Argv:
    """Return the command that tiles one of our own renditions, from its key frames alone."""
    # The last key frame stands for all that follows it; without this a video with one key frame yields no tile.
    hold = f"tpad=stop_mode=clone:stop_duration={storyboard.interval + KEYFRAME_SECONDS}"
    pace = f"fps=1/{storyboard.interval}:start_time=0,trim=end_frame={storyboard.tiles}"
    tile = f"scale={storyboard.tile_width}:{storyboard.tile_height}"
    return (
        ffmpeg, *QUIET, "-y",
        "-skip_frame", "nokey",
        *_own_input(picture),
        "-vf", f"{hold},{pace},{tile},tile={storyboard.columns}x{storyboard.rows}",
        "-q:v", "6",
        "-f", "image2", "-start_number", "0",
        pattern,
    )  # fmt: skip


def _own_input(picture: str) -> Argv:
    return (*allowed.input_flags("h264"), "-i", f"file:{picture}")
