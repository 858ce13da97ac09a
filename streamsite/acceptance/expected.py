"""What is expected of the files in a folder, by its MANIFEST.tsv, and whether that is what came of one."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from streamsite.acceptance.report import Report

MANIFEST = "MANIFEST.tsv"
NAMES = ("file", "filename", "name", "path")
READY = re.compile(r"\b(playable|published|accepted)\b", re.IGNORECASE)
FAILED = re.compile(r"\b(failed|refused|rejected|reject|rejection)\b", re.IGNORECASE)
# What is said of captions and of texts for pages, which are not uploaded as videos.
NOT_AS_VIDEO = re.compile(r"\bcaption\b|\b400\b", re.IGNORECASE)
SIZE = re.compile(r"\b(\d+)x(\d+)\b")
SHAPE = re.compile(r"\b(\d+):(\d+) display\b")
SECONDS = re.compile(r"\bduration (\d+(?:\.\d+)?) s ±(\d+(?:\.\d+)?)")
NOT_SECONDS = re.compile(r"\bmust not claim (\d+) s")


@dataclass(frozen=True, slots=True)
class Expected:
    """A manifest's words, as they are, and what of them can be checked."""

    words: str = ""

    @property
    def ends(self) -> frozenset[str]:
        """The ends that are right; empty where nothing is said of one."""
        if NOT_AS_VIDEO.search(self.words):
            return frozenset()
        found = {"ready": READY, "failed": FAILED}
        return frozenset(end for end, pattern in found.items() if pattern.search(self.words))

    def differences(self, report: Report) -> tuple[str, ...]:
        """Return a sentence for each thing that is not as expected."""
        if self.ends and report.status not in self.ends:
            return (f"expected {self.words!r}, and it is {report.status}",)
        return tuple(self._of_what_is_shown(report)) if report.renditions else ()

    def _of_what_is_shown(self, report: Report) -> Iterator[str]:
        width, height = report.renditions[0]["width"], report.renditions[0]["height"]
        seconds = report.duration_s or 0.0
        if (size := SIZE.search(self.words)) and (int(size[1]), int(size[2])) != (width, height):
            yield f"expected {size[0]}, and it is {width}x{height}"
        if (shape := SHAPE.search(self.words)) and abs(
            width / height * int(shape[2]) / int(shape[1]) - 1
        ) > 0.02:
            yield f"expected {shape[0]}, and it is {width}x{height}"
        if "portrait" in self.words and width >= height:
            yield f"expected portrait, and it is {width}x{height}"
        if (length := SECONDS.search(self.words)) and abs(seconds - float(length[1])) > float(length[2]):
            yield f"expected {length[0]}, and it is {seconds} s"
        if (claim := NOT_SECONDS.search(self.words)) and seconds > 0.9 * float(claim[1]):
            yield f"it claims {seconds} s, and must not"


def expectations_in(folder: Path) -> dict[str, Expected]:
    """Return what the folder's manifest expects of each file; columns are found by their names."""
    try:
        text = (folder / MANIFEST).read_text(errors="replace")
    except OSError:
        return {}
    head, *rows = csv.reader(text.splitlines() or [""], delimiter="\t", quoting=csv.QUOTE_NONE)
    name = next((place for place, column in enumerate(head) if column.lower() in NAMES), 0)
    words = next((place for place, column in enumerate(head) if column.lower().startswith("expected")), None)
    if words is None:
        return {}
    return {row[name]: Expected(row[words].strip()) for row in rows if len(row) > max(name, words)}
