"""Files that people bring: a clip made by our own ffmpeg, and what only looks like one."""

from __future__ import annotations

import random
import subprocess
from pathlib import Path

from django.conf import settings

SECONDS = 8


def make_clip(path: Path) -> Path:
    """Make a moving picture with a tone; 480 lines, so that it becomes three renditions."""
    argv = (
        *(settings.FFMPEG, "-hide_banner", "-loglevel", "error"),
        *("-f", "lavfi", "-i", f"testsrc2=size=854x480:rate=25:duration={SECONDS}"),
        *("-f", "lavfi", "-i", f"sine=frequency=440:duration={SECONDS}"),
        *("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac", str(path)),
    )
    subprocess.run(argv, check=True, timeout=60, stdin=subprocess.DEVNULL)
    return path


def make_noise(path: Path, size: int) -> Path:
    path.write_bytes(random.Random(1).randbytes(size))
    return path
