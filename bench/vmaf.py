"""How much a rendition looks like its source: VMAF 0.6.1, from 0 to 100; six points are what people just notice."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

from django.conf import settings

from bench import meter

# Every third frame: the mean moves by less than a tenth.
EVERY = 3


def score(rendition: Path, source: Path, size: tuple[int, int], frame_rate: Fraction, folder: Path) -> float:
    """Return the mean of a rendition, enlarged to `size` as a player would, against its source at that size."""
    # By number, not by time: containers round times, and pictures that are off by one would be compared.
    same = (
        f"fps={frame_rate},setpts=N/({frame_rate})/TB,scale={size[0]}:{size[1]}:flags=bicubic,format=yuv420p"
    )
    graph = (
        f"[0:v]{same.removeprefix(f'fps={frame_rate},')}[seen];[1:v]{same}[meant];"
        f"[seen][meant]libvmaf=n_threads=2:n_subsample={EVERY}:log_fmt=json:log_path=vmaf.json:shortest=1"
    )
    inputs = ("-i", str(rendition.resolve()), "-i", str(source.resolve()))
    command = (settings.FFMPEG, "-nostdin", "-v", "error", "-y", *inputs, "-lavfi", graph, "-f", "null", "-")
    meter.run(command, folder)
    found: float = json.loads((folder / "vmaf.json").read_text())["pooled_metrics"]["vmaf"]["mean"]
    return round(found, 2)
