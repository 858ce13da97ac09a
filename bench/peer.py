"""MediaCMS's way, for comparison: one process a rung, with the parameters of its encoding profiles (H.264, 7.x).

Each decodes the whole source again and carries the sound once more. Its 144p rung is left out, and so is what it does
afterwards: cutting each file into HLS, a second copy of it, and pictures that decode everything twice more.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from django.conf import settings

from bench import meter

# Kilobits a second for up to 30 frames a second, and above.
KBPS = {240: (300, 300), 360: (500, 500), 480: (1000, 1000), 720: (2500, 3500), 1080: (4500, 7500)}


@dataclass(frozen=True, slots=True)
class Peer:
    files: dict[int, Path]
    spent: meter.Spent

    @property
    def stored_bytes(self) -> int:
        return sum(path.stat().st_size for path in self.files.values())


def encode(clip: Path, folder: Path, frame_rate: Fraction, sides: list[int]) -> Peer:
    folder.mkdir()
    files, spent = {}, meter.NOTHING
    for side in sides:
        files[side] = folder / f"{side}.mp4"
        spent += meter.run(_command(clip, side, frame_rate, files[side].name), folder)
    return Peer(files, spent)


def _command(clip: Path, side: int, frame_rate: Fraction, name: str) -> tuple[str, ...]:
    width, rate, limit = (
        round(side * 16 / 9),
        f"{float(frame_rate):g}",
        f"{int(1.5 * KBPS[side][frame_rate > 30])}k",
    )
    size = (
        rf"scale=if(lt(iw\,ih)\,{side}\,{width}):if(lt(iw\,ih)\,{width}\,{side})"
        ":force_original_aspect_ratio=decrease:force_divisible_by=2:flags=lanczos"
    )
    return (
        settings.FFMPEG, "-nostdin", "-v", "error", "-y",
        "-i", str(clip.resolve()),
        "-c:v", "libx264", "-filter:v", f"{size},fps=fps={rate}", "-pix_fmt", "yuv420p", "-crf", "23",
        "-c:a", "aac", "-b:a", "128k", "-ac", "2",
        "-maxrate", limit, "-bufsize", limit,
        "-force_key_frames", "expr:gte(t,n_forced*4)",
        "-x264-params", f"keyint={round(8 * frame_rate)}:keyint_min={round(4 * frame_rate)}",
        "-preset", "medium", "-profile:v", "main", "-level", "4.2", "-strict", "-2",
        name,
    )  # fmt: skip
