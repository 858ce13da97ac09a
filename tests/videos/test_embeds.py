"""Frames on other sites, where no cookie travels: every byte opens by its address alone."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from tests import factories
from tests.clients import browser
from videos import embeds, keys, storage

MULTIVARIANT = '#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,URI="audio/media.m3u8"\n#EXT-X-STREAM-INF:BANDWIDTH=1\n360p/media.m3u8\n'
KEY_FRAMES = (
    '#EXTM3U\n#EXT-X-I-FRAMES-ONLY\n#EXT-X-MAP:URI="init.mp4"\n#EXTINF:2,\n#EXT-X-BYTERANGE:3@2\n00001.m4s\n'
)
MEDIA = '#EXTM3U\n#EXT-X-MAP:URI="init.mp4"\n#EXTINF:2,\n00001.m4s\n#EXT-X-ENDLIST\n'
STORYBOARD = "WEBVTT\n\n00:00:00.000 --> 00:00:01.000\nstoryboard-000.jpg#xywh=0,0,160,90\n"


@pytest.fixture
def framed(published, tmp_path):
    """Return a public video whose playlists name what is there."""
    at = keys.version_prefix(published.pk, published.epoch, published.version)
    files = {"multivariant.m3u8": MULTIVARIANT, "360p/media.m3u8": MEDIA, "storyboard.vtt": STORYBOARD}
    files |= {"360p/iframes.m3u8": KEY_FRAMES, "audio-2/media.m3u8": MEDIA}
    for name, text in {**files, "storyboard-000.jpg": "picture"}.items():
        path = tmp_path / name.replace("/", "-")
        path.write_text(text)
        storage.store(at + name, path)
    return published


def get(path: str) -> Any:
    """Ask as a frame on another site does: with no cookie at all."""
    return browser().get(path)


def body(answer: Any) -> str:
    text: bytes = answer.getvalue()
    return text.decode()


class FrameTests:
    def test_hands_out_no_cookies(self, framed):
        assert list(get(f"/embed/{framed.pk}/").cookies) == []

    def test_points_its_player_at_playlists_of_its_own(self, framed):
        text = body(get(f"/embed/{framed.pk}/"))
        assert [
            f'"/embed/{framed.pk}/{name}"' in text for name in ("multivariant.m3u8", "storyboard.vtt")
        ] == [
            True,
            True,
        ]

    def test_begins_at_the_time_that_was_asked_for(self, framed):
        assert 'start="90"' in body(get(f"/embed/{framed.pk}/?t=1m30s"))

    def test_has_a_poster_that_opens(self, framed):
        address = re.findall(r' poster="([^"]+)"', body(get(f"/embed/{framed.pk}/")))[0]
        assert get(address.replace("&amp;", "&").removeprefix("http://testserver")).status_code == 200


class PlaylistsTests:
    def test_lead_from_one_to_the_other_and_to_every_byte(self, framed):
        top = f"/embed/{framed.pk}/"
        assert "360p/media.m3u8" in body(get(f"{top}multivariant.m3u8")).splitlines()
        media = body(get(f"{top}360p/media.m3u8"))
        found = [re.findall('URI="([^"]+)"', media)[0], re.findall("(?m)^/.*$", media)[0]]
        assert [body(get(address)) for address in found] == ["init", "0123456789"]

    def test_lead_to_the_bytes_of_a_key_frame(self, framed):
        text = body(get(f"/embed/{framed.pk}/360p/iframes.m3u8"))
        assert "#EXT-X-BYTERANGE:3@2" in text.splitlines()
        address = re.findall("(?m)^/.*$", text)[0]
        answer = browser().get(address, headers={"Range": "bytes=2-4"})
        assert (answer.status_code, body(answer)) == (206, "234")

    def test_lead_to_every_sound(self, framed):
        text = body(get(f"/embed/{framed.pk}/audio-2/media.m3u8"))
        assert re.findall("(?m)^(/.*)[?]", text) == [f"{framed.version_path}audio-2/00001.m4s"]

    def test_lead_to_the_pictures_of_the_storyboard(self, framed):
        address, mark = body(get(f"/embed/{framed.pk}/storyboard.vtt")).splitlines()[-1].split("#")
        assert (body(get(address)), mark) == ("picture", "xywh=0,0,160,90")

    def test_say_what_they_are_and_are_never_kept(self, framed):
        answer = get(f"/embed/{framed.pk}/multivariant.m3u8")
        assert (answer["Content-Type"], "no-store" in answer["Cache-Control"]) == (
            "application/vnd.apple.mpegurl",
            True,
        )

    def test_do_not_open_a_byte_of_another_video(self, framed, alice, objects):
        other = factories.ready(alice, visibility="private")
        objects(other)
        query = re.findall(r"(?m)^/.*\?(.*)$", body(get(f"/embed/{framed.pk}/360p/media.m3u8")))[0]
        assert get(f"{other.version_path}360p/00001.m4s?{query}").status_code == 403

    @pytest.mark.parametrize(
        "name", ["poster.jpg", "360p/init.mp4", "360p/nothing.m3u8", "../x.m3u8", "a/b/media.m3u8", ".m3u8"]
    )
    def test_are_all_there_is(self, framed, name):
        assert get(f"/embed/{framed.pk}/{name}").status_code == 404

    @pytest.mark.parametrize("visibility", ["public", "unlisted", "private"])
    def test_are_there_as_long_as_anybody_may_watch(self, framed, visibility):
        framed.visibility = visibility
        framed.save()
        statuses = {
            get(f"/embed/{framed.pk}/{name}").status_code for name in ("multivariant.m3u8", "storyboard.vtt")
        }
        assert statuses == {404 if visibility == "private" else 200}


class ExpiresAtTests:
    @pytest.mark.parametrize(
        ("length", "time"),
        [
            (timedelta(0), timedelta(minutes=10)),
            (timedelta(hours=1), timedelta(hours=1, minutes=40)),
            (timedelta(hours=9), timedelta(hours=12)),
        ],
    )
    def test_leaves_time_for_pauses(self, alice, now, length, time):
        video = factories.ready(alice, duration_ms=length // timedelta(milliseconds=1))
        assert embeds.expires_at(video, now) - now == time
