"""Every address as everybody, for every kind of video."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import Client

from tests.access.table import KINDS, OF_A_VIDEO, OF_NO_VIDEO, PEOPLE, expected, expected_elsewhere, routes
from tests.access.walk import Answer, Ask, walk
from tests.clients import send
from videos.models import Video


def asking(client: Client) -> Ask:
    def ask(method: str, path: str, words: object) -> Answer:
        answer: Any = send(client, path, words) if method == "POST" else client.get(path)
        return Answer(answer.status_code, f"{answer.headers} {answer.getvalue().decode(errors='replace')}")

    return ask


class TableTests:
    def test_has_a_row_for_every_address(self):
        known = set(OF_A_VIDEO) | set(OF_NO_VIDEO)
        assert {name for name in routes() if not name.startswith("admin:")} == known

    def test_knows_what_staff_get_at_every_address_of_the_desk(self):
        desk = [name for name in routes() if name.startswith("admin:")]
        assert len([expected_elsewhere(name) for name in desk]) > 80


class WalkTests:
    @pytest.mark.parametrize("person", PEOPLE)
    def test_finds_what_the_table_says_and_nothing_of_others(self, browsers, world, person):
        cells = list(walk(world, {person: asking(browsers[person])}))
        assert [cell for cell in cells if not cell.is_right] == []
        assert len(cells) == len(routes()) * len(KINDS)


class MetricsTests:
    """An address beside the resolver: no session opens it, only a token."""

    @pytest.mark.parametrize("person", PEOPLE)
    @pytest.mark.parametrize(("token", "status"), [("", 404), ("secret", 401)])
    def test_are_closed_to_everybody(self, browsers, settings, person, token, status):
        settings.METRICS_TOKEN = token
        assert browsers[person].get("/metrics").status_code == status


class VisibleToTests:
    @pytest.mark.parametrize("kind", list(KINDS))
    def test_is_the_same_question_for_a_queryset(self, alice, charlie, sam, world, kind):
        video = Video.objects.filter(pk=world.videos[kind].pk)
        seen = [video.visible_to(person).exists() for person in (AnonymousUser(), charlie, alice, sam)]
        assert seen == [status == 200 for status in expected("watch-status", kind)]
