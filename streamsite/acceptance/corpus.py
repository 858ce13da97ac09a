"""The table of `make corpus`: what was expected of each file, and what came of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from streamsite.acceptance.expected import Expected
from streamsite.acceptance.report import Report

WIDTHS = (46, 38, 6, 48)
HEAD = ("file", "expected", "actual", "what viewers get", "why not")


@dataclass(frozen=True, slots=True)
class Row:
    name: str
    expected: Expected
    report: Report

    @property
    def differences(self) -> tuple[str, ...]:
        return tuple(f"{self.name}: {difference}." for difference in self.expected.differences(self.report))

    def as_line(self) -> str:
        cells = (
            self.name,
            self.expected.words or "–",
            self.report.status,
            _what_viewers_get(self.report),
            self.report.reason or "",
        )
        return f"{'≠' if self.differences else ' '} {_line(cells)}"

    def as_json(self) -> str:
        return json.dumps(
            {
                **asdict(self.report),
                "file": self.name,
                "expected": self.expected.words,
                "differences": self.differences,
            }
        )


def head() -> str:
    return "\n".join((f"  {_line(HEAD)}", "  " + "-+-".join("-" * width for width in (*WIDTHS, 8))))


def summary(rows: Sequence[Row], tracebacks: int) -> str:
    ready = len([row for row in rows if row.report.status == "ready"])
    refused = len([row for row in rows if row.report.status == "failed"])
    different = len([row for row in rows if row.differences])
    told = len([row for row in rows if row.expected.ends])
    return (
        f"{len(rows)} files: {ready} published, {refused} refused, {len(rows) - ready - refused} stuck;"
        f" {different} of {told} are not as expected; {tracebacks} tracebacks in the log."
    )


def _line(cells: Sequence[str]) -> str:
    *fixed, last = cells
    return " | ".join(
        [*(_fit(cell, width) for cell, width in zip(fixed, WIDTHS, strict=True)), last]
    ).rstrip()


def _fit(text: str, width: int) -> str:
    return text.ljust(width) if len(text) <= width else f"{text[: width - 1]}…"


def _what_viewers_get(report: Report) -> str:
    if not report.renditions:
        return ""
    best = report.renditions[0]
    sides = " ".join(str(min(one["width"], one["height"])) for one in report.renditions)
    sounds = ", ".join(report.sounds) or "no sound"
    return f"{best['width']}x{best['height']} ({sides}), {report.duration_s:.2f} s, {sounds}"
