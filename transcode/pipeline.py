"""From a claimed job to a published version: fetch, probe, plan, encode, check, depict, store, publish."""

from __future__ import annotations

import json
import logging
import os
import shlex
import shutil
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage

from django.conf import settings

from transcode import process, publish, sandbox
from transcode.core import argv, blame, check, gate, patience, progress
from transcode.core.media import Media, Refused, parse_probe
from transcode.core.memory import memory_for
from transcode.core.plan import Plan, plan_encode
from transcode.models import Clock, Job
from transcode.pulse import Pulse
from transcode.workshop import private_folder
from videos import storage
from videos.models import Published

logger = logging.getLogger(__name__)
PROBE_SECONDS = 60
PROBE_BOXES = (replace(sandbox.SMALL, memory_bytes=sandbox.SMALL.memory_bytes // 2), sandbox.SMALL)
# Its own status for a file. Others are from whoever starts it, like 127 of the loader that misses a library.
FFPROBE_GAVE_UP = 1
# Room for the source, its renditions, and one of them once more for the storyboard.
ROOM_FACTOR = 3
ROOM_BYTES = 512 * 1024**2
CHANGED = "What arrived is not the size that was announced. Upload the file again."


def make(job: Job, clock: Clock) -> None:
    """Turn the job's source into a published version.

    Raise Refused if the source can never be one; LeaseLost if the job is no longer ours; Stopped; anything else may
    go better another time.
    """
    with private_folder(f"{job.pk}-{job.attempt}", job.source_size * ROOM_FACTOR + ROOM_BYTES) as folder:
        pulse = Pulse(job, clock)
        _fetch(job, folder, pulse)
        published = produce(job, folder, pulse)
        publish.store(job, folder, pulse)
        job.succeed(published, clock())


def produce(job: Job, folder: Path, pulse: Pulse) -> Published:
    """Make of the source in the folder what is to be stored, and describe it: all that happens between S3 and S3."""
    plan = plan_encode(probe(folder, pulse), settings.LADDER_TOP)
    try:
        return _finished(job, plan, folder, pulse)
    except check.Uneven as uneven:
        return _without_uneven(job, plan, folder, pulse, uneven)


def _finished(job: Job, plan: Plan, folder: Path, pulse: Pulse) -> Published:
    plan, frames = _encode(job, plan, folder, pulse)
    return publish.finish(job, plan, frames, folder, pulse)


def _without_uneven(job: Job, plan: Plan, folder: Path, pulse: Pulse, first: check.Uneven) -> Published:
    """Make it again; a sound that is wrong twice, and nothing else is, is the file's fault, and is left out."""
    try:
        return _finished(job, plan, folder, pulse)
    except check.Uneven as second:
        if first.name != second.name:
            raise
        logger.info("left out: %s", second)
        broken = frozenset(sound.index for sound in plan.sounds if sound.name == second.name)
    return _finished(job, plan.without_sounds(broken), folder, pulse)


def _fetch(job: Job, folder: Path, pulse: Pulse) -> None:
    if job.source_size != job.video.upload.size:
        raise Refused(CHANGED)

    def on_bytes(total: int) -> None:
        pulse.beat(progress.within(0, progress.DOWNLOADED, total / job.source_size))

    storage.download(job.source, job.part_size, folder / "source", on_bytes)


def probe(folder: Path, pulse: Pulse, boxes: Sequence[sandbox.Box] = PROBE_BOXES) -> Media:
    """Describe the source. Raise Refused where ffprobe in the largest of these boxes gives a reason to.

    Short of memory it does not always say so: it calls the file broken, or leaves out what it could not find.
    """
    *smaller, largest = boxes
    for box in smaller:
        with suppress(Refused):
            return _probe(folder, pulse, box)
    return _probe(folder, pulse, largest)


def _probe(folder: Path, pulse: Pulse, box: sandbox.Box) -> Media:
    limits = _limits()
    command = argv.probe_argv(settings.FFPROBE, limits)
    try:
        printed = process.run(command, folder, silence=PROBE_SECONDS, box=box, on_wait=pulse.beat)
    except process.CommandFailed as error:
        if error.status != FFPROBE_GAVE_UP:
            raise
        raise gate.refusal_of(error.stderr, limits) from error
    media = parse_probe(json.loads(printed))
    gate.check(media, limits)
    return media


def _encode(job: Job, plan: Plan, folder: Path, pulse: Pulse) -> tuple[Plan, int]:
    """Write every rung and the sound; return the plan that went well and how many frames it gave.

    A picture is not lost for its sound: where ffmpeg says that a track of it is broken, it is left out.
    """
    try:
        return plan, _encode_once(job, plan, folder, pulse)
    except process.CommandFailed as error:
        broken = frozenset() if error.is_killed else blame.broken_sounds(plan, error.stderr)
        if not broken:
            raise _verdict(error) from error
        logger.info("sound of tracks %s is broken: %s", sorted(broken), error.stderr[-500:])
        plan = plan.without_sounds(broken)
    try:
        return plan, _encode_once(job, plan, folder, pulse)
    except process.CommandFailed as error:
        raise _verdict(error) from error


def _verdict(error: process.CommandFailed) -> Exception:
    """Return Refused if it is the file that cannot be read, the error itself if it is this machine that cannot go on."""
    if not error.is_killed and blame.is_flooded(error.stderr):
        return Refused(patience.ENDLESS)
    is_file = not error.is_killed and blame.is_unreadable(error.stderr)
    return Refused(check.NOTHING_DECODED) if is_file else error


def _encode_once(job: Job, plan: Plan, folder: Path, pulse: Pulse) -> int:
    effort = argv.Effort(settings.ENCODE_PRESET, settings.ENCODE_THREADS)
    limits = _limits()
    command = argv.encode_argv(settings.FFMPEG, plan, limits, effort)
    job.remember_plan(plan.as_json(), shlex.join(command))
    for left in (path for path in folder.iterdir() if path.is_dir()):
        shutil.rmtree(left)
    for name in _track_names(plan):
        (folder / name).mkdir()
    most = patience.patience_for(plan, job.source_size, limits, settings.MAX_WORK)
    frames = 0

    def on_line(line: str) -> None:
        nonlocal frames
        frames = progress.frame_of(line) or frames
        if frames > most.frames:
            # Whatever it claimed to be.
            raise Refused(patience.endless(frames, plan.frame_rate, limits))
        done = frames / plan.frames if plan.frames else 0.5
        pulse.beat(progress.within(progress.DOWNLOADED, progress.ENCODED, done), min(done, 1.0))

    logger.info("encode %s, %s frames", " ".join(_track_names(plan)), plan.frames)
    memory = memory_for(plan, settings.ENCODE_THREADS, os.cpu_count() or 1)
    box = sandbox.Box(memory_bytes=memory, cpu_seconds=most.cpu_seconds, wall_seconds=most.wall_seconds)
    begun, course = _cpu_seconds(), progress.Course()
    try:
        process.run(
            command,
            folder,
            silence=settings.SILENCE_SECONDS,
            box=box,
            on_line=on_line,
            on_wait=pulse.beat,
            is_news=course.is_news,
        )
    except process.CommandFailed as error:
        has_used_all = error.is_killed and _cpu_seconds() - begun >= most.cpu_seconds - 1
        # Short of memory, ffmpeg may try the same again for ever.
        if has_used_all and not blame.is_ours(error.stderr):
            raise Refused(patience.TOO_MUCH_WORK) from error
        raise
    return frames


def _cpu_seconds() -> float:
    """Return what programs that have ended took; a worker's process runs one at a time."""
    used = getrusage(RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _track_names(plan: Plan) -> list[str]:
    return [*(r.name for r in plan.renditions), *(sound.name for sound in plan.sounds)]


def _limits() -> gate.Limits:
    return gate.Limits(
        pixels=settings.MAX_PIXELS,
        frame_rate=settings.MAX_FRAME_RATE,
        seconds=settings.MAX_SECONDS,
        streams=settings.MAX_STREAMS,
        stretch=settings.MAX_STRETCH,
        aspect=settings.MAX_ASPECT,
    )


def retry_at(failures: int, now: datetime) -> datetime:
    """Each failure waits five times as long as the one before."""
    return now + timedelta(seconds=settings.RETRY_SECONDS * 5**failures)
