"""Give up everything that a program does not need, then become that program. Runs on its own, before every ffmpeg.

It imports little, because it starts with each program. What it cannot give up although the kernel can is an error, and then
it aborts: a death by signal is never blamed on a file. What the kernel cannot do is left out; `transcode.sandbox` finds out.
"""

from __future__ import annotations

import ctypes
import os
import resource
import sys
from struct import pack

from transcode.core import calls

# How many files a program may have open. Its own is open as the number after the last of these.
FILES = 256
STACK_BYTES = 8 * 1024**2
# Numbers that are the same on all machines; the modules that name them take longer to import.
SIGKILL, SIGPIPE, SIGXFSZ, EFAULT = 9, 13, 25, 14
# <linux/prctl.h>
PR_SET_PDEATHSIG, PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS = 1, 22, 38
SECCOMP_MODE_FILTER = 2
# <linux/capability.h>: version 3, and three 64-bit sets.
CAPABILITIES_VERSION, CAPABILITIES_BYTES = 0x20080522, 24
# <linux/landlock.h>; these numbers are the same on all machines.
CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
TELL_VERSION, BENEATH_PATH = 1, 1
EXECUTE, WRITE_FILE, READ_FILE, READ_FOLDER, REMOVE_FOLDER, REMOVE_FILE = (1 << bit for bit in range(6))
MAKE_FOLDER, MAKE_FILE, TRUNCATE = 1 << 7, 1 << 8, 1 << 14
OF_A_FILE = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE
# Not to make links, devices, pipes and sockets.
OF_ITS_FOLDER = (
    WRITE_FILE | READ_FILE | READ_FOLDER | REMOVE_FOLDER | REMOVE_FILE | MAKE_FOLDER | MAKE_FILE | TRUNCATE
)
RIGHTS = {
    "--run": EXECUTE | READ_FILE,
    "--read": READ_FILE | READ_FOLDER,
    "--null": READ_FILE | WRITE_FILE,
    "--write": OF_ITS_FOLDER,
}
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


class Box:
    """What the launcher was asked for: `--memory 1 --read a --read b -- program word`."""

    def __init__(self, words: list[str]) -> None:
        end = words.index("--")
        self.argv = words[end + 1 :]
        self._options = list(zip(words[:end:2], words[1:end:2], strict=True))

    def all(self, name: str) -> list[str]:
        return [value for option, value in self._options if option == name]

    def number(self, name: str) -> int:
        return int(self.all(name)[0])


def main() -> None:
    try:
        _become(Box(sys.argv[1:]))
    except Exception as error:
        print(f"launcher: {type(error).__name__}: {error}", file=sys.stderr, flush=True)
        os.abort()


def _become(box: Box) -> None:
    program = _open_program(box.argv[0])
    _set_limits(box)
    if _libc is None:
        os.execve(box.argv[0], box.argv, {})
    _heed_signals()
    _give_up_privileges()
    _end_with(box.number("--parent"))
    if box.number("--closed") == 0:
        os.execve(box.argv[0], box.argv, {})
    if landlock_version():
        _close_files(box)
    if has_seccomp():
        _close_calls(program)
    os.execve(program, box.argv, {})


def _open_program(path: str) -> int:
    """Return the program, open as a number that nothing can get again once the limit is set."""
    opened = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    _limit(resource.RLIMIT_NOFILE, FILES + 1)
    os.dup2(opened, FILES, inheritable=False)
    os.close(opened)
    return FILES


def _set_limits(box: Box) -> None:
    _limit(resource.RLIMIT_NOFILE, FILES)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_STACK, STACK_BYTES)
    _limit(resource.RLIMIT_CPU, box.number("--cpu"))
    _limit(resource.RLIMIT_FSIZE, box.number("--file"))
    _limit(resource.RLIMIT_AS, box.number("--memory"))


def _limit(what: int, most: int) -> None:
    """Set a limit, or keep the one that is stricter already."""
    hard = resource.getrlimit(what)[1]
    if hard != resource.RLIM_INFINITY:
        most = min(most, hard)
    resource.setrlimit(what, (most, most))


def _heed_signals() -> None:
    """Python ignores these two, and so would the program: its files would just stop growing at their limit."""
    assert _libc is not None
    for number in (SIGPIPE, SIGXFSZ):
        _libc.signal(number, None)


def _give_up_privileges() -> None:
    """Have none and get none: without new privileges, not even root's program gets back what is given up here."""
    _prctl(PR_SET_NO_NEW_PRIVS, 1)
    assert _libc is not None
    header = pack("<Ii", CAPABILITIES_VERSION, 0)
    _require(_libc.capset(header, bytes(CAPABILITIES_BYTES)), "capset")


def _end_with(parent: int) -> None:
    """Die when the thread that started this does: it waits for this program, so it lives for as long as that is wanted."""
    _prctl(PR_SET_PDEATHSIG, SIGKILL)
    if os.getppid() != parent:
        os.kill(os.getpid(), SIGKILL)


def landlock_version() -> int:
    """Return which version of Landlock the kernel has, 0 for none."""
    return max(0, _landlock(CREATE_RULESET, None, 0, TELL_VERSION))


def rights_of(version: int) -> tuple[int, ...]:
    """Return all that a version of Landlock can refuse: about files, the network, other processes."""
    files = (1 << {1: 13, 2: 14, 3: 15, 4: 15}.get(version, 16)) - 1
    network, processes = 0b11, 0b11
    return (files,) if version < 4 else (files, network) if version < 6 else (files, network, processes)


def _close_files(box: Box) -> None:
    """Leave this process the files it was given, and refuse all else that the kernel's Landlock knows to refuse."""
    refused = rights_of(landlock_version())
    attributes = pack(f"<{len(refused)}Q", *refused)
    rules = _require(_landlock(CREATE_RULESET, attributes, len(attributes), 0), "landlock_create_ruleset")
    for option, rights in RIGHTS.items():
        for path in box.all(option):
            _allow(rules, path, rights & refused[0])
    _require(_landlock(RESTRICT_SELF, rules, 0), "landlock_restrict_self")
    os.close(rules)


def _allow(rules: int, path: str, rights: int) -> None:
    try:
        beneath = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except (FileNotFoundError, PermissionError):
        # Systems differ in what they have, and what cannot be reached needs no rule.
        return
    if not os.path.isdir(path):
        rights &= OF_A_FILE
    rule = pack("<Qi", rights, beneath)
    _require(_landlock(ADD_RULE, rules, BENEATH_PATH, rule, 0), f"landlock_add_rule {path}")
    os.close(beneath)


def has_seccomp() -> bool:
    """True if the kernel filters calls, and their numbers on this machine are known."""
    if _libc is None or os.uname().machine not in calls.MACHINES:
        return False
    # It takes no filter from nowhere, and says so only if it would take one.
    _libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, None)
    return ctypes.get_errno() == EFAULT


class _Filter(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def _close_calls(program: int) -> None:
    instructions = calls.program_for(os.uname().machine, os.getpid(), program)
    found = _Filter(len(instructions) // calls.INSTRUCTION_BYTES, instructions)
    _prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(found))


def _landlock(number: int, *words: int | bytes | None) -> int:
    return -1 if _libc is None else int(_libc.syscall(ctypes.c_long(number), *map(_word, words)))


def _prctl(what: int, *words: object) -> None:
    assert _libc is not None
    # It wants zeros for what is not used.
    _require(_libc.prctl(what, *map(_word, (*words, 0, 0, 0, 0)[:4])), f"prctl {what}")


def _word(value: object) -> object:
    return ctypes.c_long(value) if isinstance(value, int) else value


def _require(answer: int, what: str) -> int:
    if answer < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return answer
