"""What a source is, by ffprobe: or why it can never be a video."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from django.conf import settings

from transcode import encoding, process, sandbox
from transcode.core import argv, gate
from transcode.core.media import Media, Refused, parse_probe
from transcode.encoding import Bench

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
    gate.check(media, limits)
    return media
