"""In a real browser no text that a person entered runs, wherever it is shown, for its owner and for staff."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings

from streamsite.acceptance.people import Person
from streamsite.acceptance.stack import Stack
from tests import hostile

# On the copy of the site, whose database is not the tests' own.
FILL = """
import json
from accounts.models import User
from tests import hostile
from tests.videos.test_hostile_text import desk_paths
mallory = User.objects.get(username="mallory")
mallory.is_staff = mallory.is_superuser = True
mallory.save()
videos = hostile.fill(mallory)
print(json.dumps({"videos": {kind: str(video.pk) for kind, video in videos.items()}, "desk": desk_paths()}))
"""
# The pictures of these videos are missing from the home page of whoever comes next.
EMPTY = """
from videos.models import Video
Video.objects.filter(title__startswith="zqzq").update(visibility="private")
"""


@pytest.fixture(scope="module")
def mallory(site: Stack):
    person = Person(site.site, "mallory")
    yield person
    person.close()


@pytest.fixture(scope="module")
def world(site: Stack, mallory: Person) -> Iterator[Any]:
    yield json.loads(shell(site, FILL))
    shell(site, EMPTY)


def shell(site: Stack, words: str) -> str:
    """Have the copy of the site do something, and return what it prints."""
    program = (sys.executable, "manage.py", "shell", "--no-imports", "--command", words)
    environment = {**os.environ, **site.environment}
    done = subprocess.run(program, cwd=settings.BASE_DIR, env=environment, capture_output=True, check=True)
    return done.stdout.decode()


def what_ran(visit: Any, person: Person, paths: list[str]) -> list[str]:
    """Open the pages, and return what a browser noticed of a script that wanted to run."""
    visitor = visit(person)
    dialogs: list[str] = []
    visitor.page.on("dialog", lambda dialog: dialogs.append(dialog.message))
    found = []
    for path in paths:
        visitor.page.goto(path)
        if visitor.page.evaluate("window.hit"):
            found.append(f"a script ran on {path}")
    found += [trouble for trouble in visitor.troubles if "CSP" in trouble or "error:" in trouble]
    # Whose videos have no objects; the last of their answers come when the page has long been left.
    visitor.close()
    visitor.troubles.clear()
    return found + dialogs


class HostileTextTests:
    def test_does_nothing_on_the_pages_of_its_owner(self, visit, mallory, world):
        paths = [place.format(**world["videos"]) if "%" not in place else place for place in hostile.PLACES]
        assert what_ran(visit, mallory, ["/search/?q=zqzqtit", *paths]) == []

    def test_does_nothing_at_the_desk(self, visit, mallory, world):
        assert len(world["desk"]) > 20
        assert what_ran(visit, mallory, world["desk"]) == []
