"""One span through ffmpeg: run it, and read what it left."""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage

from django.conf import settings

from transcode import machine, process, sandbox, workshop
from transcode.core import argv, blame, check, gate, memory, mp4, patience, playlist, progress
from transcode.core.check import Output
from transcode.core.media import Refused
from transcode.core.plan import Plan
from transcode.core.spans import Span

logger = logging.getLogger(__name__)
# The longest segment at the highest rate that is kept takes a quarter of this.
MOST_FILE_BYTES = 256 * 1024**2
Beat = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Bench:
    """Where an attempt works, what its files are called, and how it says that it is alive: `beat` hears of frames."""

    folder: Path
    prefix: str
    source_bytes: int
    beat: Beat
    # Called several times a second while ffmpeg runs.
    look: Callable[[], None] = lambda: None

    def quiet(self) -> Bench:
        """Return the same, where nobody hears of frames."""
        return replace(self, beat=lambda frames: self.beat(0))

    def run(self, command: argv.Argv) -> str:
        return process.run(
            command, self.folder, silence=settings.SILENCE_SECONDS, on_wait=lambda: self.beat(0)
        )


def limits() -> gate.Limits:
    return gate.Limits(
        pixels=settings.MAX_PIXELS,
        frame_rate=settings.MAX_FRAME_RATE,
        seconds=settings.MAX_SECONDS,
        streams=settings.MAX_STREAMS,
        stretch=settings.MAX_STRETCH,
        aspect=settings.MAX_ASPECT,
    )


def command_for(plan: Plan, span: Span, prefix: str, seconds: float | None = None) -> argv.Argv:
    effort = argv.Effort(settings.ENCODE_PRESET, _threads(plan))
    return argv.encode_argv(settings.FFMPEG, plan, span, limits(), effort, prefix, seconds)


def _threads(plan: Plan) -> int:
    return memory.threads_for(plan, machine.cores(), settings.ENCODE_SLOTS, settings.ENCODE_THREADS)


def _require_memory(plan: Plan) -> None:
    """Raise workshop.NoRoom unless an encode fits into the memory that is free."""
    found = machine.memory()
    why = memory.why_no_room(memory.needed_for(plan, _threads(plan)), found) if found else ""
    if why:
        raise workshop.NoRoom(why)


def encode(plan: Plan, span: Span, bench: Bench, seconds: float | None = None) -> int:
    """Run ffmpeg for a span; return how many frames it said it made. No more than the source's first `seconds` are read.

    Raise Refused for work without end, CommandFailed, workshop.NoRoom where this host has too little memory.
    """
    if span.number or not plan.keeps_top:
        # To copy a picture takes next to nothing.
        _require_memory(plan)
    for left in (path for path in bench.folder.iterdir() if path.is_dir()):
        shutil.rmtree(left)
    for name in track_names(plan, span):
        (bench.folder / name).mkdir()
    most = patience.patience_for(plan, bench.source_bytes, limits(), settings.MAX_WORK)
    frames = 0

    def on_line(line: str) -> None:
        nonlocal frames
        frames = progress.frame_of(line) or frames
        if frames > most.frames:
            # Whatever it claimed to be.
            raise Refused(patience.endless(frames, plan.frame_rate, limits()))

    def on_wait() -> None:
        bench.beat(frames)
        bench.look()

    logger.info("encode %s from frame %s", " ".join(track_names(plan, span)), span.first)
    _run(plan, command_for(plan, span, bench.prefix, seconds), bench.folder, most, on_line, on_wait)
    return frames


def _run(
    plan: Plan,
    command: argv.Argv,
    folder: Path,
    most: patience.Patience,
    on_line: Callable[[str], None],
    on_wait: Callable[[], None],
) -> None:
    """Run ffmpeg within its limits; raise Refused where it is the file that takes too much."""
    most_bytes = memory.memory_for(plan, _threads(plan), os.cpu_count() or 1)
    box = sandbox.Box(memory_bytes=most_bytes, cpu_seconds=most.cpu_seconds, wall_seconds=most.wall_seconds)
    silence, is_news = settings.SILENCE_SECONDS, progress.Course().is_news
    begun = _cpu_seconds()
    try:
        process.run(
            command, folder, silence=silence, box=box, on_line=on_line, on_wait=on_wait, is_news=is_news
        )
    except process.CommandFailed as error:
        has_used_all = error.is_killed and _cpu_seconds() - begun >= most.cpu_seconds - 1
        # Short of memory, ffmpeg may try the same again for ever.
        if has_used_all and not blame.is_ours(error.stderr):
            raise Refused(patience.TOO_MUCH_WORK) from error
        raise


def make(plan: Plan, span: Span, bench: Bench, seen: Mapping[str, Output]) -> dict[str, Output]:
    """Encode a span; return its tracks, checked, and none where the source had ended before.

    Raise Unfit unless each of them is whole, Refused if nothing could be decoded. `seen` are tracks as they were read while
    they were made.
    """
    frames = encode(plan, span, bench)
    if not frames and span.number:
        return {}
    found = {name: output(name, bench, seen.get(name)) for name in track_names(plan, span)}
    picture = [found[name] for name in picture_names(plan, span)]
    if not frames:
        raise Refused(check.NOTHING_DECODED)
    sounds = [one for one in found.values() if one not in picture and not check.is_silent(one)]
    check.check_span(picture, frames, span.frames, span.first / plan.frame_rate)
    for sound in sounds:
        check.check_sound(sound)
    check_decodes([*picture, *sounds], bench)
    return found


def frames_of(plan: Plan, span: Span, found: Mapping[str, Output]) -> int:
    names = picture_names(plan, span)
    return found[names[0]].frames if names[0] in found else 0


def _cpu_seconds() -> float:
    """Return what programs that have ended took; a worker's process runs one at a time."""
    used = getrusage(RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def picture_names(plan: Plan, span: Span) -> list[str]:
    """Return the rungs that a span makes: of a kept picture the first span is that one, and the others are the rest."""
    if not plan.keeps_top:
        return [rendition.name for rendition in plan.renditions]
    rungs = plan.renditions[:1] if span.number == 0 else plan.made
    return [rendition.name for rendition in rungs]


def track_names(plan: Plan, span: Span) -> list[str]:
    sounds = [sound.name for sound in plan.sounds] if span.number == 0 else []
    return [*picture_names(plan, span), *sounds]


def output(name: str, bench: Bench, before: Output | None = None, most: int | None = None) -> Output:
    """Return a track as it is by now; of its files, those that are not in `before`, and only the first `most` of them."""
    folder = bench.folder / name
    listed = playlist.parse_media_playlist(_read(folder / playlist.PLAYLIST).decode(errors="replace"))
    listed = listed.of_attempt(bench.prefix)
    init = before.init if before and before.init else _settle(folder, listed)
    files = dict(before.files) if before else {}
    for segment, _ in listed.segments[:most]:
        if segment not in files and (folder / segment).is_file():
            bench.beat(0)
            files[segment] = _file(folder / segment)
    return Output(name, listed, init, files)


def _settle(folder: Path, listed: playlist.MediaPlaylist) -> mp4.Init | None:
    """Return the init segment; move into the first segment what ffmpeg put behind it.

    Where its HLS muxer begins fragments of its own accord (frag_keyframe), it takes all until the end of the first
    segment for the init segment.
    """
    path = folder / listed.init
    data = _read(path) if listed.init else b""
    try:
        init = mp4.read_init(data)
    except mp4.Broken:
        return None
    if len(data) > init.size and listed.segments:
        first = folder / listed.segments[0][0]
        first.write_bytes(mp4.insert_after_type(_read(first), data[init.size :]))
        path.write_bytes(data[: init.size])
    return init


def _read(path: Path) -> bytes:
    """Return what ffmpeg left there; nothing where that is no file, or more than a worker should have in memory."""
    is_fit = path.is_file() and path.stat().st_size <= MOST_FILE_BYTES
    return path.read_bytes() if is_fit else b""


def _file(path: Path) -> check.File:
    data = _read(path)
    try:
        return check.File(len(data), mp4.fragments(data))
    except mp4.Broken as why:
        return check.File(len(data), why=str(why))


def check_decodes(found: Sequence[Output], bench: Bench) -> None:
    """Decode the first key frame and the last fragment of every track.

    CPU: about what two seconds of video take to decode; what is wrong in between, the counts and boxes show.
    """
    picked = check.samples(found)
    for sample in picked:
        piece = (sample.segment, sample.fragment.start, sample.fragment.end)
        join(bench, sample.output, [piece], bench.folder / sample.name)
    try:
        printed = bench.run(check.decode_argv(settings.FFMPEG, picked))
    except process.CommandFailed as error:
        if error.is_killed:
            raise
        # What cannot be read here is ours, not the uploader's.
        raise check.Unfit(f"what was made cannot be decoded: {error.stderr[-300:]}") from error
    check.check_decodes(picked, printed)
    for sample in picked:
        (bench.folder / sample.name).unlink()


def join(bench: Bench, output: Output, pieces: Sequence[tuple[str, int, int]], target: Path) -> None:
    """Write a file that plays by itself: the init segment, then the bytes of some segments, from one to another."""
    with target.open("wb") as file:
        file.write((bench.folder / output.name / output.playlist.init).read_bytes())
        for name, start, end in pieces:
            bench.beat(0)
            with (bench.folder / output.name / name).open("rb") as segment:
                segment.seek(start)
                file.write(segment.read(end - start))
