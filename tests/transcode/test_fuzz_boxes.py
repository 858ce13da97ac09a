"""Damaged boxes, the same ones every time, through what reads them in this process, where nothing contains it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.attacks import fuzz, mutations
from tests.transcode.local import bench_in
from transcode import keeping, preview
from transcode.core import moov, mp4

pytestmark = pytest.mark.ffmpeg
KINDS = ("mp4", "fragmented.mp4", "kept.mp4", "mov")
EACH = 1500


@pytest.fixture(scope="module", params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture(scope="module")
def data(kind: str, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return mutations.clip(tmp_path_factory.mktemp("clips"), kind)


@pytest.fixture(scope="module")
def movie(data: bytes) -> bytes:
    return next(data[at:end] for kind, at, end in mp4.boxes(data) if kind == "moov")


def understood(movie: bytes) -> bool:
    """True if each of two tracks is told, False if one is refused; anything else is not caught."""
    try:
        return bool([moov.track(movie, number) for number in (1, 2)])
    except mp4.Broken:
        return False


class MovieTests:
    def test_is_understood_or_broken(self, movie, kind):
        damaged = (mutations.mutated(movie, kind, fuzz.SEED, number) for number in range(EACH))
        ends = [understood(each) for each in damaged]
        # Else the changes were too small, or too large, to tell anything.
        assert set(ends) == {True, False}

    def test_is_found_in_a_file_or_broken(self, data, kind, tmp_path: Path):
        for number in range(EACH // 5):
            (tmp_path / "source").write_bytes(mutations.mutated(data, kind, fuzz.SEED, number))
            try:
                assert keeping._movie_box(tmp_path / "source")
            except mp4.Broken:
                continue


class IndexTests:
    def test_lies_somewhere_or_nowhere(self, data, kind):
        for number in range(EACH):
            damaged = mutations.mutated(data, kind, fuzz.SEED, number)
            found = mp4.find_index(damaged[: preview.HEAD_BYTES])
            assert found is None or found.start >= 0

    def test_says_how_much_a_preview_needs_or_nothing(self, data, kind, tmp_path: Path):
        for number in range(EACH // 150):
            (tmp_path / "source").write_bytes(mutations.mutated(data, kind, fuzz.SEED, number))
            try:
                assert min(preview._ends(bench_in(tmp_path), "40"), default=0) >= 0
            except preview.REASONS:
                continue
