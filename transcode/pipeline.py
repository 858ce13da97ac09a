"""From a claimed job to a published version: fetch, probe, plan, encode, check, depict, store, publish."""

from __future__ import annotations

import json
import logging
import shlex
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings

from transcode import process
from transcode.core import argv, check, mp4, playlist, progress, storyboard
from transcode.core.media import Media, Refused, parse_probe, refusal_of
from transcode.core.plan import Plan, plan_encode
from transcode.models import Clock, Job
from transcode.pulse import Pulse
from transcode.workshop import private_folder
from videos import keys, storage
from videos.models import Published, PublishedRendition

logger = logging.getLogger(__name__)
PROBE_SECONDS = 60
# Room for the source, its renditions, and one of them once more for the storyboard.
ROOM_FACTOR = 3
ROOM_BYTES = 512 * 1024**2
UPLOADS_AT_ONCE = 8
# What ffmpeg says when it is the file that cannot be read, however often one tries.
UNREADABLE = (
    "Invalid data found",
    "Could not find codec parameters",
    "not on whitelist",
    "Decoder not found",
)
OURS = ("No space left on device", "Cannot allocate memory", "Input/output error", "Disk quota exceeded")
CHANGED = "What arrived is not the size that was announced. Upload the file again."


def make(job: Job, clock: Clock) -> None:
    """Turn the job's source into a published version.

    Raise Refused if the source can never be one; LeaseLost if the job is no longer ours; Stopped; anything else may
    go better another time.
    """
    with private_folder(f"{job.pk}-{job.attempt}", job.source_size * ROOM_FACTOR + ROOM_BYTES) as folder:
        pulse = Pulse(job, clock)
        _fetch(job, folder, pulse)
        media = _probe(folder, pulse)
        plan = plan_encode(media)
        command = argv.encode_argv(settings.FFMPEG, plan)
        job.remember_plan(plan.as_json(), shlex.join(command))
        frames = _encode(plan, command, folder, pulse)
        published = _finish(job, plan, frames, folder, pulse)
        _store(job, folder, pulse)
        job.succeed(published, clock())


def _fetch(job: Job, folder: Path, pulse: Pulse) -> None:
    if job.source_size != job.video.upload.size:
        raise Refused(CHANGED)

    def on_bytes(total: int) -> None:
        pulse.beat(progress.within(0, progress.DOWNLOADED, total / job.source_size))

    storage.download(job.source, job.part_size, folder / "source", on_bytes)


def _probe(folder: Path, pulse: Pulse) -> Media:
    command = argv.probe_argv(settings.FFPROBE)
    try:
        return parse_probe(
            json.loads(process.run(command, folder, silence=PROBE_SECONDS, on_wait=pulse.beat))
        )
    except process.CommandFailed as error:
        if error.is_killed:
            raise
        raise refusal_of(error.stderr) from error


def _encode(plan: Plan, command: tuple[str, ...], folder: Path, pulse: Pulse) -> int:
    """Write every rung and the sound; return how many frames were decoded."""
    for name in _track_names(plan):
        (folder / name).mkdir()
    frames = 0

    def on_line(line: str) -> None:
        nonlocal frames
        frames = progress.frame_of(line) or frames
        done = frames / plan.frames if plan.frames else 0.5
        pulse.beat(progress.within(progress.DOWNLOADED, progress.ENCODED, done), min(done, 1.0))

    logger.info("encode %s, %s frames", " ".join(_track_names(plan)), plan.frames)
    try:
        process.run(command, folder, silence=settings.SILENCE_SECONDS, on_line=on_line, on_wait=pulse.beat)
    except process.CommandFailed as error:
        if _is_unreadable(error):
            raise Refused(check.NOTHING_DECODED) from error
        raise
    return frames


def _is_unreadable(error: process.CommandFailed) -> bool:
    """True if it is the file that cannot be read, and not this machine that cannot go on."""
    ours = error.is_killed or any(words in error.stderr for words in OURS)
    return not ours and any(words in error.stderr for words in UNREADABLE)


def _track_names(plan: Plan) -> list[str]:
    return [*(r.name for r in plan.renditions), *([argv.AUDIO] if plan.audio_index is not None else [])]


def _finish(job: Job, plan: Plan, frames: int, folder: Path, pulse: Pulse) -> Published:
    """Check what ffmpeg left, write our own playlist and pictures beside it, and describe the version."""
    seconds = check.check_decoded(plan, frames)
    picture = tuple(_output(folder, rendition.name, pulse) for rendition in plan.renditions)
    check.check_picture(picture, seconds)
    sound = _output(folder, argv.AUDIO, pulse) if plan.audio_index is not None else None
    if sound and check.is_silent(sound):
        sound = None
    if sound:
        check.check_files(sound)
    tracks = [_measure(folder, output) for output in picture]
    variants = tuple(
        playlist.Variant(track, r.width, r.height, plan.frame_rate)
        for track, r in zip(tracks, plan.renditions, strict=True)
    )
    text = playlist.multivariant(variants, _measure(folder, sound) if sound else None)
    (folder / playlist.MULTIVARIANT).write_text(text)
    _depict(plan, picture, seconds, folder, pulse)
    return Published(
        version=job.version,
        duration_ms=round(picture[0].playlist.seconds * 1000),
        stored_bytes=sum(path.stat().st_size for path in _files(folder)),
        renditions=tuple(
            PublishedRendition(r.name, r.width, r.height, track.average // 1000)
            for track, r in zip(tracks, plan.renditions, strict=True)
        ),
    )


def _output(folder: Path, name: str, pulse: Pulse) -> check.Output:
    path = folder / name / playlist.PLAYLIST
    listed = playlist.parse_media_playlist(path.read_text() if path.exists() else "")
    sizes, whole = {}, {}
    for file in (listed.init, *(segment for segment, _ in listed.segments)):
        pulse.beat()
        path = folder / name / file
        if path.is_file():
            data = path.read_bytes()
            sizes[file], whole[file] = len(data), check.is_whole(file, data)
    return check.Output(name, listed, sizes, whole)


def _measure(folder: Path, output: check.Output) -> playlist.Track:
    codec = mp4.codec_of((folder / output.name / output.playlist.init).read_bytes())
    sizes = tuple((output.sizes[name], seconds) for name, seconds in output.playlist.segments)
    return playlist.measure(output.name, codec, sizes)


def _depict(plan: Plan, picture: Sequence[check.Output], seconds: float, folder: Path, pulse: Pulse) -> None:
    """Make poster and storyboard from our own renditions, which are upright, square and sure to decode."""
    best, smallest = picture[0], picture[-1]
    # A tenth into the video something has usually begun.
    name, offset = best.playlist.at(best.playlist.seconds / 10)
    _join(folder, best, [name], folder / "poster.mp4", pulse)
    _run(argv.poster_argv(settings.FFMPEG, "poster.mp4", offset, "poster.jpg"), folder, pulse)
    board = storyboard.plan_storyboard(seconds, plan.renditions[0].width, plan.renditions[0].height)
    _join(
        folder, smallest, [name for name, _ in smallest.playlist.segments], folder / "storyboard.mp4", pulse
    )
    _run(argv.storyboard_argv(settings.FFMPEG, "storyboard.mp4", board, "storyboard-%03d.jpg"), folder, pulse)
    sheets = len(list(folder.glob("storyboard-*.jpg")))
    if not (folder / "poster.jpg").is_file() or not sheets:
        raise check.Unfit("no poster or no storyboard was made")
    (folder / "storyboard.vtt").write_text(storyboard.webvtt(board, sheets))
    for name in ("poster.mp4", "storyboard.mp4"):
        (folder / name).unlink()


def _run(command: tuple[str, ...], folder: Path, pulse: Pulse) -> None:
    process.run(command, folder, silence=settings.SILENCE_SECONDS, on_wait=pulse.beat)


def _join(folder: Path, output: check.Output, segments: Sequence[str], target: Path, pulse: Pulse) -> None:
    with target.open("wb") as file:
        for name in (output.playlist.init, *segments):
            pulse.beat()
            file.write((folder / output.name / name).read_bytes())


def _files(folder: Path) -> list[Path]:
    """Return what belongs to the version, the multivariant playlist last."""
    found = [path for path in folder.rglob("*") if path.suffix in storage.CONTENT_TYPES]
    return sorted(found, key=lambda path: (path.name == playlist.MULTIVARIANT, str(path)))


def _store(job: Job, folder: Path, pulse: Pulse) -> None:
    """Put the files under this attempt's own prefix, the multivariant playlist last."""
    # Another one than at the start, where the video was closed to who could watch it before.
    job.video.refresh_from_db(fields=["epoch"])
    prefix = keys.version_prefix(job.video_id, job.video.epoch, job.version)
    *files, last = _files(folder)
    pool = ThreadPoolExecutor(UPLOADS_AT_ONCE)
    try:
        pending = {pool.submit(_store_one, folder, path, prefix) for path in files}
        while pending:
            done, pending = wait(pending, timeout=1)
            for future in done:
                future.result()
            pulse.beat(progress.within(progress.ENCODED, 99, 1 - len(pending) / len(files)), 1.0)
    finally:
        pool.shutdown(cancel_futures=True)
    _store_one(folder, last, prefix)


def _store_one(folder: Path, path: Path, prefix: str) -> None:
    storage.store(f"{prefix}{path.relative_to(folder).as_posix()}", path)


def retry_at(failures: int, now: datetime) -> datetime:
    """Each failure waits five times as long as the one before."""
    return now + timedelta(seconds=settings.RETRY_SECONDS * 5**failures)
