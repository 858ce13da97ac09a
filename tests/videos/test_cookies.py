"""The cookies that open a video."""

from __future__ import annotations

import pytest

from tests import factories
from tests.clients import browser

NAMES = ["CloudFront-Hash-Algorithm", "CloudFront-Key-Pair-Id", "CloudFront-Policy", "CloudFront-Signature"]
MARKS = ["path", "domain", "max-age", "httponly", "samesite", "secure"]


@pytest.fixture
def video(alice):
    return factories.ready(alice, visibility="unlisted")


class VideoCookiesTests:
    @pytest.mark.parametrize("method, path", [("get", "/v/{}/"), ("post", "/v/{}/cookies/")])
    def test_are_for_this_videos_path_alone(self, video, method, path):
        cookies = getattr(browser(), method)(path.format(video.pk)).cookies
        found = {name: [cookies[name][mark] for mark in MARKS] for name in NAMES}
        assert found == dict.fromkeys(
            NAMES, [f"/media/v/{video.pk}/{video.epoch}/", "", 600, True, "Lax", ""]
        )

    def test_travel_only_encrypted_on_an_https_site(self, video, settings):
        settings.HTTPS = True
        cookies = browser().get(f"/v/{video.pk}/").cookies
        assert [cookies[name]["secure"] for name in NAMES] == [True] * 4

    def test_are_small_enough_for_every_proxy(self, video):
        cookies = browser().get(f"/v/{video.pk}/").cookies
        assert sum(len(name) + len(cookies[name].value) for name in NAMES) < 1500

    def test_live_as_long_as_they_open(self, video, settings):
        settings.COOKIE_SECONDS = 42
        assert browser().get(f"/v/{video.pk}/").cookies["CloudFront-Policy"]["max-age"] == 42

    @pytest.mark.parametrize("path", ["/v/{}/", "/embed/{}/"])
    def test_are_never_kept_by_a_cache(self, video, path):
        assert "no-store" in browser().get(path.format(video.pk))["Cache-Control"]
