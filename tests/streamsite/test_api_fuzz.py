"""The whole API on a running site, asked what its own description allows, and what it does not."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from streamsite.acceptance.people import Person
from streamsite.acceptance.stack import Log, Stack, private_stack

pytestmark = pytest.mark.stack

CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"


@pytest.fixture(scope="module")
def log() -> Log:
    return Log()


@pytest.fixture(scope="module")
def stack(log: Log) -> Iterator[Stack]:
    with private_stack(log) as stack:
        yield stack


@pytest.fixture(scope="module")
def asked(stack: Stack, log: Log, tmp_path_factory) -> subprocess.CompletedProcess[str]:
    with closing(Person(stack.site, "fuzz")) as person:
        person.begin_nothing()
    return run(stack.site, tmp_path_factory.mktemp("fuzz"), token_of("fuzz", stack.environment))


ISSUE = """
from datetime import timedelta; from django.utils import timezone; from accounts.models import AccessToken, User
now = timezone.now(); owner = User.objects.get(username=%r)
print(AccessToken.issue(owner, "fuzz", now + timedelta(days=1), now)[1])
"""


def token_of(username: str, environment: dict[str, str]) -> str:
    command = [sys.executable, "manage.py", "shell", "-v", "0", "-c", ISSUE % username]
    everything = {**os.environ, **environment}
    return subprocess.run(command, env=everything, capture_output=True, text=True, check=True).stdout.split()[
        -1
    ]


def run(site: str, folder: Path, token: str) -> subprocess.CompletedProcess[str]:
    """Bounded, and the same every time."""
    given = ["-H", f"Authorization: Bearer {token}"]
    options = ["--checks", CHECKS, "--max-examples", "25", "--seed", "7", "--workers", "1", "--no-color"]
    return subprocess.run(
        [Path(sys.executable).parent / "schemathesis", "run", f"{site}/api/v1/schema/", *options, *given],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=540,
    )


class ApiTests:
    def test_is_as_it_describes_itself_whatever_it_is_asked(self, asked):
        assert asked.returncode == 0, asked.stdout[-8000:] + asked.stderr[-2000:]

    def test_has_asked_every_operation(self, asked):
        assert "Tested: 12" in asked.stdout, asked.stdout[:3000]

    def test_leaves_no_error_in_the_log(self, asked, log):
        assert (log.server_errors, log.tracebacks) == (0, 0), "\n".join(log.tail())
