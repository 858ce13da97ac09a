"""`make faults`: cause each fault, print the table, write bench/results/faults.json."""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from django.conf import settings

from bench.faults.count import Count, as_json, table
from streamsite.acceptance.stack import environment
from streamsite.supervisor import free_ports
from tests.mariadb import Server, private_server

RESULTS = Path(__file__).parents[1] / "results" / "faults.json"
SEED = 6
LAST_LINES = 60


@dataclass(frozen=True, slots=True)
class Fault:
    """How often it is tried, how many minutes it may take whatever the others took, and the settings of its site."""

    tries: int
    minutes: float
    settings: dict[str, str] = field(default_factory=dict)
    is_on_mariadb: bool = False


QUICK = {"LEASE_SECONDS": "3", "SWEEP_SECONDS": "1", "VISIBILITY_SECONDS": "5"}
# What matters most comes first.
FAULTS = {
    "worker_sigkill": Fault(100, 11, {"LEASE_SECONDS": "5", "SWEEP_SECONDS": "2", "VISIBILITY_SECONDS": "5"}),
    "lease_lost": Fault(50, 8.5, QUICK),
    "events": Fault(300, 4, {**QUICK, "VISIBILITY_SECONDS": "2"}),
    "chunk_sigkill": Fault(20, 3, QUICK),
    # More than there are steps: each of them is tried.
    "publish_killed": Fault(200, 9, QUICK),
    "disk_full": Fault(10, 2.5, QUICK),
    "queue_lost": Fault(10, 2.5, QUICK),
    "database_restarted": Fault(10, 3, QUICK, is_on_mariadb=True),
}
ALL_MINUTES = 45
# So much of its time a fault is tried; the rest is for what is waited for and looked at afterwards.
TRYING = 0.75


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="one fault, or several separated by commas")
    parser.add_argument("--count", type=int, default=0, help="tries of each, instead of as many as usual")
    parser.add_argument("--seed", type=int, default=SEED)
    wanted = parser.parse_args()
    names = [name for name in wanted.only.split(",") if name] or list(FAULTS)
    if unknown := set(names) - FAULTS.keys():
        print(f"There is no fault {sorted(unknown)[0]!r}; there are {', '.join(FAULTS)}.", file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    begun, load = time.monotonic(), os.getloadavg()
    counts: dict[str, Count] = {}
    for number, name in enumerate(names):
        seconds = seconds_for(names[number + 1 :], time.monotonic() - begun)
        counts[name] = cause(name, wanted.count or FAULTS[name].tries, wanted.seed, seconds)
        print(table({name: counts[name]}), file=sys.stderr)
    about = {
        "measured_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "cores": os.cpu_count(),
        "machine": platform.platform(),
        "load_before_and_after": [round(load[0], 1), round(os.getloadavg()[0], 1)],
        "seed": wanted.seed,
        "seconds": round(time.monotonic() - begun),
    }
    print(table(counts))
    # Some of them are for a look, and not kept.
    if not wanted.only and not wanted.count:
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text(json.dumps(as_json(counts, about), indent=1) + "\n")
    return int(not all(count.holds for count in counts.values()))


def seconds_for(later: list[str], gone: float) -> float:
    """Return how long the next fault may take: what earlier ones left over is its own, what later ones need is not."""
    return max(1, 60 * (ALL_MINUTES - sum(FAULTS[name].minutes for name in later)) - gone)


def cause(name: str, tries: int, seed: int, seconds: float) -> Count:
    """Cause one fault on a site of its own, of which nothing is left afterwards."""
    fault, begun = FAULTS[name], time.monotonic()
    print(f"{name}: {tries} tries …", file=sys.stderr)
    folder = Path(tempfile.mkdtemp(prefix=f"streamsite-{name}-"))
    try:
        with _server(fault) as server:
            found = _told(name, tries, seed, folder, server, seconds)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return replace(found, seconds=round(time.monotonic() - begun, 1))


@contextmanager
def _server(fault: Fault) -> Iterator[Server | None]:
    if not fault.is_on_mariadb:
        yield None
        return
    with private_server(is_durable=True) as server:
        yield server


def _told(name: str, tries: int, seed: int, folder: Path, server: Server | None, seconds: float) -> Count:
    port, s3_port = free_ports(2)
    more = {**FAULTS[name].settings, "POLL_SECONDS": "1", "TMPDIR": str(folder), "LOG_LEVEL": "INFO"}
    database = {"DATABASE_URL": server.url} if server else {}
    (folder / "tmp").mkdir()
    child = subprocess.Popen(
        (sys.executable, "-m", "bench.faults.one", name, str(tries), str(seed), str(seconds * TRYING)),
        cwd=settings.BASE_DIR,
        env={
            **os.environ,
            **environment(folder, f"http://127.0.0.1:{port}", port, s3_port),
            **more,
            **database,
        },
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdin and child.stdout
    # One that hangs is interrupted, and ends what it started.
    signal.signal(signal.SIGALRM, lambda *_: child.terminate())
    signal.alarm(int(seconds))
    found = None
    try:
        for line in child.stdout:
            said = json.loads(line)
            if "count" in said:
                found = said["count"]
            elif server:
                server.stop(said["stop"]) if "stop" in said else server.start()
                child.stdin.write("\n")
                child.stdin.flush()
    finally:
        signal.alarm(0)
        if child.poll() is None and sys.exc_info()[0]:
            child.terminate()
        child.wait()
    if found is None:
        return Count(
            0, tries, notes=(f"ended with status {child.returncode} after {seconds:.0f} s", *_last(folder))
        )
    others = tuple(tuple(other) for other in found.pop("others"))
    count = Count(**{**found, "notes": tuple(found["notes"]), "others": others})
    for line in () if count.holds else _last(folder):
        print(f"    {line}", file=sys.stderr)
    return count


def _last(folder: Path) -> tuple[str, ...]:
    log = folder / "log"
    return tuple(log.read_text(errors="replace").splitlines()[-LAST_LINES:]) if log.is_file() else ()


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("Stopped.")
