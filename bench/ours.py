"""Our own encode of a clip: the commands that a worker runs, and what they leave."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from django.conf import settings

from bench import meter
from transcode import machine, sandbox
from transcode.core import argv, gate, spans
from transcode.core.media import Media, parse_probe
from transcode.core.plan import Plan, plan_encode

LIMITS = gate.Limits()


@dataclass(frozen=True, slots=True)
class Encode:
    folder: Path
    plan: Plan
    spent: meter.Spent

    @property
    def stored_bytes(self) -> int:
        return sum(
            path.stat().st_size for path in self.folder.rglob("*") if path.suffix in (".m4s", ".mp4", ".m3u8")
        )

    def bytes_of(self, track: str) -> int:
        # ffmpeg leaves the first segment in the init segment; a worker moves it to where it belongs.
        return sum(path.stat().st_size for path in (self.folder / track).glob("*.m*4*"))

    def joined(self, track: str) -> Path:
        """Return a file that plays by itself."""
        target = self.folder / f"{track}.joined"
        parts = [self.folder / track / "init.mp4", *sorted((self.folder / track).glob("*.m4s"))]
        target.write_bytes(b"".join(part.read_bytes() for part in parts))
        return target


def effort() -> argv.Effort:
    """Return that of a worker here for frames that are not small."""
    return argv.Effort(settings.ENCODE_PRESET, min(settings.ENCODE_THREADS, machine.cores()))


def encode(
    clip: Path,
    folder: Path,
    effort: argv.Effort,
    *,
    sides: Sequence[int] = (),
    crf: int | None = None,
    is_boxed: bool = False,
) -> Encode:
    """Encode the ladder, or only the rungs with such short sides and without sound; in the sandbox, if told to."""
    folder.mkdir(parents=True)
    (folder / "source").symlink_to(clip.resolve())
    plan = plan_encode(probe(folder), settings.LADDER_TOP)
    if sides:
        kept = tuple(rung for rung in plan.renditions if min(rung.width, rung.height) in sides)
        plan = replace(plan, renditions=kept, sounds=())
    for name in (*(rung.name for rung in plan.renditions), *(sound.name for sound in plan.sounds)):
        (folder / name).mkdir()
    command = argv.encode_argv(settings.FFMPEG, plan, spans.whole(plan)[0], LIMITS, effort)
    command = command if crf is None else _at(crf, command)
    return Encode(folder, plan, meter.run(_boxed(command, folder, clip) if is_boxed else command, folder))


def _boxed(command: argv.Argv, folder: Path, clip: Path) -> argv.Argv:
    """As a worker starts it; the clip is not copied, so it may be read where it lies."""
    box = replace(sandbox.SMALL, read=(str(clip.resolve()),))
    return sandbox.command(command, settings.FFMPEG, folder, box)


def _at(crf: int, command: argv.Argv) -> argv.Argv:
    places = [place for place, word in enumerate(command) if word == "-crf"]
    return tuple(str(crf) if place - 1 in places else word for place, word in enumerate(command))


def probe(folder: Path) -> Media:
    command = argv.probe_argv(settings.FFPROBE, LIMITS)
    answer = subprocess.run(command, cwd=folder, capture_output=True, check=True, stdin=subprocess.DEVNULL)
    return parse_probe(json.loads(answer.stdout))
