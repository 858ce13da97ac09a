"""Who may change what, and from where; and that looking changes nothing."""

from __future__ import annotations

from typing import Any

import pytest

from tests.access.table import OF_A_VIDEO, routes
from tests.access.walk import path_of, path_of_video
from tests.clients import browser
from videos.models import Upload, Video

ASKED = sorted(set(OF_A_VIDEO) - {"media"})


def rows() -> tuple[list[Any], list[Any]]:
    return list(Video.objects.order_by("pk").values()), list(Upload.objects.order_by("pk").values())


class StrangersTests:
    @pytest.mark.parametrize("person", ["nobody", "charlie", "sam"])
    def test_change_nothing_whatever_they_send(self, browsers, world, person):
        before = rows()
        for route in ASKED:
            path = path_of_video(route, world.videos["failed"])
            for method in ("post", "put", "patch", "delete"):
                words = {"title": "mine", "visibility": "public"}
                getattr(browsers[person], method)(path, words, "application/json")
        assert rows() == before


class ReadingTests:
    def test_changes_nothing_even_for_the_owner(self, browsers, world):
        before = rows()
        for route in ASKED:
            browsers["alice"].get(path_of_video(route, world.videos["failed"]))
        assert rows() == before


class TokenlessTests:
    """Who sends a form from elsewhere has no token."""

    @pytest.mark.parametrize("method", ["post", "delete"])
    def test_are_refused_at_every_address(self, alice, world, method):
        alice.is_staff = alice.is_superuser = True
        alice.save()
        client = browser(alice, enforce_csrf_checks=True)
        elsewhere = {route: pattern for route, pattern in routes().items() if route not in OF_A_VIDEO}
        asked = {path_of(pattern, world) for pattern in elsewhere.values()}
        asked |= {path_of_video(route, world.videos["private"]) for route in OF_A_VIDEO}
        answers = {path: getattr(client, method)(path, {}, "application/json") for path in asked}
        assert {path for path, answer in answers.items() if answer.status_code != 403} == set()
