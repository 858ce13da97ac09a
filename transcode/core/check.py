"""Published means checked: an exit status of 0 proves nothing, ffmpeg's HLS muxer gives it on a full disk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from transcode.core import mp4
from transcode.core.media import Refused
from transcode.core.plan import Plan
from transcode.core.playlist import MediaPlaylist

NOTHING_DECODED = (
    "There is no picture in this file that we can decode. If it plays on your computer, export it as MP4 (H.264)"
    " and upload it again."
)
CUT_SHORT = (
    "The file ends too early, so the upload was probably cut off, or the recording was."
    " If the original plays on your computer to its end, uploading it again will work."
)


class Unfit(Exception):
    """The output is not what was planned, and the source is not to blame; another try may help."""


@dataclass(frozen=True, slots=True)
class Output:
    """One media playlist as ffmpeg left it, with the content of every file it names that exists."""

    name: str
    playlist: MediaPlaylist
    sizes: Mapping[str, int]
    whole: Mapping[str, bool]


def check_decoded(plan: Plan, frames: int) -> float:
    """Return the seconds that were decoded; raise Refused if that is nothing, or far less than the file claims."""
    seconds = float(frames / plan.frame_rate)
    if frames == 0:
        raise Refused(NOTHING_DECODED)
    if plan.picture_seconds is not None and seconds < plan.picture_seconds - max(
        1.0, plan.picture_seconds * 0.1
    ):
        raise Refused(CUT_SHORT)
    return seconds


def check_picture(outputs: tuple[Output, ...], seconds: float) -> None:
    """Raise Unfit unless every rung is whole, as long as what was decoded, and cut where the others are."""
    for output in outputs:
        check_files(output)
        length = output.playlist.seconds
        if abs(length - seconds) > max(0.5, seconds * 0.01):
            raise Unfit(f"{output.name} has {length:.3f} s of {seconds:.3f} s")
    if len({len(output.playlist.segments) for output in outputs}) != 1:
        raise Unfit("the rungs are cut differently")


def check_files(output: Output) -> None:
    """Raise Unfit unless the playlist has ended and every file it names is there and whole."""
    playlist = output.playlist
    if not playlist.ended or not playlist.segments or not playlist.init:
        raise Unfit(f"{output.name}'s playlist is not finished")
    for name in (playlist.init, *(name for name, _ in playlist.segments)):
        if not output.sizes.get(name):
            raise Unfit(f"{output.name}/{name} is missing or empty")
        if not output.whole[name]:
            raise Unfit(f"{output.name}/{name} is cut short")


def is_silent(sound: Output) -> bool:
    """True if a track was announced that holds no sample at all: the picture is watchable without it."""
    return sound.playlist.ended and not any(sound.whole.get(name) for name, _ in sound.playlist.segments)


def is_whole(name: str, data: bytes) -> bool:
    """True if a file of ours has the boxes it must have."""
    if name.endswith(".m4s"):
        return mp4.is_whole_segment(data)
    try:
        return "moov" in [kind for kind, _, _ in mp4.boxes(data)]
    except mp4.Broken:
        return False
