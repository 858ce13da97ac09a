"""What a program may have while it runs, and how well this machine can see to that."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

GIB = 1024**3
MACHINE = os.uname().machine
# Who reads the program into memory, and the libraries it may ask for.
LOADERS = (
    "/lib64/ld-linux-x86-64.so.2",
    "/lib/ld-linux-aarch64.so.1",
    f"/lib/ld-musl-{MACHINE}.so.1",
)
LIBRARIES = (
    *("/etc/ld.so.cache", "/lib64"),
    *(f"/lib/{MACHINE}-linux-gnu", f"/usr/lib/{MACHINE}-linux-gnu"),
)
# How many processors there are, what they can do, and numbers nobody can guess. Not /proc/self, which tells of the network.
MACHINERY = ("/proc/cpuinfo", "/sys/devices/system/cpu", "/dev/urandom")


@dataclass(frozen=True, slots=True)
class Launcher:
    """Which Python becomes the program, and where it finds `transcode.launcher`."""

    python: str = sys.executable
    root: Path = Path(__file__).resolve().parent.parent

    @property
    def argv(self) -> tuple[str, ...]:
        # Isolated from the environment and from what else is installed, which also makes it start quicker.
        begin = (
            f"import sys; sys.path.insert(0, {str(self.root)!r}); from transcode.launcher import main; main()"
        )
        return (self.python, "-I", "-S", "-B", "-c", begin)


@dataclass(frozen=True, slots=True)
class Box:
    """How much a program may use, and what it may read beside its folder."""

    # Address space. What has no plan decodes one picture on each processor.
    memory_bytes: int = 4 * GIB + (os.cpu_count() or 1) * GIB // 4
    cpu_seconds: int = 2 * 3600
    # By the clock, whether it computes or sleeps.
    wall_seconds: float = 4 * 3600
    # Of one file that it writes.
    file_bytes: int = 2 * GIB
    read: tuple[str, ...] = ()


SMALL, OURS = Box(), Launcher()


def command(
    argv: tuple[str, ...], program: str, folder: Path, box: Box, launcher: Launcher = OURS
) -> tuple[str, ...]:
    """Return what starts `program` with `argv` and nothing but `folder`. It runs for as long as this thread does."""
    reads = (*LIBRARIES, *MACHINERY, *settings.SANDBOX_READ, *box.read, *_source_of(folder))
    return (
        *launcher.argv,
        *("--parent", str(os.getpid()), "--closed", str(int(settings.SANDBOX))),
        *("--memory", str(box.memory_bytes), "--cpu", str(box.cpu_seconds), "--file", str(box.file_bytes)),
        *(word for path in (program, *LOADERS) for word in ("--run", path)),
        *(word for path in reads for word in ("--read", path)),
        *("--null", "/dev/null", "--write", str(folder)),
        *("--", program, *argv[1:]),
    )


def _source_of(folder: Path) -> tuple[str, ...]:
    """Return the file that `source` in a folder stands for, which is to be read only: other attempts have the same one.

    No program in the sandbox can make such a link.
    """
    source = folder / "source"
    return (str(source.readlink()),) if source.is_symlink() else ()
