"""Which system calls a program gets inside the sandbox, as a filter for the kernel (classic BPF, see seccomp(2)).

An allow-list: to the program, the kernel has no other calls. Nothing here makes a socket, a process or a namespace,
touches another process, mounts, or changes whose file something is. Imported by the launcher, so nothing slow is imported.
"""

from __future__ import annotations

from struct import pack

# AUDIT_ARCH_… of <linux/audit.h>, and which column of a table below is its.
MACHINES = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}
NONE = -1
# Numbers on x86-64 (arch/x86/entry/syscalls/syscall_64.tbl) and on arm64 (include/uapi/asm-generic/unistd.h).
CALLS = {
    "read": (0, 63), "write": (1, 64), "open": (2, NONE), "close": (3, 57), "stat": (4, NONE), "fstat": (5, 80),
    "lstat": (6, NONE), "poll": (7, NONE), "lseek": (8, 62), "mmap": (9, 222), "mprotect": (10, 226),
    "munmap": (11, 215), "brk": (12, 214), "rt_sigaction": (13, 134), "rt_sigprocmask": (14, 135),
    "rt_sigreturn": (15, 139), "pread64": (17, 67), "pwrite64": (18, 68), "readv": (19, 65), "writev": (20, 66),
    "access": (21, NONE), "pipe": (22, NONE), "select": (23, NONE), "sched_yield": (24, 124), "mremap": (25, 216),
    "madvise": (28, 233), "dup": (32, 23), "dup2": (33, NONE), "nanosleep": (35, 101), "getpid": (39, 172),
    "exit": (60, 93), "uname": (63, 160), "fsync": (74, 82), "fdatasync": (75, 83), "ftruncate": (77, 46),
    "getcwd": (79, 17), "rename": (82, NONE), "mkdir": (83, NONE), "rmdir": (84, NONE), "unlink": (87, NONE),
    "readlink": (89, NONE), "gettimeofday": (96, 169), "getrlimit": (97, 163), "getrusage": (98, 165),
    "sysinfo": (99, 179), "times": (100, 153), "getuid": (102, 174), "getgid": (104, 176), "geteuid": (107, 175),
    "getegid": (108, 177), "sigaltstack": (131, 132), "sched_getparam": (143, 121), "sched_getscheduler": (145, 120),
    "arch_prctl": (158, NONE), "gettid": (186, 178), "time": (201, NONE), "futex": (202, 98),
    "sched_getaffinity": (204, 123), "getdents64": (217, 61), "set_tid_address": (218, 96),
    "restart_syscall": (219, 128), "fadvise64": (221, 223), "clock_gettime": (228, 113), "clock_getres": (229, 114),
    "clock_nanosleep": (230, 115), "exit_group": (231, 94), "openat": (257, 56), "mkdirat": (258, 34),
    "newfstatat": (262, 79), "unlinkat": (263, 35), "renameat": (264, 38), "readlinkat": (267, 78),
    "faccessat": (269, 48), "pselect6": (270, 72), "ppoll": (271, 73), "set_robust_list": (273, 99),
    "dup3": (292, 24), "pipe2": (293, 59), "getcpu": (309, 168), "renameat2": (316, 276), "getrandom": (318, 278),
    "membarrier": (324, 283), "statx": (332, 291), "rseq": (334, 293), "faccessat2": (439, 439),
}  # fmt: skip
# The same of calls that are allowed with some arguments only.
GUARDED_CALLS = {
    "clone": (56, 220),
    "kill": (62, 129),
    "fcntl": (72, 25),
    "prctl": (157, 167),
    "tgkill": (234, 131),
    "prlimit64": (302, 261),
    "execveat": (322, 281),
}
# <linux/sched.h>
CLONE_THREAD = 0x00010000
CLONE_NEW_ANYTHING = 0x7E020080
# <linux/prctl.h>: names of threads and of memory.
PR_SET_NAME, PR_SET_VMA = 15, 0x53564D41
# <linux/fcntl.h>: not those that make the kernel send signals.
F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_DUPFD_CLOEXEC = 0, 1, 2, 3, 4, 1030
AT_EMPTY_PATH = 0x1000
INT, WORD = 2**32 - 1, 2**64 - 1
# One way to call something: argument, which of its bits count, and what they must be.
Way = tuple[tuple[int, int, int], ...]
Instruction = tuple[int, int, int, int]
LOAD, AND, IF_EQUAL, RETURN = 0x20, 0x54, 0x15, 0x06
NUMBER_AT, MACHINE_AT, ARGUMENTS_AT = 0, 4, 16
INSTRUCTION, INSTRUCTION_BYTES = "<HBBI", 8
ALLOW = 0x7FFF0000
KILL = 0x80000000
ENOSYS = 38
# As an older kernel would answer, so that libraries fall back to what they did before.
NO_SUCH_CALL = 0x00050000 | ENOSYS


def ways(pid: int, program: int) -> dict[str, tuple[Way, ...]]:
    """Return how guarded calls may be made by the process `pid`, whose program is open as descriptor `program`."""
    return {
        # Threads, never processes; clone3 keeps its flags where no filter can look, and libraries fall back to this.
        "clone": (((0, CLONE_THREAD | CLONE_NEW_ANYTHING, CLONE_THREAD),),),
        "fcntl": tuple(
            ((1, INT, command),) for command in (F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_DUPFD_CLOEXEC)
        ),
        "prctl": (((0, INT, PR_SET_NAME),), ((0, INT, PR_SET_VMA),)),
        # It may end itself, and nobody else.
        "kill": (((0, INT, pid),),),
        "tgkill": (((0, INT, pid),),),
        # Its own limits, to read.
        "prlimit64": (((0, INT, 0), (2, WORD, 0)),),
        # The descriptor closes with it, and its number is above the limit of those that can be opened. An absolute path passes
        # by the descriptor, and no filter sees it: Landlock leaves it the program itself and its loader, caged as before.
        "execveat": (((0, INT, program), (4, INT, AT_EMPTY_PATH)),),
    }


def program_for(machine: str, pid: int, program: int) -> bytes:
    """Return the filter for a machine as `uname -m` names it, in the kernel's format. Raise KeyError for others."""
    audit, column = MACHINES[machine]
    allowed = ways(pid, program)
    instructions = [
        (LOAD, 0, 0, MACHINE_AT),
        # Numbers mean something else to programs of another machine, 32-bit ones for example.
        (IF_EQUAL, 1, 0, audit),
        (RETURN, 0, 0, KILL),
        (LOAD, 0, 0, NUMBER_AT),
        *(part for numbers in CALLS.values() for part in _always(numbers[column])),
        *(
            part
            for name, numbers in GUARDED_CALLS.items()
            for part in _guarded(numbers[column], allowed[name])
        ),
        (RETURN, 0, 0, NO_SUCH_CALL),
    ]
    return b"".join(pack(INSTRUCTION, *instruction) for instruction in instructions)


def _always(number: int) -> list[Instruction]:
    return [] if number == NONE else [(IF_EQUAL, 0, 1, number), (RETURN, 0, 0, ALLOW)]


def _guarded(number: int, allowed: tuple[Way, ...]) -> list[Instruction]:
    block = [part for way in allowed for part in _way(way)] + [(RETURN, 0, 0, NO_SUCH_CALL)]
    return [(IF_EQUAL, 0, len(block), number), *block]


def _way(way: Way) -> list[Instruction]:
    """Return what allows the call where all arguments are as they must be, and else goes on behind itself."""
    words = [word for condition in way for word in _words(*condition)]
    found: list[Instruction] = [(RETURN, 0, 0, ALLOW)]
    for at, bits, value in reversed(words):
        found = [(LOAD, 0, 0, at), (AND, 0, 0, bits), (IF_EQUAL, 0, len(found), value), *found]
    return found


def _words(argument: int, bits: int, value: int) -> list[tuple[int, int, int]]:
    """Return a condition as such of 32-bit words: where each is, which of its bits count, and what they must be."""
    at = ARGUMENTS_AT + 8 * argument
    halves = [(at, bits & INT, value & INT), (at + 4, bits >> 32, value >> 32)]
    return [half for half in halves if half[1]]
