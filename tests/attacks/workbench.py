"""What a worker does with a file between S3 and S3, without either: the real programs, checks and refusals."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from shutil import rmtree

from tests.attacks.payloads import READY
from tests.transcode.local import produce
from transcode.core.media import Refused


@dataclass(frozen=True, slots=True)
class Outcome:
    """How it ended: READY, the sentence of a refusal, or what a worker would write down as an error of ours."""

    end: str
    cpu_seconds: float = 0
    peak_bytes: int = 0


def run(data: bytes, folder: Path) -> Outcome:
    """Do what a worker would with these bytes, in this empty folder, and leave the folder empty."""
    folder.mkdir(exist_ok=True)
    (folder / "source").write_bytes(data)
    try:
        produce(folder)
        end = READY
    except Refused as refusal:
        end = str(refusal)
    except Exception as error:
        end = f"ERROR {type(error).__name__}: {error} {getattr(error, 'stderr', '')[-300:]}"
    rmtree(folder)
    folder.mkdir()
    return Outcome(end)


def measured(data: bytes, folder: Path) -> Outcome:
    """Do the same, alone, and tell what it cost: CPU of all programs, memory of the hungriest at its peak."""
    begun = _cpu_seconds()
    with _watching() as peak:
        outcome = run(data, folder)
    return Outcome(outcome.end, _cpu_seconds() - begun, peak[0])


def _cpu_seconds() -> float:
    used = getrusage(RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@contextmanager
def _watching() -> Iterator[list[int]]:
    peak, over = [0], threading.Event()

    def watch() -> None:
        while not over.wait(0.01):
            peak[0] = max([peak[0], *(_peak_bytes(pid) for pid in _below("self"))])

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield peak
    finally:
        over.set()
        thread.join()


def _below(pid: str) -> Iterator[str]:
    """Yield the ids of all processes that this one started, and they."""
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            for child in task.read_text().split():
                yield child
                yield from _below(child)


def _peak_bytes(pid: str) -> int:
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return 0
