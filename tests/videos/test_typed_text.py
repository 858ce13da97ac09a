"""Of what people write, addresses become links, and nothing else becomes anything."""

from __future__ import annotations

import pytest

from tests import factories
from tests.clients import browser


class DescriptionTests:
    @pytest.mark.parametrize(
        ("text", "href"),
        [
            ("see https://example.org/a", 'href="https://example.org/a" rel="nofollow ugc noopener"'),
            ("javascript:alert(1)", None),
            ("data:text/html,x", None),
            ('https://a.example/" onclick="alert(1)', 'rel="nofollow ugc noopener"'),
        ],
    )
    def test_links_only_to_web_addresses(self, alice, text, href):
        video = factories.ready(alice, description=text, visibility="public")
        body = (
            browser()
            .get(f"/v/{video.pk}/")
            .content.decode()
            .partition('class="description"')[2]
            .partition("</p>")[0]
        )
        assert (href in body if href else "href" not in body, 'onclick="' in body) == (True, False)
