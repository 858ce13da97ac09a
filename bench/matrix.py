"""The access matrix, walked from outside on a site that runs: real sessions, real cookies, the real edge."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import httpx
from django.conf import settings

from streamsite.acceptance.stack import Log, private_stack
from tests.access.table import PEOPLE
from tests.access.walk import Answer, Ask, Cell, World, walk

# Sent as a cookie and as a header, any two that are alike will do.
TOKEN = "a" * 32


def walked() -> list[Cell]:
    with private_stack(Log()) as stack:
        environment = {**os.environ, **stack.environment}
        command = (sys.executable, "-m", "bench.world")
        told = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True, timeout=120)
        found = json.loads(told.stdout.splitlines()[-1])
        asks = {name: asking(stack.site, found["sessions"].get(name)) for name in PEOPLE}
        return list(walk(World.from_json(found["world"]), asks))


def asking(site: str, session: str | None) -> Ask:
    """Return a browser that does not follow where it is sent."""
    http = httpx.Client(base_url=site, timeout=30, trust_env=False, headers={"X-CSRFToken": TOKEN})
    http.cookies.set(settings.CSRF_COOKIE_NAME, TOKEN)
    if session:
        http.cookies.set(settings.SESSION_COOKIE_NAME, session)

    def ask(method: str, path: str, words: object) -> Answer:
        answer = http.post(path, json=words) if method == "POST" else http.get(path)
        return Answer(answer.status_code, f"{answer.headers} {answer.text}")

    return ask
