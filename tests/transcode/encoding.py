"""From a source in a folder to what ffmpeg leaves there, with the commands of the core and nothing else."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

from transcode import keeping, probing, process
from transcode.core import argv, gate, spans
from transcode.core.media import Media
from transcode.core.plan import Plan, plan_encode
from transcode.core.playlist import parse_media_playlist
from transcode.encoding import Bench

LIMITS = gate.Limits()


@dataclass(frozen=True, slots=True)
class Encoded:
    folder: Path
    media: Media
    plan: Plan

    def seconds(self, track: str) -> float:
        return sum(
            s for _, s in parse_media_playlist((self.folder / track / "media.m3u8").read_text()).segments
        )

    def pixel(self, track: str, *, x: float = 0.5, y: float = 0.5, at: float = 0) -> tuple[int, ...]:
        """Return red, green and blue of a spot, by its place in the picture from 0 to 1."""
        spot = f"crop=8:8:iw*{x}:ih*{y},scale=1:1:in_color_matrix=bt709:in_range=limited,format=rgb24"
        options = ("-ss", str(at), "-i", self.whole(track).name, "-frames:v", "1", "-vf", spot)
        run(self.folder, *options, "-f", "rawvideo", "spot")
        return tuple((self.folder / "spot").read_bytes())

    def stream(self, track: str) -> dict[str, Any]:
        command = (settings.FFPROBE, "-v", "error", "-show_streams", "-of", "json", self.whole(track).name)
        found: dict[str, Any] = json.loads(process.run(command, self.folder, silence=60))["streams"][0]
        return found

    def whole(self, track: str) -> Path:
        return whole(self.folder, track)


def whole(folder: Path, track: str) -> Path:
    """Return a file that plays by itself."""
    (first,) = (folder / track).glob("*init.mp4")
    parts = [first, *sorted((folder / track).glob("*.m4s"))]
    path = folder / f"{track}.mp4"
    path.write_bytes(b"".join(part.read_bytes() for part in parts))
    return path


def run(folder: Path, *options: str) -> None:
    process.run((settings.FFMPEG, "-v", "error", "-y", *options), folder, silence=60)


def codecs(source: Path) -> set[str]:
    """Return what the tracks of a file are, as ffprobe names them."""
    options = ("-v", "error", "-show_entries", "stream=codec_name", "-of", "default=nk=1:nw=1", source.name)
    return set(process.run((settings.FFPROBE, *options), source.parent, silence=60).split())


def container(source: Path) -> str:
    """Return the names of the demuxer that reads a file."""
    options = ("-v", "error", "-show_entries", "format=format_name", "-of", "default=nk=1:nw=1", source.name)
    return process.run((settings.FFPROBE, *options), source.parent, silence=60).strip()


def probe(folder: Path) -> Media:
    return probing.probe(Bench(folder, "", (folder / "source").stat().st_size, lambda frames: None))


def encode(source: Path, *, is_kept: bool = False) -> Encoded:
    """Make all of a source; with `is_kept`, copy its picture and what sound may be."""
    folder = source.parent
    source.rename(folder / "source")
    media = probe(folder)
    plan = plan_encode(media)
    if is_kept:
        plan = plan_encode(media, keeps_top=True, kept_sounds=keeping.sounds(media, folder))
    for name in (*(r.name for r in plan.renditions), *(s.name for s in plan.sounds)):
        (folder / name).mkdir()
    process.run(
        argv.encode_argv(settings.FFMPEG, plan, spans.whole(plan)[0], LIMITS, argv.Effort(threads=1)),
        folder,
        silence=60,
    )
    return Encoded(folder, media, plan)


PICTURE = "testsrc2=d=1:s=176x144:r=25"
TONE = "sine=d=1:r=48000"


def clip(folder: Path, name: str, *options: str, picture: str = PICTURE, tone: str = TONE) -> Path:
    """Make a source of a picture and a tone; `options` come after both inputs."""
    run(folder, "-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", tone, *options, name)
    return folder / name
