"""What the packets of a source come to. Containers other than MP4 claim rates and lengths, or say nothing."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from transcode.core.check import CUT_SHORT, is_short
from transcode.core.gate import Limits
from transcode.core.media import Media, Refused

# A longer leap of the clock is no pause, as ffmpeg sees it (-dts_delta_threshold).
LONGEST_PAUSE = 10.0


@dataclass(slots=True)
class Track:
    """A track, as far as it was heard of; `seconds` are those in which its clock went forward."""

    packets: int = 0
    timed: int = 0
    size: int = 0
    seconds: float = 0.0
    latest: float | None = None

    def hear(self, at: float | None, size: int) -> None:
        self.packets += 1
        self.size += size
        if at is None:
            return
        self.timed += 1
        if self.latest is None:
            self.latest = at
        elif at > self.latest:
            self.seconds += min(LONGEST_PAUSE, at - self.latest)
            self.latest = at


@dataclass(slots=True)
class Tally:
    """Tracks by their index, from the lines that `argv.walk_argv` has ffprobe print."""

    tracks: dict[int, Track] = field(default_factory=dict)
    # When the last packet has been shown, of whichever track.
    ends: float = 0.0

    def hear(self, line: str) -> None:
        index, at, lasts, size, *_ = (*line.split(","), "", "", "")
        if index.isdecimal() and size.isdecimal():
            begins = _moment(at)
            self.tracks.setdefault(int(index), Track()).hear(begins, int(size))
            self.ends = max(self.ends, (begins or 0.0) + (_moment(lasts) or 0.0))


def is_needed(media: Media) -> bool:
    """True unless the file has a table that lists every frame with its size: an MP4 does."""
    return not media.is_mp4 or media.video_kbps is None


def measured(media: Media, tally: Tally, limits: Limits, *, is_whole: bool) -> Media:
    """Return the media with its picture's own rate, and a length that can be believed; `is_whole` if all was walked.

    Raise Refused if nothing lasts as long as the container says.
    """
    picture = tally.tracks.get(media.video_index)
    if picture is None:
        return media
    media = replace(media, video_kbps=_kbps(picture, media))
    if not is_whole or media.picture_seconds is not None:
        return media
    if media.seconds is not None and is_short(tally.ends, media.seconds):
        if media.seconds <= limits.seconds:
            raise Refused(CUT_SHORT)
        # Nobody lost that much: a clock went wrong where it was written.
        media = replace(media, seconds=tally.ends or None)
    return replace(media, picture_seconds=picture.seconds)


def _kbps(picture: Track, media: Media) -> int:
    """Return the rate, of which even a picture that hardly has any has some."""
    untimed = picture.packets - max(0, picture.timed - 1)
    seconds = picture.seconds + untimed / float(media.frame_rate)
    return max(1, int(picture.size * 8 / 1000 / seconds))


def _moment(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
