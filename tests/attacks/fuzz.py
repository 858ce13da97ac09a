"""Many mutations through everything that a worker does between S3 and S3, two at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.attacks import mutations, workbench
from tests.attacks.payloads import READY

SEED = 20261122
AT_ONCE = 2


@dataclass(frozen=True, slots=True)
class Found:
    kind: str
    number: int
    end: str

    @property
    def is_ready(self) -> bool:
        return self.end == READY

    @property
    def is_ours(self) -> bool:
        """True for what a worker would try again, and then say that it is not the file."""
        return self.end.startswith("ERROR")

    def __str__(self) -> str:
        return f"{self.kind} {self.number}: {self.end}"


def fuzz(clips: dict[str, bytes], numbers: Iterable[int], folder: Path, seed: int = SEED) -> Iterator[Found]:
    """Yield how each mutation of each clip ended."""
    cases = [(kind, number) for number in numbers for kind in clips]

    def one(case: tuple[str, int]) -> Found:
        kind, number = case
        data = mutations.mutated(clips[kind], kind, seed, number)
        return Found(kind, number, workbench.run(data, folder / f"{kind}-{number}").end)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield from pool.map(one, cases)
