"""A person's own page: what they show everybody, and nothing that tells who has an account."""

from __future__ import annotations

import pytest

from tests import factories
from tests.clients import browser


class ChannelTests:
    def test_shows_what_its_person_shows_everybody(self, alice, charlie):
        for title, fields in {
            "one": {"visibility": "public"},
            "two": {},
            "three": {"visibility": "unlisted"},
        }.items():
            factories.ready(alice, title=title, **fields)
        factories.ready(charlie, title="four", visibility="public")
        answers = [browser(who).get("/c/alice/") for who in (None, alice)]
        assert [[card["video"].title for card in answer.context["cards"]] for answer in answers] == [
            ["one"]
        ] * 2

    @pytest.mark.parametrize("name", ["alice", "nobody", "%00", "x" * 300, "a'b"])
    def test_does_not_exist_where_nothing_is_shown(self, alice, name):
        factories.ready(alice)
        assert browser(alice).get(f"/c/{name}/").status_code == 404

    def test_turns_pages(self, alice):
        factories.many(alice, 30)
        first = browser().get("/c/alice/")
        second = browser().get(first.context["next_url"])
        assert (len(first.context["cards"]), len(second.context["cards"])) == (24, 6)
