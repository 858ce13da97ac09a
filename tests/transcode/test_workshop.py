from __future__ import annotations

import os
import signal

import pytest

from transcode import workshop


class SlotTests:
    def test_is_free_once(self):
        with workshop.slot() as first, workshop.slot() as second:
            assert (first, second) == (True, False)

    def test_is_free_again_afterwards(self):
        with workshop.slot():
            pass
        with workshop.slot() as free:
            assert free

    def test_there_are_as_many_as_set(self, settings):
        settings.ENCODE_SLOTS = 2
        with workshop.slot() as first, workshop.slot() as second, workshop.slot() as third:
            assert (first, second, third) == (True, True, False)


class PrivateFolderTests:
    def test_is_empty_and_closed_to_others(self):
        with workshop.private_folder("1-1", 0) as folder:
            assert list(folder.iterdir()) == []
            assert folder.stat().st_mode & 0o777 == 0o700

    def test_goes_with_all_that_is_in_it(self):
        with workshop.private_folder("1-1", 0) as folder:
            (folder / "source").write_bytes(b"x")
        assert not folder.exists()

    def test_is_not_given_without_room(self, work_dir):
        with pytest.raises(workshop.NoRoom), workshop.private_folder("1-1", 2**60):
            pass
        assert not (work_dir / workshop.FOLDERS / "1-1").exists()


class LeftoverTests:
    def test_of_a_living_attempt_stay(self):
        with workshop.private_folder("1-1", 0) as folder:
            assert workshop.remove_leftovers() == 0
            assert folder.exists()

    def test_of_a_killed_worker_go(self, work_dir):
        worker = os.fork()
        if not worker:
            with workshop.private_folder("1-1", 0):
                os.kill(os.getpid(), signal.SIGKILL)
        os.waitpid(worker, 0)
        assert workshop.remove_leftovers() == 1
        assert list((work_dir / workshop.FOLDERS).iterdir()) == []
