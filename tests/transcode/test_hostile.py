"""Files that are made to read, call or harm, through everything that a worker does with a source."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import pytest
from django.conf import settings

from tests.attacks import bombs, broken, references, shared
from tests.attacks.canary import Canary, watched
from tests.attacks.payloads import READY, Payload
from tests.attacks.workbench import Outcome, measured, run
from tests.transcode.conftest import make_clip

pytestmark = pytest.mark.ffmpeg
MOST_BYTES = 2 * 1024**3
MOST_CPU_SECONDS = 60


@dataclass(frozen=True)
class Ended:
    payload: Payload
    outcome: Outcome
    opened: list[str]
    called: list[str]

    def __repr__(self) -> str:
        return f"{self.payload.name}: {self.outcome}, opened {self.opened}, called {self.called}"


@pytest.fixture(scope="module")
def canary():
    with watched() as canary:
        yield canary


@pytest.fixture(scope="module")
def untouched(canary) -> set[str]:
    return set(canary.files())


@pytest.fixture(scope="module")
def good(tmp_path_factory) -> bytes:
    folder = tmp_path_factory.mktemp("good")
    return make_clip(folder, "good.mp4", seconds=1, size="64x48", extra=("-pix_fmt", "yuv420p")).read_bytes()


def open_all(payloads, canary: Canary, folder: Path) -> list[Ended]:
    folder.mkdir()
    ended = []
    for payload in payloads:
        canary.opens()
        canary.calls.clear()
        outcome = measured(payload.data, folder)
        ended.append(Ended(payload, outcome, canary.opens(), list(canary.calls)))
    return ended


class AttackTests:
    """The canary would notice: outside our limits, the same files do their worst."""

    OPEN = ("-protocol_whitelist", "file,http,tcp", "-allowed_extensions", "ALL", "-extension_picky", "0")

    def test_by_a_playlist_is_noticed_where_nothing_stops_it(self, canary, tmp_path):
        texts = references.texts(canary)
        for name in ("hls file", "hls http"):
            (tmp_path / "source").write_text(texts[name])
            self.unlimited(tmp_path, *self.OPEN, "-f", "hls", "-i", "source")
        assert ("secret.ts" in canary.opens(), canary.calls) == (True, ["GET /a.ts HTTP/1.1"])

    def unlimited(self, folder: Path, *options: str) -> None:
        """Run ffmpeg as anybody would."""
        import subprocess

        command = (settings.FFMPEG, "-v", "error", "-y", *options, "-f", "null", "-")
        subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, timeout=60)


@pytest.fixture(scope="module", params=["made here", "made by others"])
def ended(request, canary, untouched, good, tmp_path_factory) -> list[Ended]:
    makers = tmp_path_factory.mktemp("makers")
    if request.param == "made by others":
        # None, where there is no such folder: HOSTILE_MEDIA names it.
        return open_all(shared.payloads(canary), canary, makers / "job")
    made = chain(
        references.references(canary, good), broken.broken(makers, good, canary), bombs.bombs(makers, good)
    )
    return open_all(made, canary, makers / "job")


class HostileFileTests:
    def test_writes_nothing_elsewhere(self, ended, canary, untouched):
        assert canary.files() == untouched

    def test_opens_nothing(self, ended):
        assert [one for one in ended if one.opened] == []

    def test_calls_nobody(self, ended):
        assert [one for one in ended if one.called] == []

    def test_ends_as_it_should_at_the_first_try(self, ended):
        assert [one for one in ended if one.outcome.end not in one.payload.ends] == []

    def test_takes_a_bounded_amount_of_memory(self, ended):
        assert [one for one in ended if one.outcome.peak_bytes > MOST_BYTES] == []

    def test_takes_a_bounded_amount_of_work(self, ended):
        assert [one for one in ended if one.outcome.cpu_seconds > MOST_CPU_SECONDS] == []

    def test_leaves_the_next_video_unaffected(self, ended, good, tmp_path):
        assert run(good, tmp_path / "job").end == READY
