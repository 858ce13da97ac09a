"""Looks at what a site is left with after a fault."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor

from django.conf import settings
from django.db.models import Count as Number
from django.db.models import Q, QuerySet

from bench.faults import count
from bench.faults.place import Place, decodes, eventually, programs_in
from transcode.core.playlist import MULTIVARIANT, PLAYLIST
from transcode.models import Job
from videos import keys, storage
from videos.events import Kind
from videos.models import GrowingPlaylist, Video

TIDY_SECONDS = 60
# A version that is published has the length of its source, but for a frame or two.
LENGTH_MS = 150


def audit(
    place: Place,
    seconds: float,
    *,
    left_running: int = 0,
    notes: tuple[str, ...] = (),
    others: tuple[tuple[str, int, int], ...] = (),
    only: QuerySet[Video] | None = None,
) -> count.Count:
    """Count what is wrong with the videos of a place once all of them are over; `only` are those to look into, if not all."""
    videos = list(Video.objects.order_by("created_at"))
    place.wait_ready(len(videos), seconds)
    eventually(lambda: not Job.objects.filter(tidied=False).exists(), TIDY_SECONDS)
    place.stop_workers()
    lost = [video for video in Video.objects.order_by("created_at") if video.status != Video.Status.READY]
    for video in lost:
        print(f"lost: {state_of(video)}", file=sys.stderr)
    with ThreadPoolExecutor(2) as pool:
        found = list(
            pool.map(
                lambda video: examine(video, place.lengths.get(video.upload.filename)),
                (Video.objects.all() if only is None else only.all())
                .filter(status="ready")
                .select_related("upload"),
            )
        )
    wrong = tuple(line for lines, _ in found for line in lines)
    orphans = tuple(key for _, orphaned in found for key in orphaned)
    return count.Count(
        place.tried,
        place.wanted,
        others=others,
        lost=len(lost),
        doubled=published_twice(),
        left_running=left_running + len(programs_in(settings.VAR_DIR)),
        orphaned=len(orphans),
        broken=sum(bool(lines) for lines, _ in found),
        notes=(
            *notes,
            *wrong[:5],
            *(f"orphaned {key}" for key in orphans[:5]),
            *(state_of(v) for v in lost[:5]),
        ),
    )


def published_twice() -> int:
    published = Number("events", filter=Q(events__kind=Kind.PUBLISHED))
    return Video.objects.annotate(times=published).filter(times__gt=1).count()


def state_of(video: Video) -> str:
    job = Job.objects.filter(video=video).first()
    chunks = ", ".join(f"{c.number} {c.state} {c.attempt}" for c in job.chunks.all()) if job else ""
    said = (
        f"{job.state}, {job.way}, attempt {job.attempt}, {job.failures} failures, {job.deaths} deaths, {job.detail[:300]!r}"
        if job
        else "no job"
    )
    return f"{video.pk} {video.status}: {said}; chunks {chunks or 'none'}"


def examine(video: Video, seconds: int | None) -> tuple[list[str], list[str]]:
    """Return what is wrong with a published version, and which objects are of no version."""
    prefix = keys.version_prefix(video.pk, video.epoch, video.version)
    there = storage.list_media(keys.video_prefix(video.pk))
    names = {key.removeprefix(prefix) for key in there if key.startswith(prefix)}
    texts = playlists_in(prefix, names)
    reached = count.named(texts)
    wrong = [f"{video.pk} names {name}, which is not there" for name in sorted(reached - names)]
    if seconds and abs((video.duration_ms or 0) - seconds * 1000) > LENGTH_MS:
        wrong.append(f"{video.pk} is {video.duration_ms} ms long")
    if not wrong:
        wrong += [f"{video.pk}: {name} does not decode" for name in _broken(prefix, texts)]
    orphans = [key for key in there if key.removeprefix(prefix) not in reached and not _is_ours(key, prefix)]
    return wrong, orphans


def _is_ours(key: str, prefix: str) -> bool:
    return key.startswith(prefix) and count.is_picture(key.removeprefix(prefix))


def playlists_in(prefix: str, names: set[str]) -> dict[str, str]:
    return {name: _read(prefix + name).decode() for name in names if name.endswith((".m3u8", ".vtt"))}


def _read(key: str) -> bytes:
    return b"".join(storage.read_media(key, "").blocks)


def _broken(prefix: str, texts: dict[str, str]) -> list[str]:
    """Decode every track from its first segment to its last."""
    wrong = []
    tracks = [name for name in texts if name.endswith(f"/{PLAYLIST}")]
    for name in tracks:
        path = settings.VAR_DIR / f"{prefix.replace('/', '-')}{name.replace('/', '-')}.mp4"
        pieces = list(dict.fromkeys([*_init(name, texts[name]), *count.names_in(name, texts[name])]))
        path.write_bytes(b"".join(_read(prefix + piece) for piece in pieces))
        if not decodes(path):
            wrong.append(name)
        path.unlink()
    return wrong if tracks else ["nothing"]


def _init(name: str, text: str) -> list[str]:
    return [piece for piece in count.names_in(name, text) if piece.endswith(".mp4")]


def unended(video: Video) -> list[str]:
    """Return the growing playlists of a final video that do not end: whoever began with them would wait for ever."""
    video.refresh_from_db()
    if video.playable != Video.Playable.FINAL:
        return []
    rows = GrowingPlaylist.objects.filter(video=video).exclude(name=MULTIVARIANT)
    return [row.name for row in rows if not row.text.rstrip().endswith("#EXT-X-ENDLIST")]


def dangling(video: Video) -> list[str]:
    """Return what any playlist of a video names and is not there: of every object in S3, and of those that grow."""
    there = storage.list_media(keys.video_prefix(video.pk))
    versions = {"/".join(key.split("/")[:5]) + "/" for key in there}
    wrong = [
        f"{prefix} {name}"
        for prefix in versions
        for names in [{key.removeprefix(prefix) for key in there if key.startswith(prefix)}]
        for name in count.missing(playlists_in(prefix, names), names)
    ]
    video.refresh_from_db()
    if not video.version:
        return wrong
    prefix = keys.version_prefix(video.pk, video.epoch, video.version)
    names = {key.removeprefix(prefix) for key in there if key.startswith(prefix)}
    if video.playable == Video.Playable.FINAL:
        return wrong + [f"{prefix} {name}" for name in count.named(playlists_in(prefix, names)) - names]
    rows = dict(GrowingPlaylist.objects.filter(video=video).values_list("name", "text"))
    return wrong + [f"growing {name}" for name in count.missing(rows, names | rows.keys())]
