"""Try the sandbox on this machine: one good encode, and attacks that must fail."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from django.conf import settings

from transcode import launcher, process
from transcode.core.containment import Containment, judge
from transcode.sandbox import Box

SECONDS = 30
PICTURE = ("-f", "lavfi", "-i", "testsrc2=d=1:s=320x180:r=25", "-c:v", "libx264", "picture.mp4")
# Says what it could do. Its last word shows that it tried.
ATTACK = """
import os, socket, sys

def attempt(what, act):
    try:
        act()
    except OSError:
        return
    print(what, flush=True)

def fork():
    if os.fork() == 0:
        os._exit(0)

attempt("file", lambda: open(sys.argv[1]).close())
attempt("socket", lambda: socket.socket().close())
attempt("process", fork)
print("done")
"""


class Broken(Exception):
    """Not even what is good works in the sandbox; the text says what to do."""


def contain() -> Containment:
    """Return how well programs are contained here. Raise Broken where they do not run at all."""
    try:
        settings.WORK_DIR.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=settings.WORK_DIR) as place:
            folder, canary = Path(place) / "attempt", Path(place) / "canary"
            folder.mkdir()
            canary.write_text("Not yours.")
            return _contain(folder, canary)
    except OSError as error:
        raise Broken(
            f"WORK_DIR cannot be worked in: {error}. Free some room there, or name another folder."
        ) from error


def _contain(folder: Path, canary: Path) -> Containment:
    try:
        process.run((settings.FFMPEG, "-nostdin", "-v", "error", *PICTURE), folder, silence=SECONDS)
        process.run((settings.FFPROBE, "-v", "error", "file:picture.mp4"), folder, silence=SECONDS)
        return judge(_attack(folder, canary), _kernel())
    except (OSError, process.CommandFailed) as error:
        words = error.stderr.strip() if isinstance(error, process.CommandFailed) else ""
        raise Broken(
            f"In the sandbox, {error}: {words[-500:]} If it is a library that is not found or not permitted, name its"
            " folder in SANDBOX_READ."
        ) from error


def _attack(folder: Path, canary: Path) -> frozenset[str]:
    box = Box(read=(sys.base_prefix, sys.prefix))
    command = (sys.executable, "-I", "-S", "-c", ATTACK, str(canary))
    words = process.run(command, folder, silence=SECONDS, box=box).split()
    if words[-1:] != ["done"]:
        raise OSError(f"the attacker's last words are {words}")
    return frozenset(words[:-1])


def _kernel() -> str:
    version = launcher.landlock_version()
    landlock = f"Landlock {version}" if version else "no Landlock"
    return f"{landlock}, {'seccomp' if launcher.has_seccomp() else 'no seccomp'}"
