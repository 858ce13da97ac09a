"""A site of its own to break: local S3 and SQS, workers with a disk each, and a database, but no pages."""

from __future__ import annotations

import math
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from django.conf import settings
from django.db import Error, connection
from django.utils import timezone

from accounts.models import User
from bench import meter
from streamsite import laptop, provision
from streamsite.acceptance.stack import Log
from streamsite.supervisor import Program, Supervisor
from transcode.models import Chunk, Job
from videos import uploads
from videos.models import Video

LOOK_EVERY = 0.05
PROGRAMS = ("ffmpeg", "ffprobe")
ENDING_SECONDS = 3
# Two chunks beside what makes it watchable: one begins at 8 s, and one at 20 s.
LONG_SECONDS = 44
STRANGE = ("-c:v", "mpeg4", "-q:v", "4")


@dataclass
class Worker:
    """One Celery worker, as on a host of its own: with its own disk, and so with its own slot."""

    number: int
    log: Log
    app: str = "streamsite"
    # What goes before its command, as `taskset` does.
    before: tuple[str, ...] = ()
    more: Mapping[str, str] = field(default_factory=dict)
    _supervisor: Supervisor | None = None

    @property
    def folder(self) -> Path:
        return settings.VAR_DIR / f"host-{self.number}"

    @property
    def pid(self) -> int:
        assert self._supervisor
        return self._supervisor.pids()[0]

    @property
    def tree(self) -> tuple[int, ...]:
        return (self.pid, *meter.below(self.pid))

    def start(self) -> None:
        program = laptop.worker_program()
        argv = tuple(self.app if word == "streamsite" else word for word in program.argv)
        self.folder.mkdir(exist_ok=True)
        environment = {**program.environment, "WORK_DIR": str(self.folder), **self.more}
        self._supervisor = Supervisor(20, settings.BASE_DIR, self.log.hear)
        self._supervisor.start(Program(f"worker {self.number}", (*self.before, *argv), environment))

    def runs(self) -> bool:
        return self._supervisor is not None and self._supervisor.all_run()

    def kill(self, victim: int | None = None) -> int:
        """Kill the worker, or one of its processes; return how many programs outlive that."""
        victim = victim or self.pid
        programs = [pid for pid in meter.below(victim) if is_program(pid)]
        send(victim, signal.SIGKILL)
        eventually(lambda: not any(map(is_program, programs)), ENDING_SECONDS)
        if victim == self.pid:
            self.stop()
        return sum(map(is_program, programs))

    def stop(self) -> None:
        if self._supervisor:
            self._supervisor.stop()


# The worker, and its process that does the work.
Holders = list[tuple[Worker, int]]


@dataclass
class Place:
    folder: Path
    log: Log
    storage: Supervisor
    owner: User
    workers: list[Worker] = field(default_factory=list)
    # By the monotonic clock: what was tried until then is counted, and nothing more is tried.
    over_at: float = math.inf
    tried: int = 0
    wanted: int = 0
    trying_seconds: float = 0
    # How long each clip is, by its name.
    lengths: dict[str, int] = field(default_factory=dict)

    def tries(self, wanted: int) -> Iterator[int]:
        """Yield the number of each try, for as long as there is time."""
        self.wanted += wanted
        for number in range(wanted):
            if (begun := time.monotonic()) > self.over_at:
                return
            self.tried += 1
            yield number
            self.trying_seconds += time.monotonic() - begun

    def start(self, count: int, **options: object) -> None:
        for number in range(len(self.workers), len(self.workers) + count):
            worker = Worker(number, self.log, **options)  # type: ignore[arg-type]
            self.workers.append(worker)
            worker.start()

    def clips(self, seconds: int = 10) -> tuple[Path, Path]:
        """Make one whose picture is kept, and one whose picture is not."""
        kept = make_clip(self.folder, "kept.mp4", seconds)
        other = make_clip(self.folder, "strange.mp4", seconds, *STRANGE)
        self.lengths |= {kept.name: seconds, other.name: seconds}
        return kept, other

    def long_clip(self) -> Path:
        """Make a small one whose picture is not kept, long enough to be made in chunks."""
        clip = make_clip(self.folder, "long.mp4", LONG_SECONDS, *STRANGE, "-g", "50", size="128x96")
        self.lengths[clip.name] = LONG_SECONDS
        return clip

    def send(self, clip: Path, owner: User | None = None) -> Video:
        """Upload a file as a browser does."""
        data, now = clip.read_bytes(), timezone.now()
        upload = uploads.begin(owner or self.owner, uploads.Wanted(clip.name, len(data)), now)
        for number, url in uploads.part_urls(upload, list(range(1, upload.part_count + 1))).items():
            start = (number - 1) * upload.part_size
            httpx.put(url, content=data[start : start + upload.part_size], trust_env=False).raise_for_status()
        uploads.complete(upload, timezone.now())
        return upload.video

    def holders(self, video: Video | None = None, *, only_chunks: bool = False) -> Holders:
        """Return who holds work, of one video or of any."""
        now = timezone.now()
        jobs = Job.objects.filter(state=Job.State.RUNNING, leased_until__gt=now)
        chunks = Chunk.objects.running(now)
        if only_chunks:
            jobs = jobs.none()
        if video:
            jobs, chunks = jobs.filter(video=video), chunks.filter(job__video=video)
        names = [*jobs.values_list("worker", flat=True), *chunks.values_list("worker", flat=True)]
        pids = {int(name.rpartition(":")[2]) for name in names}
        return [(one, pid) for one in self.workers if one.runs() for pid in one.tree if pid in pids]

    def wait_ready(self, count: int, seconds: float) -> bool:
        return eventually(
            lambda: Video.objects.filter(status__in=("ready", "failed")).count() >= count, seconds
        )

    def tend(self) -> int:
        """Start workers again that ended by themselves, as whatever runs a site does; return how many there were."""
        ended = [worker for worker in self.workers if not worker.runs()]
        for worker in ended:
            worker.start()
        return len(ended)

    def stop_workers(self) -> None:
        for worker in self.workers:
            worker.stop()


@contextmanager
def place(log: Log) -> Iterator[Place]:
    """Run it for the length of the block; the settings of this process say where."""
    storage = Supervisor(10, settings.BASE_DIR, log.hear)
    storage.start(laptop.storage_program())
    provision.provision()
    owner = User.objects.create_user("owner", "owner@example.org", "correct horse")
    found = Place(settings.VAR_DIR, log, storage, owner)
    try:
        yield found
    finally:
        for worker in found.workers:
            for pid in worker.tree if worker.runs() else ():
                send(pid, signal.SIGCONT)
        found.stop_workers()
        storage.stop()


def send(pid: int, number: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, number)


def is_program(pid: int) -> bool:
    """True while a process runs ffmpeg or ffprobe; one that is dead but not yet buried has no arguments any more."""
    return Path((meter.arguments(pid) or ("",))[0]).name.startswith(PROGRAMS)


def programs_in(folder: Path) -> list[int]:
    """Return the programs that work below a folder."""
    return [pid for pid in map(int, filter(str.isdecimal, os.listdir("/proc"))) if _works_in(pid, folder)]


def _works_in(pid: int, folder: Path) -> bool:
    try:
        return is_program(pid) and Path(os.readlink(f"/proc/{pid}/cwd")).is_relative_to(folder)
    except OSError:
        return False


def eventually(what: Callable[[], object], seconds: float) -> bool:
    """Wait until something holds; False if it does not within these seconds. A database that is away does not hold."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            if what():
                return True
        except Error:
            connection.close()
        if time.monotonic() > deadline:
            return False
        time.sleep(LOOK_EVERY)


def make_clip(folder: Path, name: str, seconds: int = 10, *options: str, size: str = "640x360") -> Path:
    """Make a moving test picture with a tone."""
    source = ("-f", "lavfi", "-i", f"testsrc2=d={seconds}:s={size}:r=25")
    sound = ("-f", "lavfi", "-i", f"sine=d={seconds}")
    picture = options or ("-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-g", "50")
    command = (settings.FFMPEG, "-nostdin", "-v", "error", "-y", *source, *sound)
    meter.run((*command, *picture, "-c:a", "aac", name), folder)
    return folder / name


def decodes(path: Path) -> bool:
    command = (settings.FFMPEG, "-nostdin", "-v", "error", "-xerror", "-i", str(path), "-f", "null", "-")
    done = subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, env={}, timeout=120)
    return done.returncode == 0 and not done.stderr
