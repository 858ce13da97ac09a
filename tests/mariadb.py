"""Run a command with DATABASE_URL naming a private MariaDB that lives as long as the command does.

`python -m tests.mariadb pytest …` ends with the command's status and leaves neither a process nor a file behind.
"""

from __future__ import annotations

import ctypes
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

START_SECONDS = 60
STOP_SECONDS = 20
PR_SET_PDEATHSIG = 1


@contextmanager
def private_mariadb() -> Iterator[str]:
    """Yield the URL of a database on a server of its own, in a folder of its own, on a free loopback port."""
    with private_server() as server:
        yield server.url


@contextmanager
def private_server(*, is_durable: bool = False) -> Iterator[Server]:
    """Yield such a server, which may be stopped and started again; `is_durable` if it may be killed, too."""
    folder = Path(tempfile.mkdtemp(prefix="streamsite-mariadb-"))
    try:
        password = secrets.token_hex(16)
        _install(folder, password)
        server = Server(folder, password, _free_port(), is_durable)
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@dataclass
class Server:
    folder: Path
    password: str
    port: int
    is_durable: bool
    _process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"mysql://streamsite:{self.password}@127.0.0.1:{self.port}/streamsite"

    def start(self) -> None:
        log = self.folder / "server.log"
        with log.open("ab") as said:
            self._process = subprocess.Popen(
                _server_argv(self.folder, self.port, self.is_durable),
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                # Ctrl-C is for the command alone, which still needs its database; but the server never outlives this process.
                start_new_session=True,
                preexec_fn=_end_with_parent,
                **_identity(),
            )
        _wait_until_ready(self._process, self.port, log)
        # What it does when it starts is done; a second time it would fail.
        (self.folder / "init.sql").write_text("")

    def stop(self, number: int = signal.SIGTERM) -> None:
        if self._process and self._process.poll() is None:
            self._process.send_signal(number)
            _wait(self._process)


def _install(folder: Path, password: str) -> None:
    folder.chmod(0o700)
    # The user may make other databases, because Django's test runner does.
    (folder / "init.sql").write_text(
        "CREATE DATABASE streamsite CHARACTER SET utf8mb4;\n"
        f"CREATE USER streamsite@'127.0.0.1' IDENTIFIED BY '{password}';\n"
        "GRANT ALL ON *.* TO streamsite@'127.0.0.1';\n"
    )
    identity = _identity()
    if identity:
        os.chown(folder, identity["user"], identity["group"])
        os.chown(folder / "init.sql", identity["user"], identity["group"])
    install = ["mariadb-install-db", "--no-defaults", f"--datadir={folder}/data", "--skip-test-db"]
    done = subprocess.run(
        [*install, "--auth-root-authentication-method=socket"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        **identity,
    )
    if done.returncode:
        raise SystemExit(f"mariadb-install-db failed:\n{done.stdout}{done.stderr}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _server_argv(folder: Path, port: int, is_durable: bool) -> tuple[str, ...]:
    return (
        shutil.which("mariadbd", path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin") or "mariadbd",
        "--no-defaults",
        f"--datadir={folder}/data",
        f"--init-file={folder}/init.sql",
        f"--socket={folder}/socket",
        # A server that starts removes what others have in a folder they share.
        f"--tmpdir={folder}",
        f"--pid-file={folder}/pid",
        f"--port={port}",
        "--bind-address=127.0.0.1",
        "--skip-name-resolve",
        "--skip-log-bin",
        "--character-set-server=utf8mb4",
        # In most tests nothing has to survive a crash.
        f"--innodb-flush-log-at-trx-commit={int(is_durable)}",
        "--innodb-buffer-pool-size=64M",
    )


def _identity() -> dict[str, Any]:
    """MariaDB refuses to run as root, and needs no rights at all."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _end_with_parent() -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _wait_until_ready(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while server.poll() is None and time.monotonic() < deadline:
        # It listens before it has read its init file, and greets only after.
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=START_SECONDS) as connection:
                if connection.recv(1):
                    return
        except OSError:
            pass
        time.sleep(0.05)
    raise SystemExit(f"MariaDB did not start:\n{log.read_text(errors='replace')}")


def _wait(server: subprocess.Popen[bytes]) -> None:
    try:
        server.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def main(command: Sequence[str]) -> int:
    # As an exception, so that what was begun is undone.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    with private_mariadb() as url:
        child = subprocess.Popen(command, env={**os.environ, "DATABASE_URL": url})
        # From here on the command ends first. A terminal sends it Ctrl-C too; SIGTERM is for this process alone.
        signal.signal(signal.SIGINT, lambda number, frame: None)
        signal.signal(signal.SIGTERM, lambda number, frame: child.terminate())
        status = child.wait()
    return status if status >= 0 else 128 - status


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)
