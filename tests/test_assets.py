"""What a page makes people download: scripts, as they travel."""

from __future__ import annotations

import gzip
import re

import pytest
from django.conf import settings

from tests import factories
from tests.clients import browser

KB = 1000
LARGEST = {"/v/{}/": 260, "/embed/{}/": 260}
OTHERS = 25
PAGES = [
    "/",
    "/upload/",
    "/videos/",
    "/v/{}/",
    "/v/{}/edit/",
    "/v/{}/delete/",
    "/embed/{}/",
    "/accounts/email/",
]


def weight(html: str) -> int:
    """Return the gzipped bytes of all scripts that a page loads."""
    names = re.findall(r'<script [^>]*src="/static/([^"]+)"', html)
    return sum(len(gzip.compress((settings.BASE_DIR / "static" / name).read_bytes(), 9)) for name in names)


class ScriptsTests:
    @pytest.mark.parametrize("path", PAGES)
    def test_are_light(self, alice, path):
        video = factories.ready(alice, visibility="public")
        factories.video(alice, status="processing")
        html = browser(alice).get(path.format(video.pk)).content.decode()
        assert 0 < weight(html) <= LARGEST.get(path, OTHERS) * KB

    def test_are_light_while_a_video_is_made(self, alice):
        video = factories.video(alice, status="processing")
        html = browser(alice).get(f"/v/{video.pk}/").content.decode()
        assert 0 < weight(html) <= OTHERS * KB
