"""How long it takes from S3's event until somebody watches, and where the time goes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bench.sources import SOURCES, Source, make
from bench.table import Row
from bench.watching import STEPS, Watched, watching

MOST_SECONDS = {True: 2.0, False: 8.0}
MOST_LONGER = 1.0
SHORTEST = 30


def rows(folder: Path) -> list[Row]:
    """From the event to the first segments, of every length and form, for a picture that is kept and for another."""
    found: dict[Source, Watched] = {}
    with watching() as site:
        # The first one finds cold caches in every program.
        site.watch(make(folder, SOURCES[0]), is_whole=True)
        for source in SOURCES:
            clip = make(folder, source)
            found[source] = site.watch(clip, is_whole=source.seconds == SHORTEST)
            clip.unlink()
    return [_row(True, found), _row(False, found), flat(found)]


def _row(is_kept: bool, found: Mapping[Source, Watched]) -> Row:
    mine = {source: watched for source, watched in found.items() if source.is_kept == is_kept}
    picture = "H.264 as it may be kept" if is_kept else "MPEG-4, which is not kept"
    return Row(
        f"event_to_watchable_{'kept' if is_kept else 'other'}_s",
        max(watched.seconds for watched in mine.values()),
        " s",
        f"from the moment at which the object is there, by S3's own clock, until three segments of a rung and of the sound"
        f" were fetched through the edge, with {picture}: the longest of these. Each step is told in seconds after that: the"
        " job is made (hand-over, with all queues before it), a worker has it (claim), its source is there (source), it is"
        " known what it is (probe), ffmpeg begins (encode), the playlist says so (shown). The emulated S3 reads a whole"
        " object for a range of it: how long one range of 64 KiB of the source takes, by the clock, and what the emulated S3"
        " and SQS worked until then, in seconds of processor time, are columns of their own. How long a worker waited for"
        " them by the clock cannot be told apart from outside.",
        MOST_SECONDS[is_kept],
        {"sources": [_line(source, watched) for source, watched in mine.items()]},
    )


def _line(source: Source, watched: Watched) -> dict[str, Any]:
    steps = {step: watched.steps.get(step, "") for step in STEPS[1:]}
    emulator = {"a range of it s": watched.range_seconds, "storage CPU s": watched.storage_cpu}
    return {"clip": source.name, "MB": round(watched.size / 1e6), **steps, **emulator}


def since_claim(watched: Watched) -> float:
    return watched.seconds - watched.steps["claim"]


def flat(found: Mapping[Source, Watched]) -> Row:
    """Return how much longer one waits for the longest source than for the shortest of the same picture and form."""
    more, lines = list[float](), []
    for is_kept in (True, False):
        short, long = (found[Source(length, is_kept)] for length in ("30 s", "60 min"))
        more.append(since_claim(long) - since_claim(short))
        lines.append(
            {
                "picture": "kept" if is_kept else "other",
                "more s": more[-1],
                "before the claim more s": long.steps["claim"] - short.steps["claim"],
                "of a range more s": long.range_seconds - short.range_seconds,
            }
        )
    return Row(
        "event_to_watchable_longer_s",
        max(more),
        " s",
        "how much longer one waits for an hour than for half a minute once a worker has it: a difference and no ratio, for"
        " both are small and what is the same in both says nothing. Before that the emulator joins the parts, writes them"
        " to its disk and tells of them, which takes it longer the more there is: a column of its own. Each range that is"
        " read of the hour costs so much more, too, and is in it.",
        MOST_LONGER,
        {"pictures": lines},
    )
