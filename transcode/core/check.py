"""Published means checked: an exit status of 0 proves nothing, ffmpeg's HLS muxer gives it on a full disk."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import zip_longest

from transcode.core import allowed, mp4
from transcode.core.argv import QUIET, Argv
from transcode.core.media import Refused
from transcode.core.playlist import MediaPlaylist, Piece

NOTHING_DECODED = (
    "There is no picture in this file that we can decode. If it plays on your computer, export it as MP4 (H.264)"
    " and upload it again."
)
CUT_SHORT = (
    "The file ends too early, so the upload was probably cut off, or the recording was."
    " If the original plays on your computer to its end, uploading it again will work."
)
# Between one fragment and the next; what rounds times may differ, what is missing may not.
HOLE_SECONDS = 0.05
ROUNDED_SECONDS = 0.005
# No key frames nearer to each other than this are named for skimming.
SKIMMED_SECONDS = 0.5


class Unfit(Exception):
    """The output is not what was planned, and the source is not to blame; another try may help."""


class Uneven(Unfit):
    """The times of one track of sound do not add up, though its files are whole."""

    def __init__(self, name: str, why: Unfit) -> None:
        super().__init__(str(why))
        self.name = name


@dataclass(frozen=True, slots=True)
class File:
    """A media segment as it lies on disk; `why` says what is wrong with it, and is empty where nothing is."""

    size: int
    fragments: tuple[mp4.Fragment, ...] = ()
    why: str = ""


@dataclass(frozen=True, slots=True)
class KeyFrame:
    """Where a key frame lies, and when it is shown, in seconds."""

    segment: str
    fragment: mp4.Fragment
    at: float


@dataclass(frozen=True, slots=True)
class Output:
    """One track as ffmpeg left it: its playlist, and every file of it that exists."""

    name: str
    playlist: MediaPlaylist
    init: mp4.Init | None
    files: Mapping[str, File]

    @property
    def header(self) -> mp4.Init:
        if self.init is None:
            raise Unfit(f"{self.name} has no init segment")
        return self.init

    def without_end(self) -> Output:
        """Return the track without the segment that it ends with, if it has come to an end."""
        listed = self.playlist
        return (
            replace(self, playlist=replace(listed, segments=listed.segments[:-1], ended=False))
            if listed.ended
            else self
        )

    @property
    def frames(self) -> int:
        return sum(fragment.samples for _, fragment in self.fragments)

    @property
    def segments(self) -> tuple[Piece, ...]:
        """Each segment with the seconds that its samples last, whatever the playlist claims."""
        files = ((name, self.files[name]) for name, _ in self.playlist.segments)
        return tuple(
            Piece(name, self._seconds(sum(one.ticks for one in file.fragments)), file.size)
            for name, file in files
        )

    @property
    def begins(self) -> float:
        return self._seconds(self.fragments[0][1].decode_time)

    @property
    def seconds(self) -> float:
        return sum(piece.seconds for piece in self.segments)

    @property
    def key_frames(self) -> tuple[KeyFrame, ...]:
        return tuple(
            KeyFrame(name, fragment, self._seconds(fragment.decode_time))
            for name, fragment in self.fragments
            if fragment.key_bytes
        )

    @property
    def key_pieces(self) -> tuple[Piece, ...]:
        """Each key frame with the seconds until the next one, or until the end."""
        frames = self.key_frames
        begun = [frame.at for frame in frames]
        ends = [*begun[1:], max(self.seconds, begun[-1] + 0.001)]
        return tuple(
            Piece(frame.segment, end - frame.at, frame.fragment.key_bytes, frame.fragment.start)
            for frame, end in zip(frames, ends, strict=True)
        )

    @property
    def skimmed(self) -> tuple[Piece, ...]:
        """The same, of key frames that lie as far apart as anybody can tell when skimming; a picture may be made of them."""
        pieces: list[Piece] = []
        for piece in self.key_pieces:
            if pieces and pieces[-1].seconds < SKIMMED_SECONDS:
                pieces[-1] = replace(pieces[-1], seconds=pieces[-1].seconds + piece.seconds)
            else:
                pieces.append(piece)
        return tuple(pieces)

    def key_frame_at(self, moment: float) -> KeyFrame:
        """Return the key frame that what is shown at a moment depends on."""
        begun = [frame for frame in self.key_frames if frame.at <= moment + 0.0005]
        return begun[-1] if begun else self.key_frames[0]

    @property
    def holes(self) -> Iterator[float]:
        """Yield when samples are missing, or lie twice, between one fragment and the next."""
        due = 0.0
        for _, fragment in self.fragments:
            at = self._seconds(fragment.decode_time)
            if abs(at - due) > HOLE_SECONDS:
                yield due
            due = at + self._seconds(fragment.ticks)

    @property
    def fragments(self) -> tuple[tuple[str, mp4.Fragment], ...]:
        """Each fragment, in order, with the name of its file."""
        names = (name for name, _ in self.playlist.segments)
        return tuple((name, fragment) for name in names for fragment in self.files[name].fragments)

    def _seconds(self, ticks: int) -> float:
        return float(Fraction(ticks, self.header.ticks_per_second))


def check_decoded(frames: int, frame_rate: Fraction, claimed: float | None) -> float:
    """Return the seconds that were decoded; raise Refused if that is nothing, or less than the file claims."""
    seconds = float(frames / frame_rate)
    if frames == 0:
        raise Refused(NOTHING_DECODED)
    check_end(seconds, claimed)
    return seconds


def check_end(seconds: float, claimed: float | None) -> None:
    """Raise Refused if what lasts so long ends before the file claims."""
    if claimed is not None and is_short(seconds, claimed):
        raise Refused(CUT_SHORT)


def is_short(seconds: float, claimed: float) -> bool:
    return seconds < claimed - _forgiven(claimed)


def _forgiven(claimed: float) -> float:
    """Return how many seconds may be missing: claims are not exact, and a first picture may depend on one before it."""
    return max(1.0, min(5.0, claimed * 0.1))


def check_span(outputs: Sequence[Output], frames: int, planned: int | None, begin: Fraction) -> None:
    """Raise Unfit unless every rung of a span is whole, has all frames that were decoded and planned, and begins when it should."""
    if planned is not None and frames != planned:
        raise Unfit(f"{frames} of {planned} frames came")
    for output in outputs:
        check_files(output)
        if output.frames != frames:
            raise Unfit(f"{output.name} has {output.frames} of {frames} frames")
        if abs(output.begins - begin) > HOLE_SECONDS:
            raise Unfit(f"{output.name} begins at {output.begins:.3f} s, not at {float(begin):.3f}")


def check_picture(outputs: Sequence[Output], frames: int, seconds: float) -> None:
    """Raise Unfit unless every rung is whole, has every frame that was decoded, and is cut where the others are."""
    for output in outputs:
        check_files(output)
        if output.frames != frames:
            raise Unfit(f"{output.name} has {output.frames} of {frames} frames")
        _check_length(output, seconds)
        for at in output.holes:
            raise Unfit(f"{output.name} has a hole at {at:.3f} s")
        if any(not file.fragments[0].key_bytes for file in output.files.values()):
            raise Unfit(f"{output.name} has a segment that does not begin with a key frame")
    for output in outputs[1:]:
        if not _cut_alike(outputs[0], output):
            raise Unfit(f"{output.name} is cut differently")


def _cut_alike(one: Output, other: Output) -> bool:
    """True if both have segments of the same lengths, but for what a coarser clock rounds."""
    pairs = list(zip_longest(one.segments, other.segments))
    return all(a and b and abs(a.seconds - b.seconds) <= ROUNDED_SECONDS for a, b in pairs)


def check_sound(output: Output) -> None:
    """Raise Unfit unless the track is whole, Uneven unless as long as its muxer says; it may end before the picture."""
    check_files(output)
    try:
        _check_length(output, output.playlist.seconds)
    except Unfit as why:
        raise Uneven(output.name, why) from why


def check_files(output: Output) -> None:
    """Raise Unfit unless the playlist has ended and every file it names is there and whole."""
    playlist = output.playlist
    if not playlist.ended or not playlist.segments:
        raise Unfit(f"{output.name}'s playlist is not finished")
    if output.init is None:
        raise Unfit(f"{output.name}'s init segment is missing or cut short")
    for name, _ in playlist.segments:
        file = output.files.get(name)
        if file is None or not file.size:
            raise Unfit(f"{output.name}/{name} is missing or empty")
        if not file.fragments:
            raise Unfit(f"{output.name}/{name} is cut short: {file.why}")


def _check_length(output: Output, seconds: float) -> None:
    if abs(output.seconds - seconds) > max(0.5, seconds * 0.01):
        raise Unfit(f"{output.name} has {output.seconds:.3f} s of {seconds:.3f} s")


def is_silent(sound: Output) -> bool:
    """True if a track was announced that holds no sample at all: the picture is watchable without it."""
    return sound.playlist.ended and not any(file.fragments for file in sound.files.values())


@dataclass(frozen=True, slots=True)
class Sample:
    """Some bytes of a track that are decoded, to see that they can be: the first key frame, or the last fragment."""

    output: Output
    segment: str
    fragment: mp4.Fragment
    is_last: bool

    @property
    def name(self) -> str:
        return f"{self.output.name}-{'last' if self.is_last else 'first'}.part"

    @property
    def is_picture(self) -> bool:
        return not self.output.header.channels

    @property
    def least_frames(self) -> int:
        """How many frames must come out; an AAC decoder swallows what its encoder put before the first sample."""
        if self.is_picture:
            return self.fragment.samples if self.is_last else 1
        return min(1, self.fragment.samples - 1)


def samples(outputs: Sequence[Output]) -> tuple[Sample, ...]:
    return tuple(
        Sample(output, *output.fragments[-is_last], bool(is_last)) for output in outputs for is_last in (0, 1)
    )


def decode_argv(ffmpeg: str, picked: Sequence[Sample]) -> Argv:
    """Return the command that decodes them and prints a line for each frame; it fails at any error."""
    command: Argv = (ffmpeg, *QUIET, "-xerror")
    for sample in picked:
        only_key = ("-skip_frame", "nokey") if sample.is_picture and not sample.is_last else ()
        # Smoothing changes what frames look like, not whether they can be read.
        plain = ("-skip_loop_filter", "all") if sample.is_picture else ()
        # One thread: several would hold several pictures each, for a few frames.
        strict = ("-err_detect", "explode", "-threads", "1")
        command += (
            *strict,
            *plain,
            *only_key,
            *allowed.input_flags("h264", "aac"),
            "-i",
            f"file:{sample.name}",
        )
    for number in range(len(picked)):
        command += ("-map", str(number))
    return (*command, "-f", "framecrc", "pipe:1")


def check_decodes(picked: Sequence[Sample], printed: str) -> None:
    """Raise Unfit unless the frames that `decode_argv` prints are as many as they must be."""
    lines = [line.partition(",")[0] for line in printed.splitlines() if not line.startswith("#")]
    for number, sample in enumerate(picked):
        count = lines.count(str(number))
        if count < sample.least_frames:
            raise Unfit(f"{sample.name} decodes to {count} of {sample.least_frames} frames")
