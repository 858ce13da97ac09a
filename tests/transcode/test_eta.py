"""When a video will be there, by simulation: chunks of several workers whose speeds differ and vary."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from random import Random

import pytest

from tests.transcode.test_plan import media
from transcode.core import progress, spans
from transcode.core.plan import plan_encode

STEP = 0.5
FACTOR = 1.5
# Of wall time, by which nobody is disappointed.
FEW_SECONDS = 5
SEEDS = range(20)
SITES = [(3, 1), (10, 1), (10, 2), (10, 4), (60, 2), (60, 4), (180, 8)]


@dataclass
class Piece:
    """A span under way: `done` of its frames are reported, as `Chunk.frames_done` has them."""

    frames: int
    speed: float = 0.0
    done: float = 0.0
    begun: float = 0.0


@dataclass(frozen=True)
class Told:
    at: float
    share: float
    left: float | None


def pieces(minutes: float) -> list[Piece]:
    plan = plan_encode(media(seconds=minutes * 60, is_indexed=True))
    assert plan.frames
    found = spans.on_grid(plan)
    return [Piece((span.end or plan.frames) - span.first) for span in found]


def simulate(minutes: float, workers: int, chance: Random, spread: float) -> Iterator[Told]:
    """Yield what `Job.report` would tell as time goes by, and at last how long it took.

    `spread`: how many times faster the fastest worker may be than the slowest; each chunk is easier or harder by up to a third.
    """
    waiting = pieces(minutes)
    total, over = sum(piece.frames for piece in waiting), 0
    hosts = [50 * chance.uniform(1, spread) for _ in range(workers)]
    held: dict[int, Piece] = {}
    at = 0.0
    while waiting or held:
        for host in range(workers):
            if host not in held and waiting:
                held[host] = replace(waiting.pop(0), speed=hosts[host] * chance.uniform(0.67, 1.33), begun=at)
        at += STEP
        for host, piece in list(held.items()):
            piece.done = min(piece.frames, piece.done + piece.speed * STEP)
            if piece.done >= piece.frames:
                over += piece.frames
                del held[host]
        done = (over + sum(piece.done for piece in held.values())) / total
        parts = [progress.Part(piece.frames, int(piece.done), at - piece.begun) for piece in held.values()]
        yield Told(at, done, progress.remaining(at, done, parts))


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("minutes", "workers"), SITES)
class RemainingTests:
    @pytest.fixture
    def told(self, minutes, workers, seed) -> list[Told]:
        return list(simulate(minutes, workers, Random(seed), 2.0))

    def test_names_the_end_within_a_factor_after_the_first_tenth(self, told):
        total = told[-1].at
        ends = [one.at + one.left for one in told if one.share >= 0.1 and one.left is not None]
        assert ends and all(total / FACTOR <= end <= total * FACTOR for end in ends)

    def test_is_there_from_the_first_tenth_on(self, told):
        assert all(one.left is not None for one in told if one.share >= 0.1)

    def test_ends_with_nothing_left(self, told):
        assert told[-1].left == 0


@pytest.mark.parametrize(("minutes", "workers"), SITES)
class WaitTests:
    """What people read is not the end but how long it still takes, and near the end most workers have nothing left to do."""

    def test_is_within_a_factor_and_a_few_seconds_nearly_all_the_time(self, minutes, workers):
        off = [
            one for seed in SEEDS for one in self._off(list(simulate(minutes, workers, Random(seed), 2.0)))
        ]
        assert sum(each > FACTOR for each in off) <= 0.03 * len(off)
        assert max(off) < 4

    def _off(self, told: list[Told]) -> Iterator[float]:
        """Yield by which factor each was wrong that was told after the first tenth, beyond a few seconds."""
        for one in told:
            if one.share >= 0.1 and one.left is not None:
                due = told[-1].at - one.at
                yield max((due - FEW_SECONDS) / max(one.left, 1), (one.left - FEW_SECONDS) / max(due, 1), 1)
