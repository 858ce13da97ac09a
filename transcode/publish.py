"""From the spans of a video to a version that may be published: check, list, depict, describe, store."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from django.conf import settings

from transcode import encoding, growing
from transcode.core import check, depict, playlist, poster, storyboard
from transcode.core.check import Output
from transcode.core.plan import Plan, PlannedSound
from transcode.encoding import Bench
from transcode.models import Job
from videos import storage
from videos.models import Published, PublishedRendition

POSTER = "poster.jpg"


def finish(job: Job, plan: Plan, tracks: Mapping[str, Output], frames: int, bench: Bench) -> Published:
    """Check what there is of every track, write playlists and pictures beside it, and describe the version.

    Raise Refused if the source ended before its time, Unfit if what is there is not what was decoded.
    """
    seconds = check.check_decoded(frames, plan.frame_rate, plan.picture_seconds)
    picture = tuple(tracks[rendition.name] for rendition in plan.renditions)
    check.check_picture(picture, frames, seconds)
    sounds = tuple(_sounds(plan, tracks))
    if plan.picture_seconds is None:
        # Sound may go on after the last picture.
        check.check_end(max(seconds, *(output.seconds for _, output in sounds), 0.0), plan.seconds)
    variants = _list(plan, picture, sounds, bench.folder)
    posters = _depict(job, plan, picture, bench)
    return Published(
        version=job.version,
        duration_ms=round(picture[0].seconds * 1000),
        stored_bytes=_bytes([*picture, *(output for _, output in sounds)], bench.folder),
        renditions=tuple(
            PublishedRendition(v.track.name, v.width, v.height, v.track.average // 1000) for v in variants
        ),
        posters_ms=posters,
    )


def _sounds(plan: Plan, tracks: Mapping[str, Output]) -> Iterator[tuple[PlannedSound, Output]]:
    """Yield the tracks that hold sound: the picture is watchable without those that were only announced."""
    for sound in plan.sounds:
        output = tracks[sound.name]
        if not check.is_silent(output):
            check.check_sound(output)
            yield sound, output


def _bytes(tracks: Sequence[Output], folder: Path) -> int:
    """Return the bytes of all that is stored of a version."""
    inits = sum(output.header.size for output in tracks)
    segments = sum(file.size for output in tracks for file in output.files.values())
    return inits + segments + sum(path.stat().st_size for path in _files(folder))


def _list(
    plan: Plan, picture: Sequence[Output], sounds: Sequence[tuple[PlannedSound, Output]], folder: Path
) -> tuple[playlist.Variant, ...]:
    """Write every playlist anew, from what was measured."""
    for output in (*picture, *(output for _, output in sounds)):
        (folder / output.name).mkdir(exist_ok=True)
        (folder / output.name / playlist.PLAYLIST).write_text(
            playlist.media(output.playlist.init, output.segments)
        )
    for output in picture:
        (folder / output.name / playlist.KEY_FRAMES).write_text(
            playlist.key_frames(output.playlist.init, output.skimmed)
        )
    variants = tuple(
        playlist.Variant(
            _track(output, output.segments),
            _track(output, output.skimmed),
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


def _depict(job: Job, plan: Plan, picture: Sequence[Output], bench: Bench) -> tuple[int, ...]:
    """Make storyboard and posters from our own renditions, which are upright, square and sure to decode.

    Return the moments of the posters, in milliseconds.
    """
    folder = bench.folder
    best, smallest = plan.renditions[0], plan.renditions[-1]
    board = storyboard.plan_storyboard(picture[0].seconds, best.width, best.height)
    whole = [(name, 0, piece.size) for piece in picture[-1].segments for name in [piece.name]]
    _collect(job, bench, picture[-1], {name for name, _, _ in whole})
    encoding.join(bench, picture[-1], whole, folder / "storyboard.part")
    decoded = picture[-1].frames if depict.is_short(board.seconds) else len(picture[-1].key_frames)
    printed = bench.run(
        depict.storyboard_argv(
            settings.FFMPEG,
            "storyboard.part",
            board,
            "storyboard-%03d.jpg",
            (smallest.width, smallest.height),
            decoded,
        )
    )
    (folder / "storyboard.part").unlink()
    sheets = len(list(folder.glob("storyboard-*.jpg")))
    (folder / "storyboard.vtt").write_text(storyboard.webvtt(board, sheets))
    chosen = poster.choose(poster.parse_looks(printed), _kept(job))
    if not sheets or not chosen:
        raise check.Unfit("no poster or no storyboard was made")
    _keep_posters(job, chosen, picture[0], (best.width, best.height), bench)
    return tuple(round(look.at * 1000) for look in chosen)


def _kept(job: Job) -> float | None:
    return None if job.video.poster_ms is None else job.video.poster_ms / 1000


def _keep_posters(
    job: Job, chosen: Sequence[poster.Look], output: Output, size: tuple[int, int], bench: Bench
) -> None:
    stills, folder = [], bench.folder
    for number, look in enumerate(chosen, start=1):
        frame = output.key_frame_at(look.at)
        still = depict.Still(f"poster-{number}.part", look.at - frame.at, f"poster-{number}.jpg")
        _collect(job, bench, output, {frame.segment})
        piece = (frame.segment, frame.fragment.start, frame.fragment.end)
        encoding.join(bench, output, [piece], folder / still.source)
        stills.append(still)
    bench.run(depict.stills_argv(settings.FFMPEG, stills, size))
    for still in stills:
        (folder / still.source).unlink()
        if not (folder / still.name).is_file():
            raise check.Unfit(f"{still.name} was not made")
    (folder / POSTER).write_bytes((folder / stills[poster.best(chosen)].name).read_bytes())


def _collect(job: Job, bench: Bench, output: Output, names: set[str]) -> None:
    """Have these segments of a track in the folder; most were made elsewhere, or by an attempt before this one."""
    folder = bench.folder / output.name
    folder.mkdir(exist_ok=True)
    missing = [name for name in (output.playlist.init, *sorted(names)) if not (folder / name).is_file()]
    growing.get([(f"{job.prefix}{output.name}/{name}", folder / name) for name in missing], bench)


def _files(folder: Path) -> list[Path]:
    """Return what is stored last of a version, its multivariant playlist at the end."""
    found = [path for path in folder.rglob("*") if path.suffix in (".m3u8", ".vtt", ".jpg")]
    return sorted(found, key=lambda path: (path.name == playlist.MULTIVARIANT, str(path)))


def store(job: Job, bench: Bench) -> None:
    """Put playlists and pictures beside the segments, the multivariant playlist last."""
    *files, last = [
        (job.prefix + path.relative_to(bench.folder).as_posix(), path) for path in _files(bench.folder)
    ]
    growing.put(files, lambda done: bench.beat(0))
    storage.store(*last)


def remove_unnamed(prefix: str) -> int:
    """Remove what attempts left in a published version that no playlist of it names; return how many objects went."""
    keys = storage.list_media(prefix)
    if prefix + playlist.MULTIVARIANT not in keys:
        # Not what was published, so nothing here says what belongs to it.
        return 0
    doomed = [
        key
        for folder, found in _by_folder(keys).items()
        for key in found - _named(folder, found)
        if key.endswith((".m4s", ".mp4"))
    ]
    storage.delete_keys(doomed)
    return len(doomed)


def _by_folder(keys: Sequence[str]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for key in keys:
        found.setdefault(key.rpartition("/")[0], set()).add(key)
    return found


def _named(folder: str, keys: set[str]) -> set[str]:
    """Return the keys that a track's playlist names; none where there is no playlist: a sound that was left out."""
    path = f"{folder}/{playlist.PLAYLIST}"
    if path not in keys:
        return set()
    listed = playlist.parse_media_playlist(b"".join(storage.read_media(path, "").blocks).decode())
    return {f"{folder}/{name}" for name in (listed.init, *(name for name, _ in listed.segments))}
