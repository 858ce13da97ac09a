"""How much a rendition looks like its source: VMAF 0.6.1, from 0 to 100; six points are what people just notice."""

from __future__ import annotations

import json
from pathlib import Path

from django.conf import settings

from bench import meter
from transcode.core import filters
from transcode.core.colour import BT709
from transcode.core.plan import Plan

# Every third frame: the mean moves by less than a tenth.
EVERY = 3


def score(rendition: Path, source: Path, size: tuple[int, int], plan: Plan, folder: Path) -> float:
    """Return the mean of a rendition, enlarged to `size` as a player would, against its source at that size."""
    rate = plan.frame_rate
    # By number, not by time: containers round times, and pictures that are off by one would be compared.
    same = (
        f"setpts=N/({rate})/TB,scale={size[0]}:{size[1]}:flags=bicubic:out_color_matrix=bt709,format=yuv420p"
    )
    # What has no tags would be converted from a guess, though it holds the same numbers as what has them.
    graph = (
        f"[0:v]{filters.tags(BT709)},{same},{filters.tags(BT709)}[seen];"
        f"[1:v]fps={rate}:start_time=0,{filters.tags(plan.picture.colour)},{same},{filters.tags(BT709)}[meant];"
        f"[seen][meant]libvmaf=n_threads=2:n_subsample={EVERY}:log_fmt=json:log_path=vmaf.json:shortest=1"
    )
    inputs = ("-i", str(rendition.resolve()), "-i", str(source.resolve()))
    command = (settings.FFMPEG, "-nostdin", "-v", "error", "-y", *inputs, "-lavfi", graph, "-f", "null", "-")
    meter.run(command, folder)
    found: float = json.loads((folder / "vmaf.json").read_text())["pooled_metrics"]["vmaf"]["mean"]
    return round(found, 2)
