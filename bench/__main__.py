"""`make bench`: measure, print the table, write bench/results/latest.json."""

from __future__ import annotations

import json
import os
import platform
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings

from bench import clips, table
from bench.rows import Bench
from bench.site import site

RESULTS = Path(__file__).parent / "results" / "latest.json"
HERE = settings.BASE_DIR.parent / "shared" / "media" / "bench"


def main() -> int:
    # As on Ctrl-C, so that nothing is left behind.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    source = Path(os.environ.get("BENCH_DIR") or HERE)
    if os.environ.get("BENCH_DIR") and not source.is_dir():
        print(f"There is no folder {str(source)!r}.", file=sys.stderr)
        return 2
    begun, load = time.monotonic(), os.getloadavg()
    with tempfile.TemporaryDirectory(prefix="streamsite-bench-") as name:
        rows = _measure(clips.prepare(source, Path(name)), Path(name))
    about = {
        "measured_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "cores": os.cpu_count(),
        "machine": platform.platform(),
        "load_before_and_after": [round(load[0], 1), round(os.getloadavg()[0], 1)],
        "ffmpeg": Path(settings.FFMPEG).name,
        "clips": source.name if source.is_dir() else "the demo clip, enlarged and looped",
        "seconds": round(time.monotonic() - begun),
    }
    print(table.text(rows, _heading(about)))
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(table.as_json(rows, about), indent=1) + "\n")
    return int(not all(row.holds for row in rows))


def _measure(made: clips.Clips, folder: Path) -> list[table.Row]:
    bench = Bench.of(made, folder)
    with site() as running:
        rows = _told("the pipeline", lambda: bench.pipeline(running))
    rows = [*_told("one process a rung", bench.per_rung), *rows]
    return [
        *rows,
        *_told("the sandbox", bench.sandbox),
        *_told("memory", bench.memory),
        *_told("presets", bench.presets),
    ]


def _told(what: str, measure: Callable[[], list[table.Row]]) -> list[table.Row]:
    print(f"measuring {what} …", file=sys.stderr)
    rows = measure()
    for row in rows:
        print(f"  {row.name} {row.value:.2f}{row.unit}", file=sys.stderr)
    return rows


def _heading(about: dict[str, Any]) -> str:
    return (
        f"streamsite bench, {about['clips']}, {about['cores']} cores, load {about['load_before_and_after'][0]} before"
        f" and {about['load_before_and_after'][1]} after, {about['seconds']} s. CPU is user and system time by the"
        " kernel's accounting."
    )


try:
    sys.exit(main())
except KeyboardInterrupt:
    sys.exit("Stopped.")
