"""Pictures of a video, spelled as command lines that read our own renditions and never the source."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from transcode.core import allowed
from transcode.core.argv import QUIET, Argv
from transcode.core.plan import KEYFRAME_SECONDS
from transcode.core.storyboard import Storyboard

POSTER_SIDE = 1280
LOOK_SIDE = 320
MOST_LOOKS = 120
# Shorter videos have so few key frames that all their frames are looked at.
SHORT_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Still:
    """A frame to be kept: `seconds` into a file of ours, as a picture called `name`."""

    source: str
    seconds: float
    name: str


def fit(width: int, height: int, longest: int) -> tuple[int, int]:
    """Return the size at which a picture's longer side is at most `longest` pixels, in even numbers."""
    scale = min(1.0, longest / max(width, height))
    return max(2, round(width * scale / 2) * 2), max(2, round(height * scale / 2) * 2)


def stills_argv(ffmpeg: str, stills: Sequence[Still], size: tuple[int, int]) -> Argv:
    """Return the command that keeps each of the frames as a JPEG."""
    width, height = fit(*size, POSTER_SIDE)
    command: Argv = (ffmpeg, *QUIET, "-y")
    for still in stills:
        # A hundredth early: times are rounded, and a frame that is just missed would be the one after it, or none.
        # One thread: several would decode far beyond the one frame.
        # ffmpeg decodes a dozen frames ahead of the one it is asked for.
        only_key = ("-skip_frame", "nokey") if still.seconds < 0.0005 else ()
        command += (
            *only_key,
            "-threads",
            "1",
            "-ss",
            f"{max(0.0, still.seconds - 0.01):.3f}",
            *_own_input(still.source),
        )
    for number, still in enumerate(stills):
        command += (
            "-map", f"{number}:v", "-frames:v", "1",
            "-vf", f"scale={width}:{height}",
            "-q:v", "4",
            "-f", "image2", "-update", "1",
            still.name,
        )  # fmt: skip
    return command


def storyboard_argv(
    ffmpeg: str, picture: str, storyboard: Storyboard, pattern: str, size: tuple[int, int], frames: int
) -> Argv:
    """Return the command that tiles one of our own renditions and prints what its frames look like.

    `frames` are those it will decode: key frames alone, but for short videos.
    """
    # The last key frame stands for all that follows it; without this a video with one key frame yields no tile.
    hold = f"tpad=stop_mode=clone:stop_duration={storyboard.interval + KEYFRAME_SECONDS}"
    pace = f"fps=1/{storyboard.interval}:start_time=0,trim=end_frame={storyboard.tiles}"
    tile = f"scale={storyboard.tile_width}:{storyboard.tile_height}"
    small = "scale={}:{}".format(*fit(*size, LOOK_SIDE))
    some = f"select=not(mod(n\\,{ceil(frames / MOST_LOOKS)}))"
    look = "signalstats,entropy,blurdetect,metadata=mode=print:file=pipe\\\\:1"
    return (
        ffmpeg, *QUIET, "-y",
        *(() if is_short(storyboard.seconds) else ("-skip_frame", "nokey")),
        *_own_input(picture),
        "-filter_complex",
        f"[0:v]split[all][few];[all]{hold},{pace},{tile},tile={storyboard.columns}x{storyboard.rows}[sheets];"
        f"[few]{some},{small},{look}[seen]",
        "-map", "[sheets]", "-q:v", "6", "-f", "image2", "-start_number", "0", pattern,
        "-map", "[seen]", "-fps_mode", "passthrough", "-f", "null", "-",
    )  # fmt: skip


def is_short(seconds: float) -> bool:
    return seconds <= SHORT_SECONDS


def _own_input(picture: str) -> Argv:
    return (*allowed.input_flags("h264"), "-i", f"file:{picture}")
