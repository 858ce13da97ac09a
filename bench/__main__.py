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

from bench import clips, engine, scale, table, watch
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
    # All of it, or some kinds of rows for a look; those are printed and not kept.
    only = os.environ.get("ONLY", "")
    begun, load = time.monotonic(), os.getloadavg()
    with tempfile.TemporaryDirectory(prefix="streamsite-bench-") as name:
        rows = _measure(clips.prepare(source, Path(name)), Path(name), only)
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
    if not only:
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text(json.dumps(table.as_json(rows, about), indent=1) + "\n")
    return int(not all(row.holds for row in rows))


def _measure(made: clips.Clips, folder: Path, only: str) -> list[table.Row]:
    bench = Bench.of(made, folder)

    def pipeline() -> list[table.Row]:
        # Beside one ffmpeg that makes every rung, it makes every rung.
        with site(KEEP_TOP="0") as running:
            return bench.pipeline(running)

    def stored() -> list[table.Row]:
        with site() as running:
            return bench.stored(running)

    def kept() -> list[table.Row]:
        with site() as running:
            return [engine.kept(running, folder)]

    ways: dict[str, Callable[[], list[table.Row]]] = {
        "per_rung": bench.per_rung,
        "pipeline": pipeline,
        "stored": stored,
        "sandbox": bench.sandbox,
        "memory": bench.memory,
        "presets": bench.presets,
        "kept": kept,
        "chunked": lambda: [engine.chunked(folder)],
        "watch": lambda: watch.rows(folder),
        "workers": lambda: scale.measure("pinned"),
        "pieces": lambda: scale.measure("pieces"),
    }
    chosen = [name for name in ways if not only or name in only.split(",")]
    return [row for name in chosen for row in _told(name, ways[name])]


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
