"""What the packets of a source come to. Containers other than MP4 claim rates and lengths, or say nothing."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from transcode.core.check import CUT_SHORT, is_short
from transcode.core.gate import Limits
from transcode.core.media import Media, Refused

# So much of a source is walked through: less than what is there of one whose beginning is shown before the rest of it came.
SECONDS = 30
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

    def kbps(self, packets_per_second: float) -> float:
        """Return the rate; what has no clock comes at a steady pace, and so does the last packet of what has one."""
        untimed = self.packets - max(0, self.timed - 1)
        return self.size * 8 / 1000 / (self.seconds + untimed / packets_per_second)


@dataclass(slots=True)
class Tally:
    """Tracks by their index, from the lines that `argv.walk_argv` has ffprobe print."""

    tracks: dict[int, Track] = field(default_factory=dict)
    # When the first packet is due and the last one has been shown, of whichever track; where the last one in the file ends.
    begins: float | None = None
    ends: float = 0.0
    reach: int = 0

    @property
    def seconds(self) -> float:
        return max(0.0, self.ends - (self.begins or 0.0))

    def hear(self, line: str) -> None:
        index, at, lasts, size, place, *_ = (*line.split(","), "", "", "", "")
        if index.isdecimal() and size.isdecimal():
            due = _moment(at)
            self.tracks.setdefault(int(index), Track()).hear(due, int(size))
            self._span(due, _moment(lasts) or 0.0)
            self.reach = max(self.reach, int(place) + int(size) if place.isdecimal() else 0)

    def _span(self, due: float | None, lasts: float) -> None:
        if due is not None:
            self.begins = due if self.begins is None else min(self.begins, due)
            self.ends = max(self.ends, due + lasts)


def is_needed(media: Media) -> bool:
    """True unless the file has a table that lists every frame with its size: an MP4 does."""
    return not media.is_mp4 or media.video_kbps is None


def is_beyond(media: Media, limits: Limits) -> bool:
    """True where the file claims a length that would be refused, so that all of it is worth a look."""
    return media.seconds is not None and media.seconds > limits.seconds


def measured(media: Media, tally: Tally, source_bytes: int, limits: Limits, *, is_whole: bool) -> Media:
    """Return the media with its picture's own rate, and a length that can be believed; `is_whole` if all was walked.

    Raise Refused if nothing lasts as long as the container says.
    """
    picture = tally.tracks.get(media.video_index)
    if picture is None:
        return media
    seen = picture.kbps(float(media.frame_rate))
    if not is_whole:
        return replace(media, video_kbps=max(1, int(_of_all(media, tally, source_bytes, seen))))
    media = replace(media, video_kbps=max(1, int(seen)))
    return media if media.picture_seconds is not None else _with_its_end(media, tally, picture, limits)


def _of_all(media: Media, tally: Tally, source_bytes: int, seen: float) -> float:
    """Return the picture's rate in the whole source: what is left of all its bytes by what else there is in the beginning.

    A title that stands still says little of the film, but sound goes on as it began.
    """
    sizes = sum(track.size for track in tally.tracks.values())
    if not media.seconds or not sizes:
        return seen
    payload = min(1.0, sizes / tally.reach) if tally.reach else 1.0
    walked = max(track.seconds for track in tally.tracks.values()) or 1.0
    others = (sizes - tally.tracks[media.video_index].size) * 8 / 1000 / walked
    return max(0.0, source_bytes * payload * 8 / 1000 / media.seconds - others)


def _with_its_end(media: Media, tally: Tally, picture: Track, limits: Limits) -> Media:
    if media.seconds is not None and is_short(tally.seconds, media.seconds):
        if not is_beyond(media, limits):
            raise Refused(CUT_SHORT)
        # Nobody lost that much: a clock went wrong where it was written.
        media = replace(media, seconds=tally.seconds or None)
    return replace(media, picture_seconds=picture.seconds)


def _moment(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
