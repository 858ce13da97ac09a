"""Sources on a worker's host: on their way, and kept for those who need them again."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from random import Random

import pytest

from tests.transcode.test_engine import NOTHING
from tests.transcode.test_preview import next_one_of
from transcode import fetch, launcher, process
from transcode.models import Job
from transcode.sandbox import Box
from transcode.workshop import free_bytes
from videos import storage
from videos.storage import Source

SOURCE = Random(6).randbytes(3_000_000)
MB = 1_000_000
READ_AND_WRITE = """
print(len(open('source', 'rb').read()))
try:
    open('source', 'r+b').close()
    print('written')
except PermissionError:
    print('refused')
"""


class ArrivalTests:
    def test_can_be_used_before_it_is_whole_and_is_verified_in_the_end(self, job_of, tmp_path):
        job = next_one_of(job_of(SOURCE))
        with fetch.arriving(job, tmp_path, NOTHING) as arrival:
            arrival.read_ahead(len(SOURCE) - 1000, len(SOURCE))
            assert (tmp_path / "source").read_bytes() == bytes(len(SOURCE) - 1000) + SOURCE[-1000:]
            arrival.wait(2000)
            assert (tmp_path / "source").read_bytes()[:2000] == SOURCE[:2000]
            arrival.wait()
            assert arrival.is_whole
        assert (tmp_path / "source").read_bytes() == SOURCE

    def test_is_on_the_disk_before_anybody_can_use_it_again(self, job_of, tmp_path):
        """Only a power cut would show it, so the calls themselves are listened to."""
        job = next_one_of(job_of(SOURCE))
        was_there_when_synced: list[bool] = []

        def listen(frame: object, event: str, called: object) -> None:
            if event == "c_call" and called is os.fsync:
                was_there_when_synced.append(fetch._path(job).exists())

        with fetch.arriving(job, tmp_path, NOTHING) as arrival:
            sys.setprofile(listen)
            try:
                arrival.wait()
            finally:
                sys.setprofile(None)
        assert was_there_when_synced == [False] and fetch._path(job).exists()

    def test_that_is_not_what_was_pinned_is_kept_by_nobody(self, job_of, tmp_path):
        job = next_one_of(job_of(SOURCE))
        # So that another ETag is computed than S3 has.
        job.part_size = 1024
        with (
            pytest.raises(Exception, match="ETag|PreconditionFailed"),
            fetch.arriving(job, tmp_path, NOTHING) as arrival,
        ):
            arrival.wait()
        assert not fetch._path(job).exists()

    @pytest.mark.parametrize("is_whole", [False, True])
    def test_is_there_for_programs_to_read_only(self, job_of, tmp_path, is_whole):
        job = next_one_of(job_of(SOURCE))
        box = Box(read=(sys.base_prefix, sys.prefix))
        with fetch.arriving(job, tmp_path, NOTHING) as arrival:
            arrival.wait(None if is_whole else 0)
            said = process.run((sys.executable, "-c", READ_AND_WRITE), tmp_path, silence=20, box=box)
        assert said.split() == [str(len(SOURCE)), "refused" if launcher.landlock_version() else "written"]

    def test_that_nobody_waits_for_any_more_stops_on_its_way(self, job_of, tmp_path):
        job = next_one_of(job_of(SOURCE))
        with fetch.arriving(job, tmp_path, NOTHING):
            pass
        assert not fetch._path(job).exists()

    def test_part_of_another_version_is_refused(self, job_of):
        source = job_of(SOURCE).source
        other = Source(source.key, "another", source.etag, source.size)
        with pytest.raises(storage.Damaged):
            storage.read_range(other, 0, 100)


@pytest.fixture
def cache(settings, tmp_path) -> Path:
    settings.WORK_DIR = tmp_path
    return fetch._folder()


def keep(folder: Path, name: str, minutes_ago: int) -> Path:
    path = folder / name
    path.write_bytes(bytes(MB))
    then = time.time() - 60 * minutes_ago
    os.utime(path, (then, then))
    return path


class KeptSourcesTests:
    @pytest.fixture
    def three(self, cache) -> list[Path]:
        return [keep(cache, f"{number}{number}", minutes) for number, minutes in enumerate((3, 1, 2))]

    def left(self, three: list[Path]) -> list[bool]:
        return [path.exists() for path in three]

    @pytest.fixture
    def own(self, job_of, three) -> Job:
        job: Job = job_of(SOURCE)
        return job

    def test_stay_while_there_is_room(self, three, own):
        fetch.make_room(own, MB)
        assert self.left(three) == [True, True, True]

    def test_go_where_there_is_not_enough_the_longest_unused_first(self, three, own, settings):
        settings.SOURCE_CACHE_BYTES = 2.5 * MB
        fetch.make_room(own, 0)
        assert self.left(three) == [False, True, True]

    def test_go_for_a_source_that_needs_their_room(self, three, own):
        fetch.make_room(own, free_bytes() + 100 * MB)
        assert self.left(three) == [False, False, False]

    def test_that_the_job_is_about_to_open_stays(self, three, own):
        three[0].rename(fetch._path(own))
        fetch.make_room(own, free_bytes() + 100 * MB)
        assert fetch._path(own).exists() and self.left(three) == [False, False, False]

    def test_stay_while_an_attempt_has_them_open(self, three, own, tmp_path):
        os.link(three[0], tmp_path / "source")
        fetch.make_room(own, free_bytes() + 100 * MB)
        assert self.left(three) == [True, False, False]

    def test_go_when_nobody_used_them_for_a_while(self, three, cache):
        old = keep(cache, "dd", 60)
        fetch.remove_unused()
        assert self.left([*three, old]) == [True, True, True, False]
