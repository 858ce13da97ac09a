"""What an attack would reach for: a folder of secrets that notices each open, and a server that notices each call."""

from __future__ import annotations

import ctypes
import os
import socket
import struct
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from shutil import rmtree

from django.conf import settings

from transcode import process

# inotify(7). Unlike access times it needs no mount option, and unlike fanotify no privilege.
IN_OPEN, IN_ACCESS, IN_ISDIR = 0x20, 0x1, 0x40000000
EVENT = struct.Struct("iIII")
LARGEST_EVENT = 65536
SECRET = "TOP-SECRET-CANARY aws_secret_access_key=AKIA\n"
PICTURE = ("-f", "lavfi", "-i", "testsrc=s=64x48:r=5:d=1")
H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")


@dataclass
class Canary:
    folder: Path
    port: int
    calls: list[str] = field(default_factory=list)
    _watch: int = -1

    @property
    def path(self) -> str:
        return f"{self.folder}/"

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    def files(self) -> set[str]:
        return {path.name for path in self.folder.iterdir()}

    def opens(self) -> list[str]:
        """Return the names of what was opened or read since the last time."""
        found, data = [], b""
        with suppress(BlockingIOError):
            data = os.read(self._watch, LARGEST_EVENT)
        while data:
            _, mask, _, length = EVENT.unpack_from(data)
            name = data[EVENT.size : EVENT.size + length].rstrip(b"\0").decode()
            data = data[EVENT.size + length :]
            found.append(name or "(the folder itself)")
        return found


@contextmanager
def watched() -> Iterator[Canary]:
    """Yield a fresh canary; its path and port are as long as those in other people's files, so either fits in."""
    # As long as `/var/lib/streamsite-canary-aa/`: some files say before a path how long it is.
    folder = Path(tempfile.mkdtemp(prefix="streamsite-canar", dir="/tmp"))
    with _listener() as server:
        canary = Canary(folder, server.getsockname()[1])
        _fill(folder)
        canary._watch = _watch(folder)
        threading.Thread(target=_answer, args=(server, canary.calls), daemon=True).start()
        try:
            yield canary
        finally:
            os.close(canary._watch)
            rmtree(folder, ignore_errors=True)


def _fill(folder: Path) -> None:
    """Put there what would play, if it were opened: an attack that works should be seen to work."""
    for name, options in {
        "secret.ts": (*H264, "-f", "mpegts"),
        "secret.mp4": H264,
        "secret.mkv": H264,
        "secret.png": ("-frames:v", "1"),
    }.items():
        process.run((settings.FFMPEG, "-v", "error", *PICTURE, *options, name), folder, silence=60)
    for name in ("secret.txt", "secret.srt", "secret.m3u8"):
        (folder / name).write_text(SECRET * 40)
    # Whoever the programs run as could read it, where nothing else stops them.
    folder.chmod(0o755)


def _watch(folder: Path) -> int:
    libc = ctypes.CDLL(None, use_errno=True)
    descriptor = libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
    if descriptor < 0 or libc.inotify_add_watch(descriptor, str(folder).encode(), IN_OPEN | IN_ACCESS) < 0:
        raise OSError(ctypes.get_errno(), "inotify")
    return int(descriptor)


@contextmanager
def _listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


def _answer(server: socket.socket, calls: list[str]) -> None:
    """Write down each call, and answer it, so that whoever calls goes on to do its worst."""
    while True:
        try:
            connection, _ = server.accept()
        except OSError:
            return
        with connection, suppress(OSError):
            connection.settimeout(1)
            calls.append("(connected)")
            calls[-1] = connection.recv(4096).partition(b"\r\n")[0].decode(errors="replace")
            connection.sendall(b"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n")
