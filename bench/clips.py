"""What is encoded: real clips where a folder has them, else the demo clip, enlarged and looped."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

from bench import meter

SHORT_SECONDS = 10
LONG_SECONDS = 30
DENSE_SECONDS = 6
UHD_SECONDS = 3


@dataclass(frozen=True, slots=True)
class Clips:
    """`long`, `short` and `second` are 1080p; `film` is from a camera where there is one; `all` are the clips themselves.

    `dense` are as phones and screen recorders make them: in codecs that need half the bytes of H.264.
    """

    long: Path
    short: Path
    second: Path
    hd: Path
    uhd: Path
    film: Path
    all: tuple[Path, ...]
    dense: tuple[Path, ...]


def prepare(source: Path, folder: Path) -> Clips:
    """Return the clips of a folder, cut and enlarged into another."""
    found = sorted(path for path in source.glob("*.mp*") if path.is_file())
    long = next((path for path in found if height_of(path) == 1080), None) or _demo(folder)
    short = _make(folder, "short.mkv", "-i", str(long), *_seconds(SHORT_SECONDS), "-c", "copy")
    return Clips(
        long=long,
        short=short,
        second=_make(folder, "second.mp4", "-i", str(short), *_seconds(1), *_light()),
        hd=_make(folder, "720p.mp4", "-i", str(short), *_seconds(5), "-vf", "scale=1280:720", *_light()),
        uhd=_make(
            folder, "2160p.mp4", "-i", str(short), *_seconds(UHD_SECONDS), "-vf", "scale=3840:2160", *_light()
        ),
        film=next((path for path in found if path.suffix == ".mpg"), short),
        all=tuple(found) or (long,),
        dense=tuple(_dense(long, folder)),
    )


def _demo(folder: Path) -> Path:
    """Make thirty seconds of 1080p from the few of the demo clip."""
    loop = ("-stream_loop", "-1", "-i", str(settings.DEMO_CLIP), *_seconds(LONG_SECONDS))
    return _make(folder, "long.mp4", *loop, "-vf", "scale=1920:1080", *_light())


def _dense(long: Path, folder: Path) -> Iterator[Path]:
    part = ("-i", str(long), *_seconds(DENSE_SECONDS), "-c:a", "aac", "-ac", "2")
    hevc = ("-c:v", "libx265", "-preset", "veryfast", "-crf", "26", "-x265-params", "log-level=none")
    yield _make(folder, "hevc.mp4", *part, *hevc)
    yield _make(folder, "av1.mp4", *part, "-c:v", "libsvtav1", "-preset", "10", "-crf", "40")


def _make(folder: Path, name: str, *options: str) -> Path:
    meter.run(
        (settings.FFMPEG, "-nostdin", "-v", "error", "-y", *options, "-map_metadata", "-1", name), folder
    )
    return folder / name


def _seconds(count: int) -> tuple[str, ...]:
    return ("-t", str(count))


def _light() -> tuple[str, ...]:
    return ("-c:v", "libx264", "-preset", "ultrafast", "-crf", "16", "-c:a", "aac", "-ac", "2")


def height_of(clip: Path) -> int:
    return int(_first_picture(clip).get("height", 0))


def _first_picture(clip: Path) -> dict[str, Any]:
    command = (
        settings.FFPROBE,
        "-v",
        "error",
        "-select_streams",
        "v:0",
        "-show_streams",
        "-of",
        "json",
        str(clip),
    )
    answer = subprocess.run(command, capture_output=True, check=False, stdin=subprocess.DEVNULL)
    streams: list[dict[str, Any]] = json.loads(answer.stdout or b"{}").get("streams", [])
    return streams[0] if streams else {}
