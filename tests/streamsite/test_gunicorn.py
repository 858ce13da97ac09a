"""A real gunicorn, as production starts it: what it says of itself is as good to read as what the site says."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from django.conf import settings

BROKEN = """
def app(environ, start_response):
    raise LookupError("over\\ntwo lines")
"""


@pytest.fixture
def events(tmp_path: Path) -> list[dict[str, Any]]:
    """What it said from its start to its end, with an application between that fails."""
    (tmp_path / "broken.py").write_text(BROKEN)
    command = (sys.executable, "-m", "gunicorn", "broken:app", "--bind", "127.0.0.1:0")
    environment = {**os.environ, "ENVIRONMENT": "production", "PYTHONPATH": str(tmp_path)}
    pipes: Any = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    with subprocess.Popen(command, cwd=settings.BASE_DIR, env=environment, **pipes) as gunicorn:
        assert gunicorn.stdout is not None
        lines: list[str] = []
        while not lines or "Listening at" not in lines[-1]:
            lines.append(gunicorn.stdout.readline())
        with suppress(HTTPError):
            urlopen(json.loads(lines[-1])["message"].split()[2], timeout=20)
        gunicorn.terminate()
        lines += gunicorn.stdout
    return [json.loads(line) for line in lines]


class GunicornTests:
    def test_says_each_thing_once_in_one_line_of_json(self, events):
        messages = [event["message"].split()[0] for event in events]
        assert messages[:2] == ["Starting", "Listening"] and messages.count("Starting") == 1

    def test_keeps_a_traceback_in_its_line(self, events):
        (failed,) = (event for event in events if "traceback" in event)
        assert failed["traceback"].endswith("LookupError: over\ntwo lines")
