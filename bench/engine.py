"""What it costs to make a video in chunks, and to keep its top rung, beside one ffmpeg that makes all of it."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings

from bench import meter, ours
from bench.site import Site
from bench.table import Row
from transcode.core import argv, spans
from transcode.core.plan import Plan, plan_encode

PAIRS = 2
CHUNK_SECONDS = 60
CHUNKS = 2
MOST_CHUNKED = 1.10
MOST_KEPT = 0.60


def chunked(folder: Path) -> Row:
    """Two chunks of a minute against one ffmpeg for both minutes, in turns; and both minutes as the engine cuts them."""
    clip, pairs = _long_clip(folder), []
    plan = _plan(clip, folder)
    ways = {"chunks": on_grid(plan), "whole": spans.whole(plan), "engine's spans": spans.on_grid(plan)}
    for _ in range(PAIRS):
        spent = {name: _spent(plan, each, clip, folder).cpu_seconds for name, each in ways.items()}
        facts = {f"{name} CPU s": seconds for name, seconds in spent.items()}
        ratios = {
            "ratio": spent["chunks"] / spent["whole"],
            "engine's ratio": spent["engine's spans"] / spent["whole"],
        }
        pairs.append({**facts, **ratios})
    clip.unlink()
    return Row(
        "chunked_cpu_ratio",
        sum(pair["chunks CPU s"] for pair in pairs) / sum(pair["whole CPU s"] for pair in pairs),
        "x",
        f"CPU of {CHUNKS} chunks of {CHUNK_SECONDS} s of 720p, each by an ffmpeg of its own, by CPU of one ffmpeg for"
        f" all of it; {PAIRS} pairs in turns, all together. The bench cuts these: so long are the engine's own spans"
        " only of videos of sixteen minutes and more, but for the first few. These two minutes it would cut shorter, so that"
        f" every worker has a span and the first is there at once: into {_cut(plan)} s, with a ratio of their own, and no limit.",
        MOST_CHUNKED,
        {"pairs": pairs},
    )


def _cut(plan: Plan) -> str:
    """Return how long the engine's own spans are, in seconds."""
    firsts = [span.first for span in spans.on_grid(plan)]
    ends = [*firsts[1:], plan.frames or firsts[-1]]
    return ", ".join(
        f"{float((end - first) / plan.frame_rate):.0f}" for first, end in zip(firsts, ends, strict=True)
    )


def on_grid(plan: Plan, seconds: int = CHUNK_SECONDS) -> tuple[spans.Span, ...]:
    """Return spans of at least so many seconds, on the grid of whole segments; the last one takes what is left."""
    step = plan.segment_gops * plan.gop
    each = -(-int(seconds * plan.frame_rate) // step) * step
    starts = range(0, max(each, (plan.frames or 0) // each * each), each)
    return tuple(
        spans.Span(number, first, each if first != starts[-1] else None, plan.segment_gops)
        for number, first in enumerate(starts)
    )


def _spent(plan: Plan, each: Sequence[spans.Span], clip: Path, folder: Path) -> meter.Spent:
    total = meter.NOTHING
    for span in each:
        place = folder / "span"
        names = [rung.name for rung in plan.renditions] + [sound.name for sound in plan.sounds]
        for name in names:
            (place / name).mkdir(parents=True)
        (place / "source").symlink_to(clip.resolve())
        total += meter.run(argv.encode_argv(settings.FFMPEG, plan, span, ours.LIMITS, ours.effort()), place)
        shutil.rmtree(place)
    return total


def _plan(clip: Path, folder: Path) -> Plan:
    place = folder / "probe"
    place.mkdir()
    (place / "source").symlink_to(clip.resolve())
    plan = plan_encode(ours.probe(place), settings.LADDER_TOP)
    shutil.rmtree(place)
    return plan


def kept(site: Site, folder: Path) -> Row:
    """The whole way of a video whose picture is kept, against one ffmpeg that makes the whole ladder."""
    clip, pairs = standard(folder), []
    for _ in range(PAIRS):
        bare = ours.encode(clip, place := folder / "bare", ours.effort()).spent
        shutil.rmtree(place)
        one = site.publish(clip)
        pairs.append(
            {
                "bare CPU s": bare.cpu_seconds,
                "kept CPU s": one.cpu_seconds,
                "ratio": one.cpu_seconds / bare.cpu_seconds,
                "stored by sent": one.stored_bytes / one.source_bytes,
            }
        )
    return Row(
        "keep_top_cpu_ratio",
        sum(pair["kept CPU s"] for pair in pairs) / sum(pair["bare CPU s"] for pair in pairs),
        "x",
        "CPU of the worker's whole process tree from the event to the published version, of thirty seconds of 1080p"
        f" whose picture is kept as the top rung, by CPU of one ffmpeg that makes every rung; {PAIRS} pairs in turns.",
        MOST_KEPT,
        {"pairs": pairs},
    )


def standard(folder: Path) -> Path:
    """Make thirty seconds of 1080p as they come from a phone's editor: H.264 with keyframes every two seconds."""
    loop = ("-stream_loop", "-1", "-i", str(settings.DEMO_CLIP), "-t", "30", "-vf", "scale=1920:1080,fps=25")
    picture = ("-c:v", "libx264", "-preset", "veryfast", "-crf", "23", "-maxrate", "5M", "-bufsize", "10M")
    return _made(
        folder, "standard.mp4", *loop, *picture, "-pix_fmt", "yuv420p", "-g", "50", "-c:a", "aac", "-ac", "2"
    )


def _long_clip(folder: Path) -> Path:
    loop = ("-stream_loop", "-1", "-i", str(settings.DEMO_CLIP), "-t", str(CHUNKS * CHUNK_SECONDS))
    picture = ("-vf", "scale=1280:720,fps=25", "-c:v", "libx264", "-preset", "ultrafast", "-crf", "20")
    return _made(folder, "minutes.mp4", *loop, *picture, "-c:a", "aac", "-ac", "2")


def _made(folder: Path, name: str, *options: Any) -> Path:
    meter.run(
        (settings.FFMPEG, "-nostdin", "-v", "error", "-y", *options, "-map_metadata", "-1", name), folder
    )
    return folder / name
