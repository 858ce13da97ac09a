"""The commands of manage.py, on a running site."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from streamsite.acceptance.people import Person
from streamsite.acceptance.stack import Log, Stack, private_stack
from tests.transcode.conftest import make_clip

pytestmark = pytest.mark.stack


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    log = Log()
    with private_stack(log) as stack:
        yield stack


def manage(stack: Stack, *words: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *map(str, words)],
        cwd=settings.BASE_DIR,
        env={**os.environ, **stack.environment, **environment},
        capture_output=True,
        text=True,
        timeout=120,
    )


class DoctorTests:
    def test_finds_a_running_site_well(self, stack):
        done = manage(stack, "doctor")
        assert (
            done.returncode,
            [line for line in done.stdout.splitlines() if not line.startswith("ok")],
        ) == (0, [])

    def test_says_what_to_do_about_what_does_not_work(self, stack):
        done = manage(stack, "doctor", FFMPEG="/nowhere/ffmpeg", INGEST_BUCKET="another")
        assert done.returncode == 1 and "Traceback" not in done.stderr
        assert "`make run` installs both" in done.stdout and "Run `manage.py provision`" in done.stdout


class UploadTests:
    def test_sends_a_file_and_waits_for_the_video(self, stack, tmp_path):
        clip = make_clip(tmp_path, "My clip.mp4")
        done = manage(stack, "upload", clip, "--visibility", "unlisted", "--wait", "--json")
        video = json.loads(done.stdout)
        assert (done.returncode, video["file"], video["title"]) == (0, "My clip.mp4", "My clip")
        assert (video["status"], video["visibility"], video["progress"]) == ("ready", "unlisted", 100)

    def test_needs_nothing_but_a_token_to_send_to_another_site(self, stack, tmp_path):
        client = Person(stack.site, "tokia")
        text = client.make_token("camera van")
        words = ("upload", make_clip(tmp_path, "b.mp4"), "--site", f"{stack.site}/", "--json")
        done = manage(stack, *words, STREAMSITE_TOKEN=text, DATABASE_URL=f"sqlite:///{tmp_path}/none.sqlite3")
        assert (done.returncode, json.loads(done.stdout)["title"]) == (0, "b")
        client.close()

    def test_says_when_a_token_opens_nothing(self, stack, tmp_path):
        done = manage(stack, "upload", make_clip(tmp_path, "c.mp4"), STREAMSITE_TOKEN="streamsite_wrong")
        assert done.returncode == 1 and "We don't know this token." in done.stdout

    def test_tells_why_a_file_did_not_become_a_video(self, stack, tmp_path):
        (tmp_path / "notes.mp4").write_text("no video")
        (tmp_path / "empty.mp4").touch()
        done = manage(stack, "upload", tmp_path / "notes.mp4", tmp_path / "empty.mp4", "--wait")
        assert done.returncode == 1 and "Traceback" not in done.stderr
        assert "We cannot read this file as a video." in done.stdout and "This file is empty." in done.stdout

    @pytest.mark.parametrize(
        ("words", "sentence"),
        [
            (("nowhere.mp4",), "There is no file 'nowhere.mp4'."),
            (("manage.py", "--owner", "nobody"), "There is nobody called 'nobody'"),
        ],
    )
    def test_refuses_what_cannot_be_sent(self, stack, words, sentence):
        done = manage(stack, "upload", *words)
        assert done.returncode == 1 and sentence in done.stderr

    def test_says_that_the_site_does_not_run(self, stack, tmp_path):
        done = manage(stack, "upload", make_clip(tmp_path, "a.mp4"), SITE_URL="http://127.0.0.1:9")
        assert done.returncode == 1 and "does not answer" in done.stdout + done.stderr
        assert "Traceback" not in done.stderr


class BootstrapTests:
    def test_leaves_an_admin_who_exists_alone(self, stack):
        assert "exists already" in manage(stack, "bootstrap").stdout

    def test_gives_a_new_password_when_asked(self, stack):
        assert "Sign in as admin with the password" in manage(stack, "bootstrap", "--reset").stdout


class RunTests:
    def test_says_that_the_port_is_taken(self, stack):
        done = manage(stack, "run")
        assert done.returncode == 1 and "is taken" in done.stderr and "make run" in done.stderr

    def test_says_that_the_local_storage_is_not_installed(self, stack):
        done = manage(stack, "run", MINISTACK="/nowhere", PORT="1", S3_PORT="2")
        assert done.returncode == 1 and "`make run` installs it" in done.stderr
