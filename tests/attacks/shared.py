"""Hostile files that others made, where they are there: a folder with a MANIFEST.tsv that says how each should end."""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from tests.attacks.canary import Canary
from tests.attacks.payloads import READY, Payload, ends
from transcode.core import check, gate, media, patience

LIMITS = gate.Limits()
UNREADABLE = ends(
    gate.TOO_HUNGRY, media.NOT_A_VIDEO, media.NO_PICTURE, check.NOTHING_DECODED, check.CUT_SHORT
)
# The reasons that the manifest names, in our sentences. What cannot be read says so in one of several ways.
REASONS = {
    "unsupported_container": UNREADABLE,
    "unsupported_codec": ends(media.UNKNOWN_CODEC),
    "corrupt": UNREADABLE,
    "no_video": UNREADABLE,
    "too_large": ends(gate.too_large(LIMITS)) | UNREADABLE,
    "too_long": ends(gate.too_long(LIMITS), patience.ENDLESS),
    "too_many_streams": ends(gate.too_many(LIMITS)),
    "bad_fps": ends(gate.too_fast(LIMITS)),
}
ANY = frozenset().union(
    *REASONS.values(), ends(gate.too_stretched(LIMITS), gate.too_narrow(LIMITS), gate.TOO_SMALL)
)
MANIFEST = "MANIFEST.tsv"


def folder() -> Path:
    named = os.environ.get("HOSTILE_MEDIA")
    return Path(named) if named else Path(settings.BASE_DIR).parent / "shared/media/hostile"


def payloads(canary: Canary) -> Iterator[Payload]:
    """Yield each file of the folder, pointed at our canary instead of its maker's; nothing where there is no folder."""
    if not (folder() / MANIFEST).is_file():
        return
    with (folder() / MANIFEST).open() as file:
        expected = {
            row["file"]: row["expected behaviour of our service"]
            for row in csv.DictReader(file, delimiter="\t")
        }
    for path in sorted(folder().iterdir()):
        if path.name in expected:
            yield Payload(path.name, aimed(path.read_bytes(), canary), outcomes(expected[path.name]))


def aimed(data: bytes, canary: Canary) -> bytes:
    """Point a file at our canary, and leave each byte of it where it was."""
    path, host = canary.path.encode(), canary.host.encode()
    result = re.sub(rb"/(?:[\w-]+/)+(?=secret\.)", path, data)
    result = re.sub(rb"127\.0\.0\.1:\d{5}(?=/)", host, result)
    assert len(result) == len(data), "our canary's path or port is longer or shorter than theirs"
    return result


def outcomes(words: str) -> frozenset[str]:
    """Return how a file may end, from words like `published or failed(no_video), RSS < 3 GB`."""
    named = [REASONS[name] for name in re.findall(r"failed\((\w+)\)", words)]
    published = ends(READY) if re.search("published|accepted", words) else frozenset()
    # Captions are no videos: whatever the page for captions does with them, here they are refused.
    return published.union(*named) if named else published | ANY
