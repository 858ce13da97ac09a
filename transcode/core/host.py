"""What a host has, as Linux tells it."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

# The kernel gives these up before it would end anything: what was read from files, and what was written to them.
CACHES = ("active_file", "inactive_file")


@dataclass(frozen=True, slots=True)
class Memory:
    """In bytes: how much there is in all, and how much of it nobody uses."""

    total: int
    free: int

    def within(self, other: Memory) -> Memory:
        """Return what is there for who may take from both."""
        return Memory(min(self.total, other.total), min(self.free, other.free))


def of_machine(meminfo: str) -> Memory | None:
    """Return what /proc/meminfo says; None where it says nothing."""
    kibibytes = _numbers(meminfo.replace(":", ""))
    if "MemTotal" not in kibibytes or "MemAvailable" not in kibibytes:
        return None
    return Memory(kibibytes["MemTotal"] * 1024, kibibytes["MemAvailable"] * 1024)


def of_group(most: str, current: str, stat: str) -> Memory | None:
    """Return what a control group may have (memory.max, memory.current, memory.stat); None where it has no limit."""
    if not (most.strip().isdecimal() and current.strip().isdecimal()):
        return None
    found = _numbers(stat)
    used = int(current) - sum(found.get(name, 0) for name in CACHES)
    return Memory(int(most), min(int(most), max(0, int(most) - used)))


def cores_of_group(cpu_max: str) -> int | None:
    """Return how many processors a control group may keep busy (cpu.max); None where it has no limit."""
    words = cpu_max.split()
    if len(words) != 2 or not all(word.isdecimal() for word in words):
        return None
    return max(1, ceil(int(words[0]) / int(words[1])))


def own_group(cgroup: str) -> str:
    """Return the name of this process's group (/proc/self/cgroup); the root's where it has none of version 2."""
    return next((line[3:] for line in cgroup.splitlines() if line.startswith("0::")), "/")


def _numbers(text: str) -> dict[str, int]:
    lines = (line.split() for line in text.splitlines())
    return {words[0]: int(words[1]) for words in lines if len(words) > 1 and words[1].isdecimal()}
