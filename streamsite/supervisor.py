"""Run the whole site on one machine: start in order, restart what dies, stop in order."""

from __future__ import annotations

import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from urllib.request import urlopen

from transcode.process import end_with_parent

logger = logging.getLogger(__name__)
READY_SECONDS = 60
MOST_RESTARTS = 5


class CannotStart(Exception):
    """The site cannot start; the text is one sentence with the fix."""


@dataclass(frozen=True, slots=True)
class Program:
    name: str
    argv: tuple[str, ...]
    environment: dict[str, str]
    # Makes the program useful each time it has been started; the next one starts only then.
    after_start: Callable[[], object] = lambda: None


@dataclass
class Child:
    program: Program
    process: subprocess.Popen[bytes]
    started_at: list[float] = field(default_factory=list)


def show(name: str, line: str) -> None:
    sys.stdout.write(f"{time.strftime('%H:%M:%S')} {name:6} | {line}\n")
    sys.stdout.flush()


class Supervisor:
    """Children in the order they were started; stopped in the opposite order."""

    def __init__(
        self, stop_seconds: float, folder: Path, on_line: Callable[[str, str], object] = show
    ) -> None:
        self._children: list[Child] = []
        self._stop_seconds = stop_seconds
        self._folder = folder
        self._stopping = threading.Event()
        self._on_line = on_line

    def start(self, program: Program) -> None:
        self._children.append(Child(program, self._spawn(program), [time.monotonic()]))
        program.after_start()

    def run_once(self, program: Program) -> int:
        """Run a program beside the others, and return its status."""
        return self._spawn(program).wait()

    def wait(self) -> None:
        """Return when asked to stop; raise CannotStart if a program keeps dying."""
        while not self._stopping.wait(0.3):
            for child in self._children:
                if child.process.poll() is not None and not self._stopping.is_set():
                    self._restart(child)

    def all_run(self) -> bool:
        return all(child.process.poll() is None for child in self._children)

    def pids(self) -> list[int]:
        """Return the ids of the programs that were started, in that order."""
        return [child.process.pid for child in self._children]

    def is_over(self) -> bool:
        """True if it was asked to stop, or a program has ended."""
        return self._stopping.is_set() or not self.all_run()

    @property
    def is_stopping(self) -> bool:
        return self._stopping.is_set()

    def request_stop(self) -> None:
        self._stopping.set()

    def stop(self) -> None:
        # Web and worker before the storage they use.
        for child in sorted(self._children, key=lambda child: -self._children.index(child)):
            _end(child.process, self._stop_seconds)

    def _restart(self, child: Child) -> None:
        now = time.monotonic()
        child.started_at = [at for at in child.started_at if now - at < 60]
        if len(child.started_at) >= MOST_RESTARTS:
            raise CannotStart(
                f"{child.program.name} ended {MOST_RESTARTS} times within a minute; its last lines say why."
            )
        logger.warning(
            "%s ended with status %s, starting it again", child.program.name, child.process.returncode
        )
        time.sleep(1)
        child.started_at.append(now)
        child.process = self._spawn(child.program)
        child.program.after_start()

    def _spawn(self, program: Program) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            program.argv,
            cwd=self._folder,
            env={**os.environ, **program.environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            # A session of its own: Ctrl-C reaches this process alone, which then stops the others in order.
            start_new_session=True,
            preexec_fn=partial(end_with_parent, signal.SIGTERM),
        )
        threading.Thread(target=_repeat, args=(program.name, process, self._on_line), daemon=True).start()
        return process


def _repeat(name: str, process: subprocess.Popen[bytes], on_line: Callable[[str, str], object]) -> None:
    """Pass on what a child prints, line by line."""
    assert process.stdout is not None
    with process.stdout as lines:
        for line in lines:
            on_line(name, line.decode(errors="replace").rstrip())


def _end(process: subprocess.Popen[bytes], seconds: float) -> None:
    if process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def require_free(port: int, variable: str) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise CannotStart(
                f"port {port} is taken, perhaps by a site that runs already; end that, or choose another:"
                f" {variable}={port + 10} make run"
            ) from error


def free_ports(count: int) -> list[int]:
    """Return ports that nobody listens on, all different."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for sock in sockets:
            sock.bind(("127.0.0.1", 0))
        return [int(sock.getsockname()[1]) for sock in sockets]
    finally:
        for sock in sockets:
            sock.close()


def wait_for(what: str, is_ready: Callable[[], bool], is_over: Callable[[], bool] = lambda: False) -> None:
    """Return when something is ready; raise CannotStart after a minute, or when it cannot become so any more."""
    deadline = time.monotonic() + READY_SECONDS
    while not is_ready():
        if is_over():
            raise CannotStart(f"{what} ended while it was starting; the lines above say why.")
        if time.monotonic() > deadline:
            raise CannotStart(
                f"{what} did not answer within {READY_SECONDS} seconds; the lines above say why."
            )
        time.sleep(0.1)


def answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=5) as response:
            return bool(response.status < 500)
    except OSError as error:
        return getattr(error, "code", 500) < 500
