"""What is watched by `make bench`: sources of 720p of any length, at most 450 MB an hour, by looping half a minute."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from bench import meter

LENGTHS = {"30 s": 30, "10 min": 600, "60 min": 3600}
# What the container is, and where its index lies.
FORMS = {"": ("mp4", ("-movflags", "+faststart")), "index last": ("mp4", ()), "Matroska": ("mkv", ())}
_FFMPEG = (settings.FFMPEG, "-nostdin", "-v", "error", "-y")
# A whole number of AAC frames and of pictures, so that loops fit.
_LOOP = ("-t", "29.76")


@dataclass(frozen=True, slots=True)
class Source:
    length: str
    is_kept: bool
    form: str = ""

    @property
    def seconds(self) -> int:
        return LENGTHS[self.length]

    @property
    def name(self) -> str:
        return " ".join(filter(None, (self.length, "kept" if self.is_kept else "other", self.form)))


SOURCES = (
    *(Source(length, is_kept) for is_kept in (True, False) for length in LENGTHS),
    Source("10 min", False, "index last"),
    Source("10 min", False, "Matroska"),
)


def make(folder: Path, source: Source) -> Path:
    kind = "kept" if source.is_kept else "other"
    picture, sound = folder / f"watch-{kind}.mp4", folder / "watch-sound.aac"
    if not picture.is_file():
        _picture(picture, source.is_kept)
        _sound(sound)
    suffix, options = FORMS[source.form]
    name = f"watch-{source.name.replace(' ', '-')}.{suffix}"
    loops = max(1, source.seconds // 30)
    # Each by itself: looped together, the longer one would leave a hole in the other. Frames of ADTS need no container.
    (folder / "watch-sound-long.aac").write_bytes(sound.read_bytes() * loops)
    inputs = ("-stream_loop", str(loops - 1), "-i", picture.name, "-i", "watch-sound-long.aac")
    meter.run((*_FFMPEG, *inputs, "-c", "copy", *options, name), folder)
    return folder / name


def _picture(path: Path, is_kept: bool) -> None:
    source = ("-stream_loop", "-1", "-i", str(settings.DEMO_CLIP), "-an", "-vf", "scale=1280:720,fps=25")
    codec = ("-c:v", "libx264", "-preset", "superfast", "-bf", "0") if is_kept else ("-c:v", "mpeg4")
    rate = ("-b:v", "800k", "-maxrate", "1200k", "-bufsize", "1200k", "-g", "50")
    meter.run((*_FFMPEG, *source, *codec, *rate, *_LOOP, path.name), path.parent)


def _sound(path: Path) -> None:
    source = ("-stream_loop", "-1", "-i", str(settings.DEMO_CLIP), "-vn")
    codec = ("-c:a", "aac", "-ar", "48000", "-ac", "2", "-b:a", "96k")
    meter.run((*_FFMPEG, *source, *codec, *_LOOP, path.name), path.parent)
