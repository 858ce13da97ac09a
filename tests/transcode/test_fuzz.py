"""Damaged files, the same ones every time, through probe, gate, encode and the checks of what came out."""

from __future__ import annotations

import pytest

from tests.attacks import fuzz, mutations
from tests.attacks.payloads import READY
from tests.attacks.workbench import run
from tests.transcode.local import produce

pytestmark = pytest.mark.ffmpeg
# Seventeen clips, so 510 files.
EACH = 30
# What `make fuzz` found since: the container, the seed, the number.
FINDINGS = (
    # Its sound runs twice as fast as its times say.
    ("flv", fuzz.SEED, 55),
    # The same, of a transport stream.
    ("ts", 77, 49),
    # Its times leap, and ffmpeg filled the gap with frames until its memory was full.
    ("ts", 4242, 76),
)


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("clips")
    return {kind: mutations.clip(folder, kind) for kind in mutations.CLIPS}


class MutationTests:
    def test_is_the_same_for_the_same_seed(self, clips):
        made = [mutations.mutated(clips["mp4"], "mp4", seed, 3) for seed in (1, 1, 2)]
        assert made[0] == made[1] != made[2]

    @pytest.mark.parametrize("kind", mutations.CLIPS)
    def test_begins_with_a_clip_that_is_taken(self, clips, tmp_path, kind):
        assert run(clips[kind], tmp_path / "job").end == READY

    @pytest.mark.parametrize(("kind", "keeps_top", "spans"), [("kept.mp4", True, 2), ("long.mkv", False, 3)])
    def test_begins_with_a_clip_that_is_made_as_it_is_for(self, clips, tmp_path, kind, keeps_top, spans):
        (tmp_path / "source").write_bytes(clips[kind])
        made = produce(tmp_path)
        assert (made.plan.keeps_top, made.spans) == (keeps_top, spans)


class DamagedFileTests:
    @pytest.mark.parametrize("kind", mutations.CLIPS)
    def test_is_ready_or_refused_with_a_sentence(self, clips, tmp_path, kind):
        found = list(fuzz.fuzz({kind: clips[kind]}, range(EACH), tmp_path))
        assert len(found) == EACH
        assert [str(one) for one in found if one.is_ours] == []

    def test_is_ready_for_some_and_refused_for_others(self, clips, tmp_path):
        """Else the changes were too small, or too large, to tell anything."""
        found = list(fuzz.fuzz({"mp4": clips["mp4"]}, range(12), tmp_path))
        assert {one.is_ready for one in found} == {True, False}


class FindingTests:
    @pytest.mark.parametrize(("kind", "seed", "number"), FINDINGS)
    def test_is_mended(self, clips, tmp_path, kind, seed, number):
        data = mutations.mutated(clips[kind], kind, seed, number)
        assert not run(data, tmp_path / "job").end.startswith("ERROR")
