"""A source's own picture, looked at in its file: what ffprobe does not tell."""

from __future__ import annotations

from pathlib import Path

from transcode.core import keep, moov, mp4, samples
from transcode.core.check import Output
from transcode.core.media import Media, Sound
from transcode.core.plan import MOST_SOUNDS
from transcode.encoding import Bench

# Tables for half a day of video take less.
MOST_BYTES = 64 * 1024**2
# What there may be before a picture: parameter sets and messages.
MOST_HEAD_BYTES = 256 * 1024
# How iTunes says, beside or instead of an edit list, what is padding; copied, that would be heard.
GAPLESS = b"iTunSMPB"


def why_not(media: Media, folder: Path, top: int) -> str:
    """Return why the picture of the source in a folder cannot be kept, empty where it can."""
    if not media.is_mp4:
        return "its container does not say what an edit list would"
    try:
        box = _movie_box(folder / "source")
        return keep.why_not(media, moov.track(box, media.track_id), top) or _why_not_cut(media, box, folder)
    except mp4.Broken as why:
        return str(why)


def _why_not_cut(media: Media, box: bytes, folder: Path) -> str:
    """Return why it cannot be cut at its key frames, as far as its tables and the first of them tell."""
    table = samples.Table(box, moov.sample_table(box, media.track_id))
    key_frames, length_bytes = table.key_frames(), table.nal_length_bytes()
    with (folder / "source").open("rb") as file:
        for frame in keep.sampled(key_frames, media.frame_rate):
            place = table.place(frame)
            file.seek(place.start)
            if mp4.IDR not in mp4.nal_types(file.read(min(place.size, MOST_HEAD_BYTES)), length_bytes):
                return f"frame {frame} needs others before it"
    return keep.why_not_cut(samples.most_apart(key_frames, table.count()), media.frame_rate)


def sounds(media: Media, folder: Path) -> frozenset[int]:
    """Return the streams whose sound need not be encoded, of the source in a folder whose picture is kept."""
    box = _movie_box(folder / "source")
    if GAPLESS in box:
        return frozenset()
    return frozenset(sound.index for sound in media.sounds[:MOST_SOUNDS] if _may_keep(sound, box))


def _may_keep(sound: Sound, box: bytes) -> bool:
    try:
        return keep.may_keep_sound(sound, moov.track(box, sound.track_id))
    except mp4.Broken:
        return False


def _movie_box(path: Path) -> bytes:
    """Return the content of the file's moov; raise Broken if it has none, or one too large to look at."""
    end = path.stat().st_size
    with path.open("rb") as file:
        at = 0
        while at < end:
            file.seek(at)
            head = file.read(16)
            size, header = int.from_bytes(head[:4]), 8
            if size == 1:
                size, header = int.from_bytes(head[8:16]), 16
            size = size or end - at
            if size < header or at + size > end:
                break
            if head[4:8] == b"moov" and size <= MOST_BYTES:
                file.seek(at + header)
                return file.read(size - header)
            at += size
    raise mp4.Broken("no movie box that can be read")


def check_key_frames(kept: Output, bench: Bench) -> None:
    """Raise NotKept unless every segment begins with a picture that nothing before it is needed for (IDR)."""
    for name, _ in kept.playlist.segments:
        first = kept.files[name].fragments[0]
        with (bench.folder / kept.name / name).open("rb") as file:
            file.seek(first.start)
            if mp4.IDR not in mp4.nal_types(mp4.first_sample(file.read(first.key_bytes))):
                raise keep.NotKept(f"{name} does not begin with an IDR picture")
