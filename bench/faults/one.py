"""One fault, in a process whose settings are those of its own site. It prints the count, and what is to be done for it."""

from __future__ import annotations

import json
import logging
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from functools import partial

from django.conf import settings

from bench.faults import away, disk, events, kills, publishing
from bench.faults.count import Count
from bench.faults.place import Place, place
from streamsite.acceptance.stack import Log


class Kept(Log):
    """What a site says, in a file."""

    def hear(self, name: str, line: str) -> None:
        super().hear(name, line)
        with (settings.VAR_DIR / "log").open("a") as file:
            file.write(f"{name:8} | {line}\n")


class Server:
    """The database's server, which belongs to the process that started this one."""

    def stop(self, number: int = signal.SIGTERM) -> None:
        self._ask({"stop": number})

    def start(self) -> None:
        self._ask({"start": True})

    def _ask(self, what: dict[str, int]) -> None:
        print(json.dumps(what), flush=True)
        sys.stdin.readline()


WAYS: dict[str, Callable[[Place, int, int], Count]] = {
    "worker_sigkill": kills.worker_sigkill,
    "chunk_sigkill": kills.chunk_sigkill,
    "lease_lost": kills.lease_lost,
    "disk_full": disk.disk_full,
    "queue_lost": away.queue_lost,
    "database_restarted": partial(away.database_restarted, server=Server()),
    "publish_killed": publishing.publish_killed,
    "events": events.events,
}


def main(name: str, tries: int, seed: int, seconds: float) -> None:
    # As on Ctrl-C, so that nothing is left behind.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    # Ours are told of by the counts; the site's own lines go into its log.
    logging.getLogger().setLevel(logging.ERROR)
    with place(Kept()) as found:
        found.over_at = time.monotonic() + seconds
        count = WAYS[name](found, tries, seed)
        if found.trying_seconds:
            took = f"a try took {found.trying_seconds / found.tried:.1f} s"
            count = replace(count, notes=(took, *count.notes))
    print(json.dumps({"count": asdict(count)}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]))
