"""What this process may use of its machine. The only module here that asks Linux."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import reduce
from pathlib import Path

from django.conf import settings

from transcode.core import host
from transcode.core.host import Memory

MIB = 1024**2
GROUPS = Path("/sys/fs/cgroup")


def cores() -> int:
    """Return how many processors this process may keep busy: pinned, in a container, or all there are."""
    pinned = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    limits = (host.cores_of_group(_text(group / "cpu.max")) for group in _groups())
    return min([pinned, *(limit for limit in limits if limit)])


def memory() -> Memory | None:
    """Return how much memory there is for encodes; None where nothing says so."""
    said = Memory(settings.MEMORY_MB * MIB, settings.MEMORY_MB * MIB) if settings.MEMORY_MB else None
    found = [said, host.of_machine(_text(Path("/proc/meminfo"))), *map(_of, _groups())]
    known = [one for one in found if one]
    return reduce(Memory.within, known) if known else None


def _of(group: Path) -> Memory | None:
    names = ("memory.max", "memory.current", "memory.stat")
    return host.of_group(*(_text(group / name) for name in names))


def _groups() -> Iterator[Path]:
    """Yield the control groups this process is in, its own one first; in a container that is often the root alone."""
    own = GROUPS / host.own_group(_text(Path("/proc/self/cgroup"))).lstrip("/")
    yield from (group for group in (own, *own.parents) if group.is_relative_to(GROUPS))


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""
