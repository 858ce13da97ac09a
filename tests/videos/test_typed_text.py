"""What people type comes back as text, wherever it is shown."""

from __future__ import annotations

import pytest

from accounts.models import User
from tests import factories
from tests.clients import browser


class TypedTextTests:
    markup = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>{{ 7|add:7 }}"

    @pytest.mark.parametrize(
        "path",
        [
            "/",
            "/videos/",
            "/v/{}/",
            "/v/{}/edit/",
            "/v/{}/delete/",
            "/videos/{}/row/",
            "/upload/",
            "/embed/{}/",
            "/admin/videos/video/",
            "/admin/videos/video/{}/change/",
            "/admin/videos/upload/",
        ],
    )
    def test_is_escaped(self, alice, path):
        User.objects.filter(pk=alice.pk).update(is_staff=True, is_superuser=True)
        video = factories.ready(alice, title=self.markup, description=self.markup, visibility="public")
        factories.upload(video, filename=self.markup)
        text = browser(alice).get(path.format(video.pk)).content.decode()
        bad = [found for found in ("<script>alert", "<img src=x", "'><img") if found in text]
        assert (bad, "&lt;script&gt;alert(1)" in text, "14" in text.partition("alert(1)")[2][:60]) == (
            [],
            True,
            False,
        )

    def test_is_escaped_in_the_sentence_of_a_failure(self, alice):
        video = factories.failed(alice, failure=self.markup)
        assert b"<script>alert" not in browser(alice).get(f"/v/{video.pk}/").content

    def test_is_data_in_the_api(self, alice):
        video = factories.ready(alice, title=self.markup)
        answer = browser(alice).get(f"/api/v1/videos/{video.pk}/")
        assert (answer["Content-Type"], answer.json()["title"]) == ("application/json", self.markup)

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
