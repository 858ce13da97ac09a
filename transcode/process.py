"""Run other programs. The only module here that starts any."""

from __future__ import annotations

import ctypes
import logging
import os
import selectors
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.sharedctypes import RawValue
from pathlib import Path
from typing import IO

from transcode import sandbox

logger = logging.getLogger(__name__)
TAIL = 4_000
# ffprobe describes 64 streams with every tag people put into files in a tenth of this; no line is nearly as long.
MOST_PRINTED = 16 * 1024**2
LOOK_EVERY, CLOSING_LOOK_EVERY = 0.1, 0.005
PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


class CommandFailed(Exception):
    """A program ended with an error, or was ended; `stderr` holds the end of what it said."""

    def __init__(self, argv: tuple[str, ...], status: int, stderr: str) -> None:
        super().__init__(f"{Path(argv[0]).name} ended with status {status}")
        self.argv = argv
        self.status = status
        self.stderr = stderr

    @property
    def is_killed(self) -> bool:
        """True if a signal ended it, which no file should be blamed for."""
        return self.status < 0


class Silent(CommandFailed):
    """A program said nothing that counts for too long and was ended."""


class Overdue(CommandFailed):
    """A program took longer than it may, by the clock, and was ended."""


class Talkative(CommandFailed):
    """A program said more than anybody wants to keep, and was ended."""


class Stopped(Exception):
    """This worker is stopping; whatever it was doing is handed back."""


class _Clock:
    """How long a program may still go on: until it is silent for too long, or has had its time."""

    def __init__(self, silence: float, seconds: float) -> None:
        self._silence = silence
        self._heard_at = time.monotonic()
        self._over_at = self._heard_at + seconds

    def hear(self) -> None:
        self._heard_at = time.monotonic()

    def check(self, argv: tuple[str, ...], stderr: str) -> None:
        """Raise Overdue or Silent where its time is over."""
        now = time.monotonic()
        if now > self._over_at:
            raise Overdue(argv, -signal.SIGKILL, stderr)
        if now - self._heard_at > self._silence:
            raise Silent(argv, -signal.SIGKILL, stderr)


class _Printed:
    """What a program printed: all of it, or only its last line so far where somebody hears each line as it comes.

    Progress of a long encode adds up to more than a program may print that nobody hears meanwhile.
    """

    def __init__(self, on_line: Callable[[str], object] | None) -> None:
        self._on_line = on_line
        self._kept = bytearray()

    @property
    def is_too_much(self) -> bool:
        return len(self._kept) > MOST_PRINTED

    def take(self, data: bytes) -> None:
        self._kept += data
        if self._on_line:
            *lines, self._kept = self._kept.split(b"\n")
            for line in lines:
                self._on_line(_text(line))

    def __str__(self) -> str:
        return _text(self._kept)


class SharedFlag:
    """A flag that processes share which were forked after it was made.

    Without a lock, unlike multiprocessing.Event: a process that is killed while it looks would keep that for ever.
    """

    def __init__(self) -> None:
        self._byte = RawValue("b", 0)

    def set(self) -> None:
        self._byte.value = 1

    def clear(self) -> None:
        self._byte.value = 0

    def is_set(self) -> bool:
        return bool(self._byte.value)


# Set once this worker must end.
stopping = SharedFlag()


def run(
    argv: tuple[str, ...],
    folder: Path,
    *,
    silence: float,
    box: sandbox.Box = sandbox.SMALL,
    on_line: Callable[[str], object] | None = None,
    on_wait: Callable[[], None] = lambda: None,
    is_news: Callable[[str], bool] | None = None,
) -> str:
    """Run `argv` in `folder` and return what it printed, or have `on_line` hear each line as it comes.

    `on_wait` is called several times a second while the program runs; what it raises ends the program.

    The program gets no environment, no input, no network and no file outside `folder` (see `sandbox`). It ends with its
    worker, when the worker stops, when its box's time is over, and when it says nothing for `silence` seconds; with
    `is_news`, only lines that this is true of count as saying something. Raise CommandFailed with its status and last
    words, Silent, Overdue, Talkative, or Stopped; FileNotFoundError where there is no such program.
    """
    program = shutil.which(argv[0])
    if program is None:
        raise FileNotFoundError(f"there is no program {argv[0]}")
    # As a shell would take it, to be pasted into one.
    logger.debug("run %s", shlex.join(argv))
    with subprocess.Popen(
        sandbox.command(argv, program, folder, box),
        cwd=folder,
        env={},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        try:
            clock = _Clock(silence, box.wall_seconds)
            printed = _Printed(_heard(on_line, is_news, clock))
            stderr = _listen(process, argv, clock, printed, on_wait, hears_all=is_news is None)
        finally:
            _end(process)
    if process.returncode:
        raise CommandFailed(argv, process.returncode, stderr)
    return str(printed)


def _heard(
    on_line: Callable[[str], object] | None, is_news: Callable[[str], bool] | None, clock: _Clock
) -> Callable[[str], object] | None:
    """Return who hears lines, so that the clock hears those that are news."""
    if is_news is None:
        return on_line

    def hear(line: str) -> None:
        if on_line:
            on_line(line)
        if is_news(line):
            clock.hear()

    return hear


def _listen(
    process: subprocess.Popen[bytes],
    argv: tuple[str, ...],
    clock: _Clock,
    printed: _Printed,
    on_wait: Callable[[], None],
    *,
    hears_all: bool,
) -> str:
    """Read both pipes to their ends; return the end of stderr."""
    stderr = bytearray()

    def attend() -> None:
        on_wait()
        if stopping.is_set():
            raise Stopped
        clock.check(argv, _text(stderr))

    with selectors.DefaultSelector() as selector:
        for pipe in (process.stdout, process.stderr):
            assert pipe is not None
            selector.register(pipe, selectors.EVENT_READ)
        while selector.get_map():
            for data, pipe in _ready(selector):
                if hears_all:
                    clock.hear()
                if pipe is process.stderr:
                    stderr = (stderr + data)[-TAIL:]
                    continue
                printed.take(data)
                if printed.is_too_much:
                    raise Talkative(argv, -signal.SIGKILL, _text(stderr))
            attend()
    while not _has_ended(process):
        # It closed its pipes and goes on.
        attend()
    return _text(stderr)


def _ready(selector: selectors.BaseSelector) -> list[tuple[bytes, IO[bytes]]]:
    """Return what the pipes have to say now; a pipe at its end leaves the selector."""
    heard = []
    for key, _ in selector.select(LOOK_EVERY):
        pipe: IO[bytes] = key.fileobj  # type: ignore[assignment]
        data = os.read(key.fd, 65536)
        if data:
            heard.append((data, pipe))
        else:
            selector.unregister(pipe)
    return heard


def _has_ended(process: subprocess.Popen[bytes]) -> bool:
    """True once it has ended. Nobody has waited for it then, so its number is still that of its group."""
    look_until = time.monotonic() + LOOK_EVERY
    while os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
        if time.monotonic() > look_until:
            return False
        time.sleep(CLOSING_LOOK_EVERY)
    return True


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the program and whatever it started, also where it has ended itself, and wait for it."""
    # Its number is nobody else's until it is waited for, which happens here only. Some systems refuse where it ended.
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def end_with_parent(number: int = signal.SIGKILL) -> None:
    """Have this process get a signal when its parent dies."""
    if _libc is not None:
        _libc.prctl(PR_SET_PDEATHSIG, number)


def _text(data: bytes | bytearray) -> str:
    return bytes(data).decode(errors="replace")
