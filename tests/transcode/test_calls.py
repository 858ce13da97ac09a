"""The filter of system calls, on both machines, against the kernel's own numbers."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.transcode.bpf import verdict
from transcode.core import calls

PID, PROGRAM = 4711, 256
# From linux-libc-dev 6.1: name, number on x86-64, number on arm64, `-` where there is none.
KERNEL = [
    line.split("\t") for line in (Path(__file__).parent / "probes/kernel_calls.tsv").read_text().splitlines()
]
COLUMNS = {"x86_64": 1, "aarch64": 2}
machines = pytest.mark.parametrize("machine", sorted(COLUMNS))
DANGEROUS = [
    name
    for names in (
        "socket socketpair connect bind listen accept accept4 sendto sendmsg recvmsg fork vfork clone3 execve ptrace",
        "process_vm_readv process_vm_writev unshare setns mount umount2 pivot_root chroot move_mount open_tree fsopen bpf",
        "io_uring_setup io_uring_enter keyctl add_key request_key userfaultfd perf_event_open kexec_load init_module",
        "finit_module memfd_create open_by_handle_at pidfd_open pidfd_getfd pidfd_send_signal tkill rt_sigqueueinfo",
        "setuid setgid setresuid setgroups capset chmod fchmod fchmodat chown fchown fchownat link linkat symlink symlinkat",
        "mknod mknodat setxattr utimensat ioctl setpriority sched_setaffinity setrlimit seccomp landlock_restrict_self",
        "personality shmget msgget semget mq_open inotify_init1 fanotify_init name_to_handle_at splice vmsplice",
    )
    for name in names.split()
]


def numbers(machine: str) -> dict[str, int]:
    return {row[0]: int(row[COLUMNS[machine]]) for row in KERNEL if row[COLUMNS[machine]] != "-"}


@cache
def program_for(machine: str) -> bytes:
    return calls.program_for(machine, PID, PROGRAM)


def says(machine: str, number: int, *arguments: int) -> int:
    return verdict(program_for(machine), calls.MACHINES[machine][0], number, arguments)


@machines
class NumbersTests:
    def test_are_the_kernels(self, machine):
        known, column = numbers(machine), calls.MACHINES[machine][1]
        ours = {name: pair[column] for name, pair in {**calls.CALLS, **calls.GUARDED_CALLS}.items()}
        assert ours == {name: known.get(name, calls.NONE) for name in ours}

    def test_of_what_is_dangerous_are_nobodys(self, machine):
        known = numbers(machine)
        answers = {name: says(machine, known[name]) for name in DANGEROUS if name in known}
        assert answers == dict.fromkeys(answers, calls.NO_SUCH_CALL)


@machines
class FilterTests:
    def test_lets_through_what_is_listed_and_nothing_else(self, machine):
        column = calls.MACHINES[machine][1]
        guarded = {pair[column] for pair in calls.GUARDED_CALLS.values()}
        listed = {pair[column] for pair in calls.CALLS.values()}
        free = [number for number in range(1000) if number not in guarded]
        assert {number for number in free if says(machine, number) == calls.ALLOW} == listed - {calls.NONE}

    def test_ends_programs_of_other_machines(self, machine):
        program = program_for(machine)
        # AUDIT_ARCH_I386, AUDIT_ARCH_ARM
        assert {verdict(program, audit, 1) for audit in (0x40000003, 0x40000028)} == {calls.KILL}

    def test_knows_no_calls_with_short_pointers(self, machine):
        assert says(machine, 0x40000000) == says(machine, 0x40000000 + 41) == calls.NO_SUCH_CALL

    def test_is_short_enough(self, machine):
        program = program_for(machine)
        assert len(program) % calls.INSTRUCTION_BYTES == 0 and len(program) // calls.INSTRUCTION_BYTES < 4096


@machines
class GuardTests:
    def may(self, machine: str, name: str, *arguments: int) -> bool:
        return says(machine, numbers(machine)[name], *arguments) == calls.ALLOW

    def test_makes_threads(self, machine):
        # As glibc and musl ask for them.
        assert self.may(machine, "clone", 0x3D0F00) and self.may(machine, "clone", 0x7D0F00)

    # SIGCHLD, CLONE_VFORK | CLONE_VM, and a thread in each kind of namespace of its own.
    @pytest.mark.parametrize("flags", [17, 0, 0x4100, *(0x3D0F00 | 1 << bit for bit in (7, *range(25, 31)))])
    def test_makes_no_processes_and_no_namespaces(self, machine, flags):
        assert not self.may(machine, "clone", flags)

    @given(flags=st.integers(0, 2**64 - 1))
    def test_makes_only_threads(self, machine, flags):
        assert self.may(machine, "clone", flags) == bool(flags & 0x10000 and not flags & 0x7E020080)

    @given(pid=st.integers(0, 2**32 - 1))
    def test_signals_only_itself(self, machine, pid):
        assert self.may(machine, "tgkill", pid, 1, 9) == self.may(machine, "kill", pid, 9) == (pid == PID)

    def test_becomes_a_program_only_by_the_number_of_its_own(self, machine):
        assert self.may(machine, "execveat", PROGRAM, 1, 2, 3, calls.AT_EMPTY_PATH)
        assert not self.may(machine, "execveat", PROGRAM, 1, 2, 3, 0)
        assert not self.may(machine, "execveat", 3, 1, 2, 3, calls.AT_EMPTY_PATH)
        assert not self.may(machine, "execveat", 2**32 - 100, 1, 2, 3, 0)

    @given(pointer=st.integers(1, 2**64 - 1), pid=st.integers(1, 2**31))
    def test_reads_its_own_limits_and_sets_none(self, machine, pointer, pid):
        assert self.may(machine, "prlimit64", 0, 7, 0, pointer)
        assert not self.may(machine, "prlimit64", 0, 7, pointer, 0)
        assert not self.may(machine, "prlimit64", pid, 7, 0, pointer)

    def test_names_threads_and_changes_nothing_else_about_itself(self, machine):
        assert [option for option in range(100) if self.may(machine, "prctl", option)] == [calls.PR_SET_NAME]

    def test_has_no_signals_sent_by_files(self, machine):
        # F_SETOWN, F_SETSIG, F_SETOWN_EX, F_NOTIFY
        assert not any(self.may(machine, "fcntl", 3, command) for command in (8, 10, 15, 1026))
