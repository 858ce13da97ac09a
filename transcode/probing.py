"""What a source is, by ffprobe: or why it can never be a video."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from django.conf import settings

from transcode import encoding, process, sandbox
from transcode.core import argv, gate, measure
from transcode.core.media import Media, Refused, parse_probe
from transcode.encoding import Bench

logger = logging.getLogger(__name__)
PROBE_SECONDS = 60
PROBE_BOXES = (replace(sandbox.SMALL, memory_bytes=sandbox.SMALL.memory_bytes // 2), sandbox.SMALL)
# Its own status for a file. Others are from whoever starts it, like 127 of the loader that misses a library.
FFPROBE_GAVE_UP = 1


def probe(bench: Bench, boxes: Sequence[sandbox.Box] = PROBE_BOXES) -> Media:
    """Describe the source. Raise Refused where ffprobe in the largest of these boxes gives a reason to.

    Short of memory it does not always say so: it calls the file broken, or leaves out what it could not find.
    """
    *smaller, largest = boxes
    for box in smaller:
        with suppress(Refused):
            return _probe(bench, box)
    return _probe(bench, largest)


def _probe(bench: Bench, box: sandbox.Box) -> Media:
    limits = encoding.limits()
    command = argv.probe_argv(settings.FFPROBE, limits)
    try:
        printed = process.run(
            command, bench.folder, silence=PROBE_SECONDS, box=box, on_wait=lambda: bench.beat(0)
        )
    except process.CommandFailed as error:
        if error.status != FFPROBE_GAVE_UP:
            raise
        raise gate.refusal_of(error.stderr, limits) from error
    media = parse_probe(json.loads(printed))
    if measure.is_needed(media):
        media = _measure(media, bench, box)
    gate.check(media, limits)
    return media


def _measure(media: Media, bench: Bench, box: sandbox.Box) -> Media:
    """Walk through the packets of the beginning; of all, where the length that the file claims would have it refused."""
    limits = encoding.limits()
    most = None if measure.is_beyond(media, limits) else measure.SECONDS
    tally, is_over = _walk(bench, replace(box, cpu_seconds=PROBE_SECONDS), most)
    is_whole = is_over and (most is None or tally.seconds < most)
    return measure.measured(media, tally, bench.source_bytes, limits, is_whole=is_whole)


def _walk(bench: Bench, box: sandbox.Box, seconds: int | None) -> tuple[measure.Tally, bool]:
    """Return what was heard of, and whether that is all that was asked for."""
    tally = measure.Tally()
    try:
        process.run(
            argv.walk_argv(settings.FFPROBE, encoding.limits(), seconds),
            bench.folder,
            silence=PROBE_SECONDS,
            box=box,
            on_line=tally.hear,
            on_wait=lambda: bench.beat(0),
        )
    except process.CommandFailed as error:
        logger.info("not all packets were counted: %s", error)
        return tally, False
    return tally, True
