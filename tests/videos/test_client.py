"""`manage.py upload` before it speaks to a site: with which key, and to whom it gives it."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command

from videos.client import ClientRefused, SiteClient


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "a.mp4"
    path.touch()
    return path


class WithTokenTests:
    @pytest.mark.parametrize(
        "site",
        ["http://video.example.org", "http://localhost.example.org", "ftp://localhost.", "video.example.org"],
    )
    def test_keeps_the_token_where_others_could_read_it(self, site):
        with pytest.raises(ClientRefused, match="A token goes over https only"):
            SiteClient.with_token(site, "streamsite_x")

    @pytest.mark.parametrize("site", ["https://video.example.org", "http://localhost:8000", "http://[::1]:1"])
    def test_opens_nothing_before_it_is_used(self, site):
        SiteClient.with_token(site, "streamsite_x").close()


class UploadCommandTests:
    @pytest.mark.parametrize(
        ("words", "sentence"),
        [
            (("--site", "https://video.example.org"), "Another site wants a token"),
            (("--token", "x", "--owner", "alice"), "A token has its owner already"),
            (("--token", "x", "--site", "http://video.example.org"), "A token goes over https only"),
        ],
    )
    def test_refuses_what_does_not_go_together(self, file, words, sentence):
        with pytest.raises(CommandError, match=sentence):
            call_command("upload", str(file), *words)
