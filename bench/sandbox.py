"""What the sandbox costs: the same encode, sandboxed ÷ bare, for one second of a small picture and 30 s of 1080p.

.venv/bin/python -m bench.sandbox
"""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from pathlib import Path
from statistics import median

TIMES = {"1 s of 360p": 9, "30 s of 1080p": 3}
CLIPS = {"1 s of 360p": (1, "640x360"), "30 s of 1080p": (30, "1920x1080")}


def measure() -> dict[str, float]:
    """Return the ratio for each clip (median of pairs that were run by turns), and milliseconds to start a program."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "streamsite.settings")
    import django

    django.setup()
    with tempfile.TemporaryDirectory() as place:
        ratios = {f"sandbox_ratio, {name}": _ratio(Path(place), name) for name in CLIPS}
        return {**ratios, "sandbox_start_ms": _start_ms(Path(place))}


def _ratio(folder: Path, name: str) -> float:
    from django.conf import settings

    seconds, size = CLIPS[name]
    made = (
        "-f",
        "lavfi",
        "-i",
        f"testsrc2=d={seconds}:s={size}:r=25",
        "-c:v",
        "libx264",
        "-preset",
        "ultrafast",
    )
    _bare((settings.FFMPEG, "-v", "error", "-y", *made, "-f", "mp4", "source"), folder)
    encode = (
        settings.FFMPEG,
        "-v",
        "error",
        "-y",
        "-i",
        "file:source",
        "-c:v",
        "libx264",
        "-preset",
        "veryfast",
        "o.mp4",
    )
    pairs = [(_seconds(_boxed, encode, folder), _seconds(_bare, encode, folder)) for _ in range(TIMES[name])]
    return round(median(boxed / bare for boxed, bare in pairs), 3)


def _start_ms(folder: Path) -> float:
    from django.conf import settings

    nothing = (settings.FFPROBE, "-version")
    pairs = [(_seconds(_boxed, nothing, folder), _seconds(_bare, nothing, folder)) for _ in range(15)]
    return round(1000 * median(boxed - bare for boxed, bare in pairs), 1)


def _seconds(run: object, argv: tuple[str, ...], folder: Path) -> float:
    assert callable(run)
    begun = time.monotonic()
    run(argv, folder)
    return time.monotonic() - begun


def _boxed(argv: tuple[str, ...], folder: Path) -> None:
    from transcode import process

    process.run(argv, folder, silence=600)


def _bare(argv: tuple[str, ...], folder: Path) -> None:
    subprocess.run(argv, cwd=folder, env={}, check=True, stdin=subprocess.DEVNULL, capture_output=True)


if __name__ == "__main__":
    for figure, value in measure().items():
        print(f"{figure}: {value}")
