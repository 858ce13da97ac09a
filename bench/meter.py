"""What programs cost, by the kernel's own accounting: processes that ended by wait4, those that still run by /proc."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
LAST_WORDS = 2000


@dataclass(frozen=True, slots=True)
class Spent:
    """CPU time of all threads, user and system; peak memory is what was resident at once."""

    cpu_seconds: float
    wall_seconds: float
    peak_mb: float

    def __add__(self, other: Spent) -> Spent:
        return Spent(
            self.cpu_seconds + other.cpu_seconds,
            self.wall_seconds + other.wall_seconds,
            max(self.peak_mb, other.peak_mb),
        )


NOTHING = Spent(0, 0, 0)


class CommandFailed(Exception):
    """A program that is measured ended with an error; the text is the end of what it said."""


def run(command: Sequence[str], folder: Path) -> Spent:
    """Run a program that starts no others, and return what it took."""
    begun = time.monotonic()
    with (folder / "stderr").open("w+b") as said:
        streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": said}
        process = subprocess.Popen(command, cwd=folder, env={}, **streams)  # type: ignore[call-overload]
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            said.seek(0)
            raise CommandFailed(
                f"{command[0]} ended with {process.returncode}: {said.read().decode(errors='replace')[-LAST_WORDS:]}"
            )
    return Spent(usage.ru_utime + usage.ru_stime, time.monotonic() - begun, usage.ru_maxrss / 1024)


def tree_cpu_seconds(root: int) -> float:
    """Return what a process, those below it, and those of them that ended have taken so far."""
    return sum(_cpu_seconds(_stat(pid)) for pid in (root, *below(root)))


def below(root: int) -> tuple[int, ...]:
    """Return the ids of the processes that a process started, and that those started."""
    parents = {int(path.name): _parent(_stat(int(path.name))) for path in Path("/proc").glob("[0-9]*")}
    found, level = [], [root]
    while level:
        level = [pid for pid, parent in parents.items() if parent in level]
        found += level
    return tuple(found)


def arguments(pid: int) -> tuple[str, ...]:
    try:
        return tuple((Path("/proc") / str(pid) / "cmdline").read_bytes().decode(errors="replace").split("\0"))
    except OSError:
        return ()


def _stat(pid: int) -> list[str]:
    """Return the fields of /proc/<pid>/stat behind the name of the program (proc(5)); none where it is gone."""
    try:
        return (Path("/proc") / str(pid) / "stat").read_text().rpartition(") ")[2].split()
    except OSError:
        return []


def _parent(stat: list[str]) -> int:
    return int(stat[1]) if stat else 0


def _cpu_seconds(stat: list[str]) -> float:
    # utime, stime, and the same of children that ended and were waited for, with theirs.
    return sum(map(int, stat[11:15])) / TICKS if stat else 0.0
