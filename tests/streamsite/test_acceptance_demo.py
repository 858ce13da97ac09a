"""`manage.py demo`, as somebody types it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

CLIP = """it's a "clip".mp4"""
TEXT = "not a video.mp4"

pytestmark = pytest.mark.stack


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two seconds of a test picture with a tone, and a text that claims to be a video."""
    made = tmp_path / "clips"
    made.mkdir()
    picture = ("-f", "lavfi", "-i", "testsrc2=d=2:s=320x180:r=25")
    sound = ("-f", "lavfi", "-i", "sine=d=2")
    command = (settings.FFMPEG, "-v", "error", *picture, *sound, "-pix_fmt", "yuv420p", str(made / CLIP))
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    (made / TEXT).write_text("Dear diary")
    (made / "README.md").write_text("Not to be tried.")
    return made


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the private copy makes its folder."""
    made = tmp_path / "tmp"
    made.mkdir()
    monkeypatch.setenv("TMPDIR", str(made))
    return made


# Short times are for tests that kill a worker; on a busy machine they take its lease from one that only waits.
UNHURRIED = ("LEASE_SECONDS", "VISIBILITY_SECONDS")


def demo(*arguments: object) -> subprocess.Popen[str]:
    command = (sys.executable, "manage.py", "demo", *map(str, arguments))
    environment = {name: value for name, value in os.environ.items() if name not in UNHURRIED}
    return subprocess.Popen(
        command,
        cwd=settings.BASE_DIR,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def is_alive_in(folder: Path) -> bool:
    """Is a process running that was told to use `folder`?"""
    mark = f"TMPDIR={folder}".encode()
    return any(mark in _environment(process) for process in Path("/proc").glob("[0-9]*"))


def _environment(process: Path) -> bytes:
    # This test's own knows of the folder, too; and others may end while we look.
    try:
        return b"" if process.name == str(os.getpid()) else (process / "environ").read_bytes()
    except OSError:
        return b""


class DemoTests:
    def test_reports_on_each_file_and_leaves_nothing_else(
        self, folder: Path, temporary: Path, tmp_path: Path
    ):
        lines, out = tmp_path / "lines.jsonl", tmp_path / "out"
        with demo("--json", lines, "--out", out, "--", folder) as process:
            printed, said = process.communicate(timeout=300)
        assert (process.returncode, said) == (0, "")
        assert printed == lines.read_text()
        ready, failed = map(json.loads, printed.splitlines())
        self._is_watched(ready, out / f"1-{CLIP}")
        assert (failed["file"], failed["status"]) == (TEXT, "failed")
        assert failed["reason"].startswith("We cannot read this file as a video.")
        assert [kept.name for kept in out.iterdir()] == [f"1-{CLIP}"]
        assert not list(temporary.iterdir()) and not is_alive_in(temporary)

    def _is_watched(self, ready: dict[str, Any], kept: Path):
        assert (ready["file"], ready["status"], ready["duration_s"]) == (
            CLIP,
            "ready",
            pytest.approx(2, abs=0.1),
        )
        assert [(r["width"], r["height"]) for r in ready["renditions"]] == [(320, 180)]
        assert ready["refused_without_cookies"] is True
        files = [path for path in kept.rglob("*") if path.is_file()]
        assert sum(path.stat().st_size for path in files) == ready["stored_bytes"]
        assert len([path for path in files if path.suffix == ".m4s"]) == ready["segments"] == 2
        assert (kept / "multivariant.m3u8").read_text().startswith("#EXTM3U")

    def test_leaves_nothing_when_it_is_interrupted(self, temporary: Path):
        with demo() as process:
            while not list(temporary.glob("*/db.sqlite3")):
                assert process.poll() is None
                time.sleep(0.1)
            process.send_signal(signal.SIGINT)
            _, said = process.communicate(timeout=60)
        assert (process.returncode, said.strip()) == (130, "CommandError: Stopped.")
        assert not list(temporary.iterdir()) and not is_alive_in(temporary)

    def test_compares_a_folder_with_its_manifest(self, folder: Path, temporary: Path):
        (folder / "MANIFEST.tsv").write_text(f"file\texpected\n{CLIP}\tplayable\n{TEXT}\tplayable\n")
        with demo("--corpus", "--", folder) as process:
            printed, said = process.communicate(timeout=120)
        assert process.returncode == 1 and f"{TEXT}: expected 'playable', and it is failed." in said
        assert [line[0] for line in printed.splitlines()[2:4]] == [" ", "≠"]
        assert "2 files: 1 published, 1 refused, 0 stuck; 1 of 2 are not as expected" in printed

    def test_says_what_it_was_not_given(self, temporary: Path):
        with demo("nothing.mp4") as process:
            _, said = process.communicate(timeout=60)
        assert (process.returncode, said.strip()) == (
            1,
            "CommandError: There is no file or folder 'nothing.mp4'.",
        )
