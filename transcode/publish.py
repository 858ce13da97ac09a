"""From what ffmpeg left in a folder to a version that may be published: check, list, depict, describe, store."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path

from django.conf import settings

from transcode import process
from transcode.core import check, depict, mp4, playlist, poster, progress, storyboard
from transcode.core.check import Output
from transcode.core.plan import Plan, PlannedSound
from transcode.models import Job
from transcode.pulse import Pulse
from videos import keys, storage
from videos.models import Published, PublishedRendition

UPLOADS_AT_ONCE = 8
POSTER = "poster.jpg"


def finish(job: Job, plan: Plan, frames: int, folder: Path, pulse: Pulse) -> Published:
    """Check what ffmpeg left, write our own playlists and pictures beside it, and describe the version.

    Raise Refused if the source ended before its time, Unfit if what is there is not what was decoded.
    """
    seconds = check.check_decoded(frames, plan.frame_rate, plan.picture_seconds)
    picture = tuple(_output(folder, rendition.name, pulse) for rendition in plan.renditions)
    check.check_picture(picture, frames, seconds)
    sounds = tuple(_sounds(plan, folder, pulse))
    _decode([*picture, *(output for _, output in sounds)], folder, pulse)
    variants = _list(plan, picture, sounds, folder)
    posters = _depict(job, plan, picture, folder, pulse)
    return Published(
        version=job.version,
        duration_ms=round(picture[0].seconds * 1000),
        stored_bytes=sum(path.stat().st_size for path in _files(folder)),
        renditions=tuple(
            PublishedRendition(v.track.name, v.width, v.height, v.track.average // 1000) for v in variants
        ),
        posters_ms=posters,
    )


def _sounds(plan: Plan, folder: Path, pulse: Pulse) -> Iterator[tuple[PlannedSound, Output]]:
    """Yield the tracks that hold sound: the picture is watchable without those that were only announced."""
    for sound in plan.sounds:
        output = _output(folder, sound.name, pulse)
        if not check.is_silent(output):
            check.check_sound(output)
            yield sound, output


def _output(folder: Path, name: str, pulse: Pulse) -> Output:
    path = folder / name / playlist.PLAYLIST
    listed = playlist.parse_media_playlist(path.read_text() if path.is_file() else "")
    init = _settle(folder / name, listed)
    files = {}
    for segment, _ in listed.segments:
        pulse.beat()
        if (folder / name / segment).is_file():
            files[segment] = _file(folder / name / segment)
    return Output(name, listed, init, files)


def _settle(folder: Path, listed: playlist.MediaPlaylist) -> mp4.Init | None:
    """Return the init segment; move into the first segment what ffmpeg put behind it.

    Where its HLS muxer begins fragments of its own accord (frag_keyframe), it takes all until the end of the first
    segment for the init segment.
    """
    path = folder / listed.init
    data = path.read_bytes() if listed.init and path.is_file() else b""
    try:
        init = mp4.read_init(data)
    except mp4.Broken:
        return None
    if len(data) > init.size and listed.segments:
        first = folder / listed.segments[0][0]
        first.write_bytes(
            mp4.insert_after_type(first.read_bytes() if first.is_file() else b"", data[init.size :])
        )
        path.write_bytes(data[: init.size])
    return init


def _file(path: Path) -> check.File:
    data = path.read_bytes()
    try:
        return check.File(len(data), mp4.fragments(data))
    except mp4.Broken as why:
        return check.File(len(data), why=str(why))


def _decode(outputs: Sequence[Output], folder: Path, pulse: Pulse) -> None:
    """Decode the first key frame and the last fragment of every track.

    CPU: about what two seconds of video take to decode; what is wrong in between, the counts and boxes show.
    """
    picked = check.samples(outputs)
    for sample in picked:
        piece = (sample.segment, sample.fragment.start, sample.fragment.end)
        _join(folder, sample.output, [piece], folder / sample.name)
    check.check_decodes(picked, _run(check.decode_argv(settings.FFMPEG, picked), folder, pulse))
    for sample in picked:
        (folder / sample.name).unlink()


def _list(
    plan: Plan, picture: Sequence[Output], sounds: Sequence[tuple[PlannedSound, Output]], folder: Path
) -> tuple[playlist.Variant, ...]:
    """Write every playlist anew, from what was measured."""
    for output in (*picture, *(output for _, output in sounds)):
        (folder / output.name / playlist.PLAYLIST).write_text(
            playlist.media(output.playlist.init, output.segments)
        )
    for output in picture:
        (folder / output.name / playlist.KEY_FRAMES).write_text(
            playlist.key_frames(output.playlist.init, output.key_pieces)
        )
    variants = tuple(
        playlist.Variant(
            _track(output, output.segments),
            _track(output, output.key_pieces),
            r.width,
            r.height,
            plan.frame_rate,
        )
        for output, r in zip(picture, plan.renditions, strict=True)
    )
    heard = [
        playlist.Sound(_track(output, output.segments), sound.label, sound.language, output.header.channels)
        for sound, output in sounds
    ]
    (folder / playlist.MULTIVARIANT).write_text(playlist.multivariant(variants, heard))
    return variants


def _track(output: Output, pieces: Sequence[playlist.Piece]) -> playlist.Track:
    return playlist.measure(output.name, output.header.codec, pieces)


def _depict(job: Job, plan: Plan, picture: Sequence[Output], folder: Path, pulse: Pulse) -> tuple[int, ...]:
    """Make storyboard and posters from our own renditions, which are upright, square and sure to decode.

    Return the moments of the posters, in milliseconds.
    """
    best, smallest = plan.renditions[0], plan.renditions[-1]
    board = storyboard.plan_storyboard(picture[0].seconds, best.width, best.height)
    whole = [(name, 0, piece.size) for piece in picture[-1].segments for name in [piece.name]]
    _join(folder, picture[-1], whole, folder / "storyboard.part", pulse)
    decoded = picture[-1].frames if depict.is_short(board.seconds) else len(picture[-1].key_frames)
    printed = _run(
        depict.storyboard_argv(
            settings.FFMPEG,
            "storyboard.part",
            board,
            "storyboard-%03d.jpg",
            (smallest.width, smallest.height),
            decoded,
        ),
        folder,
        pulse,
    )
    (folder / "storyboard.part").unlink()
    sheets = len(list(folder.glob("storyboard-*.jpg")))
    (folder / "storyboard.vtt").write_text(storyboard.webvtt(board, sheets))
    chosen = poster.choose(poster.parse_looks(printed), _kept(job))
    if not sheets or not chosen:
        raise check.Unfit("no poster or no storyboard was made")
    _keep_posters(chosen, picture[0], (best.width, best.height), folder, pulse)
    return tuple(round(look.at * 1000) for look in chosen)


def _kept(job: Job) -> float | None:
    return None if job.video.poster_ms is None else job.video.poster_ms / 1000


def _keep_posters(
    chosen: Sequence[poster.Look], output: Output, size: tuple[int, int], folder: Path, pulse: Pulse
) -> None:
    stills = []
    for number, look in enumerate(chosen, start=1):
        frame = output.key_frame_at(look.at)
        still = depict.Still(f"poster-{number}.part", look.at - frame.at, f"poster-{number}.jpg")
        _join(
            folder, output, [(frame.segment, frame.fragment.start, frame.fragment.end)], folder / still.source
        )
        stills.append(still)
    _run(depict.stills_argv(settings.FFMPEG, stills, size), folder, pulse)
    for still in stills:
        (folder / still.source).unlink()
        if not (folder / still.name).is_file():
            raise check.Unfit(f"{still.name} was not made")
    (folder / POSTER).write_bytes((folder / stills[poster.best(chosen)].name).read_bytes())


def _run(command: tuple[str, ...], folder: Path, pulse: Pulse) -> str:
    return process.run(command, folder, silence=settings.SILENCE_SECONDS, on_wait=pulse.beat)


def _join(
    folder: Path,
    output: Output,
    pieces: Sequence[tuple[str, int, int]],
    target: Path,
    pulse: Pulse | None = None,
) -> None:
    """Write a file that plays by itself: the init segment, then the bytes of some segments, from one to another."""
    with target.open("wb") as file:
        file.write((folder / output.name / output.playlist.init).read_bytes())
        for name, start, end in pieces:
            if pulse:
                pulse.beat()
            with (folder / output.name / name).open("rb") as segment:
                segment.seek(start)
                file.write(segment.read(end - start))


def _files(folder: Path) -> list[Path]:
    """Return what belongs to the version, the multivariant playlist last."""
    found = [path for path in folder.rglob("*") if path.suffix in storage.CONTENT_TYPES]
    return sorted(found, key=lambda path: (path.name == playlist.MULTIVARIANT, str(path)))


def store(job: Job, folder: Path, pulse: Pulse) -> None:
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
