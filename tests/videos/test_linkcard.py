"""What the rest of the web is told about a video."""

from __future__ import annotations

import json
import re

import pytest

from tests import factories
from tests.clients import browser
from videos.linkcard import data_block

MARKUP = "</script><script>alert(1)</script>\"'><img src=x onerror=alert(1)><!--\u2028"


@pytest.fixture
def page(alice):
    """Return a function from a video's fields to its page, as `user` sees it."""

    def page(user=None, **fields):
        video = factories.ready(alice, **fields)
        return video, browser(user).get(f"/v/{video.pk}/").content.decode()

    return page


def facts(text: str) -> dict[str, object]:
    found = re.findall(r'<script type="application/ld\+json">(.*?)</script>', text, re.DOTALL)
    assert len(found) == 1
    parsed: dict[str, object] = json.loads(found[0])
    return parsed


class PublicVideoTests:
    def test_is_described_to_search_engines(self, page):
        video, text = page(visibility="public", title="A walk", description="By  the\nsea.")
        at = f"http://testserver/v/{video.pk}/"
        assert facts(text) == {
            "@context": "https://schema.org",
            "@type": "VideoObject",
            "name": "A walk",
            "description": "By the sea.",
            "url": at,
            "thumbnailUrl": f"{at}poster.jpg",
            "embedUrl": f"http://testserver/embed/{video.pk}/",
            "uploadDate": "2026-11-22T12:00:00+00:00",
            "duration": "PT1M5S",
            "author": {"@type": "Person", "name": "alice"},
        }

    @pytest.mark.parametrize("name", ["og:title", "og:url", "og:image", "og:description", "og:type"])
    def test_has_a_card_for_chats(self, page, name):
        _video, text = page(visibility="public")
        assert (text.count(f'property="{name}"'), "noindex" in text) == (1, False)

    def test_cannot_be_called_what_ends_its_description(self, page):
        _video, text = page(visibility="public", title=MARKUP, description=MARKUP)
        assert (facts(text)["name"], "<script>alert" in text, "<img src=x" in text) == (MARKUP, False, False)


class HiddenVideoTests:
    @pytest.mark.parametrize("visibility", ["unlisted", "private"])
    def test_tells_nothing_but_that_it_is_not_to_be_listed(self, page, alice, visibility):
        _video, text = page(alice, visibility=visibility)
        told = [word in text for word in ("og:", "ld+json", "twitter:", "canonical", 'content="noindex"')]
        assert told == [False, False, False, False, True]

    @pytest.mark.parametrize(
        "fields", [{"visibility": "unlisted"}, {"visibility": "private"}, {"deleted_at": factories.AT}]
    )
    def test_has_no_poster_for_previews(self, alice, fields):
        video = factories.ready(alice, **{"visibility": "public", **fields})
        assert browser(alice).get(f"/v/{video.pk}/poster.jpg").status_code == 404


class PosterTests:
    def test_opens_without_cookies_for_a_crawler(self, published):
        answer = browser().get(f"/v/{published.pk}/poster.jpg")
        picture = browser().get(answer["Location"].removeprefix("http://testserver"))
        kept = set(answer["Cache-Control"].split(", "))
        assert (answer.status_code, kept, picture.getvalue()) == (
            302,
            {"max-age=300", "public"},
            b"\xff\xd8 a poster",
        )


class DataBlockTests:
    @pytest.mark.parametrize("text", [MARKUP, "</SCRIPT >", "<!--<script>", "]]>", "\u2029"])
    def test_can_be_neither_ended_nor_begun_from_inside(self, text):
        block = data_block({"a": text})
        assert (json.loads(block), set(block) & set("<>&\u2028\u2029")) == ({"a": text}, set())


class EmbedCodeTests:
    def test_is_safe_to_paste_whatever_the_title(self, page):
        _video, text = page(visibility="public", title='"><script>alert(1)</script>')
        code = text.partition('data-src="')[2].partition(">")[2].partition("</textarea>")[0]
        assert "title=&quot;&amp;quot;&amp;gt;&amp;lt;script&amp;gt;alert(1)" in code
