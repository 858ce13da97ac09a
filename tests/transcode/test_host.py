"""What Linux says of a host, read; the texts are as it wrote them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from transcode import machine
from transcode.core import host
from transcode.core.host import Memory

MEMINFO = "MemTotal:       24684128 kB\nMemFree:        19902544 kB\nMemAvailable:   23887880 kB\nHugePages_Total:   0\n"
STAT = "anon 52428800\nfile 314572800\nactive_file 104857600\ninactive_file 209715200\n"
SIZES = some.integers(min_value=0, max_value=2**50)


class MachineTests:
    def test_says_what_it_has_and_what_it_could_give(self):
        assert host.of_machine(MEMINFO) == Memory(24684128 * 1024, 23887880 * 1024)

    def test_that_says_nothing_has_no_known_memory(self):
        assert host.of_machine("") is None

    def test_has_cores_and_memory_here(self):
        found = machine.memory()
        assert machine.cores() >= 1
        assert found and 0 < found.free <= found.total

    def test_gives_no_more_than_was_set(self, settings):
        settings.MEMORY_MB = 64
        assert machine.memory() == Memory(64 * 1024**2, 64 * 1024**2)


class GroupTests:
    def test_without_a_limit_has_none(self):
        assert host.of_group("max\n", "367001600\n", STAT) is None
        assert host.of_group("", "", "") is None

    def test_counts_what_files_left_in_memory_as_free(self):
        mib = 1024**2
        assert host.of_group(f"{512 * mib}\n", f"{350 * mib}\n", STAT) == Memory(512 * mib, 462 * mib)

    @given(SIZES, SIZES, SIZES)
    def test_never_has_more_free_than_in_all(self, most, current, cache):
        found = host.of_group(str(most), str(current), f"inactive_file {cache}\n")
        assert found and 0 <= found.free <= found.total

    @pytest.mark.parametrize(
        ("said", "cores"),
        [
            ("max 100000\n", None),
            ("", None),
            ("200000 100000\n", 2),
            ("150000 100000\n", 2),
            ("50000 100000\n", 1),
        ],
    )
    def test_may_keep_so_many_processors_busy(self, said, cores):
        assert host.cores_of_group(said) == cores

    def test_is_found_by_its_name(self):
        assert (
            host.own_group("4:memory:/elsewhere\n0::/system.slice/worker.service\n")
            == "/system.slice/worker.service"
        )
        assert host.own_group("4:memory:/elsewhere\n") == "/"


class MemoryTests:
    @given(some.builds(Memory, SIZES, SIZES), some.builds(Memory, SIZES, SIZES))
    def test_of_two_limits_is_the_smaller(self, one, other):
        assert one.within(other) == other.within(one)
        assert one.within(other).free <= min(one.free, other.free)
