"""A private copy of the site with everything in it that there is to look at."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from streamsite.acceptance.people import Person
from streamsite.acceptance.stack import Log, Stack, private_stack

POSTERS = 8
DESCRIPTION = (
    "A rabbit wakes up and finds his morning disturbed.\n\n0:02 The tree\n0:05 The butterfly\n\n"
    "Made by the Blender Foundation: https://peach.blender.org/about/. Shown here in four qualities."
)


@dataclass(frozen=True)
class Place:
    """What is to be seen, and where."""

    stack: Stack
    video: str
    # The person whom the desk looks at.
    person: str
    states: dict[str, str]
    errors: dict[str, str]
    files: Path


@contextmanager
def furnished() -> Iterator[Place]:
    log = Log()
    folder = Path(tempfile.mkdtemp(prefix="streamsite-screenshots-"))
    try:
        with private_stack(log) as stack:
            yield furnish(stack, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def furnish(stack: Stack, folder: Path) -> Place:
    make_posters(folder)
    (folder / "long.mp4").write_bytes(os.urandom(3_000_000))
    (folder / "photo.jpg").write_bytes(b"\xff\xd8")
    command = (sys.executable, "-m", "bench.showcase", str(folder))
    environment = {**os.environ, **stack.environment}
    told = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True, timeout=120)
    found = json.loads(told.stdout.splitlines()[-1])
    return Place(stack, real_video(stack), found["person"], found["states"], found["errors"], folder)


def make_posters(folder: Path) -> None:
    for number in range(POSTERS):
        argv = (
            settings.FFMPEG,
            "-loglevel",
            "error",
            "-ss",
            str(0.2 + number * 0.6),
            "-i",
            str(settings.DEMO_CLIP),
        )
        picture = ("-frames:v", "1", "-vf", f"scale=640:-2,hue=h={number * 40}", f"{folder}/{number}.jpg")
        subprocess.run((*argv, *picture), check=True, timeout=60, stdin=subprocess.DEVNULL)


def real_video(stack: Stack) -> str:
    person = Person(stack.site, "peach")
    video = person.api.upload(settings.DEMO_CLIP, title="Big Buck Bunny", visibility="public")
    assert person.api.wait(video["id"], every=0.2)["status"] == "ready"
    words = {"title": "Big Buck Bunny", "description": DESCRIPTION, "visibility": "public"}
    person.post(f"{video['url']}edit/", words)
    person.close()
    return str(video["id"])
