"""What is expected of the files in a folder, by its MANIFEST.tsv, and whether that is what came of one."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from streamsite.acceptance.listing import Listing
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
PIXELS = re.compile(r"(\d+)x(\d+)")
TURNED = re.compile(r"-?\d+")
NO_LARGER = "must not be bigger than source"
# Baseline, Main and High, by their numbers (RFC 6381): what is beside them has more bits, or more colour.
EIGHT_BITS = re.compile(r"avc1\.(42|4d|58|64)[0-9a-f]{4}")
NOT_SECONDS = re.compile(r"\bmust not claim (\d+) s")


@dataclass(frozen=True, slots=True)
class Expected:
    """A manifest's words, as they are, and what of them can be checked."""

    words: str = ""
    # How the picture stands once it is turned as its file says, where the manifest tells its size.
    upright: tuple[int, int] | None = None
    # That no rendition may have more bytes than the source.
    is_bound: bool = False

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
        if not report.renditions:
            return ()
        return (*self._of_what_is_shown(report), *self._of_what_is_listed(report), *self._of_bytes(report))

    def _of_what_is_shown(self, report: Report) -> Iterator[str]:
        width, height = report.renditions[0]["width"], report.renditions[0]["height"]
        seconds = report.duration_s or 0.0
        if (size := SIZE.search(self.words)) and (int(size[1]), int(size[2])) != (width, height):
            yield f"expected {size[0]}, and it is {width}x{height}"
        if (shape := SHAPE.search(self.words)) and abs(
            width / height * int(shape[2]) / int(shape[1]) - 1
        ) > 0.02:
            yield f"expected {shape[0]}, and it is {width}x{height}"
        if "upright" in self.words and not size and not _is_shaped(self.upright, width, height):
            yield f"expected upright {_as_text(self.upright)}, and it is {width}x{height}"
        if "portrait" in self.words and width >= height:
            yield f"expected portrait, and it is {width}x{height}"
        if (length := SECONDS.search(self.words)) and abs(seconds - float(length[1])) > float(length[2]):
            yield f"expected {length[0]}, and it is {seconds} s"
        if (claim := NOT_SECONDS.search(self.words)) and seconds > 0.9 * float(claim[1]):
            yield f"it claims {seconds} s, and must not"

    def _of_what_is_listed(self, report: Report) -> Iterator[str]:
        listed = report.listed or Listing((), (), (), ended=False)
        if "stereo" in self.words and set(listed.channels) != {"2"}:
            yield f"expected stereo, and its sounds have {listed.channels} channels"
        if "SDR" in self.words and set(listed.ranges) != {"SDR"}:
            yield f"expected SDR, and its renditions are {listed.ranges}"
        if "8-bit" in self.words and not all(map(EIGHT_BITS.match, listed.codecs or ("nothing",))):
            yield f"expected 8 bits, and its renditions are {listed.codecs}"

    def _of_bytes(self, report: Report) -> Iterator[str]:
        most = max(report.rung_bytes, default=0)
        if self.is_bound and most > report.source_bytes:
            yield f"a rendition of {most} bytes is larger than its source of {report.source_bytes}"


def _is_shaped(upright: tuple[int, int] | None, width: int, height: int) -> bool:
    """True if a picture has the shape that it must have; its size may be one of the ladder's."""
    return upright is not None and abs(width / height * upright[1] / upright[0] - 1) <= 0.02


def _as_text(upright: tuple[int, int] | None) -> str:
    return "{}x{}".format(*upright) if upright else "(the manifest does not say of what size)"


def expectations_in(folder: Path) -> dict[str, Expected]:
    """Return what the folder's manifest expects of each file; columns are found by their names."""
    try:
        text = (folder / MANIFEST).read_text(errors="replace")
    except OSError:
        return {}
    rows = csv.DictReader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)
    columns = [column.lower() for column in rows.fieldnames or [""]]
    rows.fieldnames = columns
    name = next((column for column in columns if column in NAMES), columns[0])
    words = next((column for column in columns if column.startswith("expected")), None)
    if words is None:
        return {}
    # What a row that is cut short does not say is None.
    return {row[name]: _expected(row, row[words].strip()) for row in rows if row[name] and row[words]}


def missing_in(folder: Path) -> Iterator[str]:
    """Yield a sentence for each file that a manifest in the folder, or below it, tells of and that is not there."""
    for manifest in sorted(folder.rglob(MANIFEST)):
        for name in expectations_in(manifest.parent):
            path = manifest.parent / name
            # A row with a star tells of no one file: of names, say, that another one lists.
            if "*" not in name and not path.is_file():
                yield f"{path.relative_to(folder)}: its manifest tells of it, and it is not there."


def _expected(row: Mapping[str, str | None], words: str) -> Expected:
    return Expected(words, _upright(row), any(NO_LARGER in (text or "") for text in row.values()))


def _upright(row: Mapping[str, str | None]) -> tuple[int, int] | None:
    size, turned = PIXELS.search(row.get("wxh") or ""), TURNED.search(row.get("rotation") or "")
    if size is None:
        return None
    width, height = int(size[1]), int(size[2])
    return (height, width) if turned and int(turned[0]) % 180 == 90 else (width, height)
