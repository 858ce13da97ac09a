"""Who finds what on the lists."""

from __future__ import annotations

import pytest

from tests.access.table import KINDS, LISTED, PEOPLE
from tests.access.walk import World


def shown(browsers, person: str, path: str, world: World) -> set[str]:
    """Return the kinds of video whose titles a person reads on a page."""
    text = browsers[person].get(path).content.decode()
    return {kind for kind, video in world.videos.items() if video.shown[0] in text}


class ListsTests:
    @pytest.mark.parametrize("path", ["/", "/c/alice/", "/api/v1/videos/?channel=alice"])
    def test_show_everybody_what_is_public_and_plays(self, browsers, world, path):
        assert [shown(browsers, person, path, world) for person in PEOPLE] == [LISTED] * 4

    def test_show_in_the_studio_only_what_is_ones_own(self, browsers, world):
        found = {person: shown(browsers, person, "/videos/", world) for person in PEOPLE}
        own = set(KINDS) - {"deleted"}
        assert found == {"nobody": set(), "charlie": set(), "alice": own, "sam": set()}

    # FULLTEXT knows only what is committed.
    @pytest.mark.django_db(transaction=True)
    @pytest.mark.parametrize("path", ["/search/?q=zqx", "/api/v1/search/?q=zqx"])
    def test_find_what_is_public_and_what_is_ones_own(self, browsers, world, path):
        found = [shown(browsers, person, path, world) for person in PEOPLE]
        assert found == [LISTED, LISTED, set(KINDS) - {"deleted"}, LISTED]
