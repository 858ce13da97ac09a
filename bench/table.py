"""The rows of `make bench`, as a table for people and as JSON; nothing is measured here."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

WIDTH = 110


@dataclass(frozen=True, slots=True)
class Row:
    """One figure. `most` and `least` are what it may be, None where it is only told; `details` is what it was made of."""

    name: str
    value: float
    unit: str
    explanation: str
    most: float | None = None
    details: Mapping[str, Any] = field(default_factory=dict)
    least: float | None = None

    @property
    def holds(self) -> bool:
        return (self.most is None or self.value <= self.most) and (
            self.least is None or self.value >= self.least
        )

    @property
    def limit(self) -> str:
        limits = {"≤": self.most, "≥": self.least}
        return " ".join(f"{sign} {limit:g}" for sign, limit in limits.items() if limit is not None)

    @property
    def verdict(self) -> str:
        if self.holds:
            return ""
        return "too much" if self.most is not None and self.value > self.most else "too little"


def text(rows: Sequence[Row], heading: str) -> str:
    """Return the table, and below it what each row says and how it was measured."""
    longest = max(len(row.name) for row in rows)
    lines = [
        *textwrap.wrap(heading, WIDTH),
        "",
        f"{'row'.ljust(longest)}  {'value':>10}  {'limit':>8}",
        "-" * (longest + 22),
    ]
    for row in rows:
        lines.append(f"{row.name.ljust(longest)}  {_figure(row):>10}  {row.limit:>8}  {row.verdict}".rstrip())
    return "\n".join([*lines, *(part for row in rows for part in ("", *_explained(row)))])


def _figure(row: Row) -> str:
    return f"{row.value:.2f}{row.unit}" if row.value < 100 else f"{row.value:.0f}{row.unit}"


def _explained(row: Row) -> list[str]:
    lines = textwrap.wrap(f"{row.name}: {row.explanation}", WIDTH, subsequent_indent="  ")
    tables = [lines for lines in map(_grid, row.details.values()) if lines]
    return [*lines, *(f"    {line}" for table in tables for line in table)]


def _grid(found: Any) -> list[str]:
    """Return the lines of a list of records with the same keys; nothing of anything else."""
    if not isinstance(found, list) or not found or not all(isinstance(one, dict) for one in found):
        return []
    cells = [list(found[0]), *([_cell(value) for value in one.values()] for one in found)]
    widths = [max(len(row[place]) for row in cells) for place in range(len(cells[0]))]
    return ["  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in cells]


def _cell(value: Any) -> str:
    return f"{value:.2f}" if isinstance(value, float) else str(value)


def as_json(rows: Sequence[Row], about: Mapping[str, Any]) -> dict[str, Any]:
    """Return what bench/results/latest.json holds: by name, so that two runs can be compared."""
    return {**about, "rows": {row.name: {**_facts(row), "holds": row.holds} for row in rows}}


def _facts(row: Row) -> dict[str, Any]:
    return {key: value for key, value in asdict(row).items() if key != "name"}
