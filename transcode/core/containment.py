"""How well a machine contains what it runs, from what attackers inside it could do."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from enum import IntEnum

# What an attacker tries, and why it must not work.
FILE, SOCKET, PROCESS = "file", "socket", "process"


class Level(IntEnum):
    """Allow-lists and limits hold at every level; the kernel does the rest."""

    NOTHING = 0
    # Either no files (Landlock) or no network and no processes (seccomp).
    HALF = 1
    ALL = 2


@dataclass(frozen=True, slots=True)
class Containment:
    """What was found by trying; `kernel` says by which means."""

    level: Level
    kernel: str
    # What attackers could do.
    could: tuple[str, ...] = ()

    def __str__(self) -> str:
        could = f"; what it runs can open or start: a {', a '.join(self.could)}" if self.could else ""
        return f"level {self.level.value} of {Level.ALL.value} ({self.kernel}{could})"


def judge(could: Set[str], kernel: str) -> Containment:
    closed = (FILE not in could) + (not could & {SOCKET, PROCESS})
    return Containment(Level(closed), kernel, tuple(sorted(could)))


def too_open(found: Containment, least: int) -> str:
    """Return what to do about a machine that contains too little."""
    return (
        f"The sandbox reaches {found}, and SANDBOX_MIN_LEVEL is {least}. Use Linux 5.13 or newer with Landlock and"
        " seccomp, on x86-64 or arm64 (Docker's default profile allows both), or lower SANDBOX_MIN_LEVEL and accept"
        " that a file made to attack ffmpeg can do that."
    )
