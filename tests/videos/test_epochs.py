"""Private to the last byte: what was handed out before opens nothing once fewer people may watch."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from django.utils import timezone

from tests import factories
from tests.clients import browser
from tests.conftest import FILES
from tests.desk.conftest import kinds
from transcode.sweep import sweep
from videos import bulk, epochs, keys, storage
from videos.models import Growth, Published, Video

MEDIA = b"#EXTM3U\n#EXTINF:2,\n00001.m4s\n"


def swept(video: Video) -> Video:
    sweep(timezone.now() + timedelta(minutes=1), lambda: None)
    return Video.objects.get(pk=video.pk)


def make_private(video: Video) -> None:
    video.edit({"visibility": "private"}, timezone.now(), video.owner)


def make_private_in_bulk(video: Video) -> None:
    bulk.change_visibility(video.owner, [video.pk], Video.Visibility.PRIVATE, timezone.now())


def take_down(video: Video) -> None:
    video.take_down("Not yours.", timezone.now(), video.owner)


def change_owner(video: Video) -> None:
    video.change_owner(factories.user("zoe"), timezone.now(), video.owner)


CLOSINGS = [make_private, make_private_in_bulk, take_down, change_owner]


def objects_of(video: Video) -> set[str]:
    return set(storage.list_media(keys.video_prefix(video.pk)))


def opened(client: Any, address: str) -> int:
    answer = client.get(address)
    answer.getvalue()
    return int(answer.status_code)


@pytest.fixture
def framed(published: Video, tmp_path) -> Video:
    (tmp_path / "media.m3u8").write_bytes(MEDIA)
    storage.store(f"{published.version_path[1:]}360p/media.m3u8", tmp_path / "media.m3u8")
    return published


class ClosingTests:
    @pytest.mark.parametrize("act", CLOSINGS, ids=lambda act: act.__name__)
    def test_refuses_cookies_signatures_and_posters_of_before(self, framed, act):
        watching, stranger = browser(), browser()
        watching.get(f"/v/{framed.pk}/")
        playlist = stranger.get(f"/embed/{framed.pk}/360p/media.m3u8").content.decode()
        poster = re.findall(r'<img src="http://testserver([^"]*)"', stranger.get("/").content.decode())[0]
        places = [
            (watching, f"{framed.version_path}360p/00001.m4s"),
            (stranger, playlist.splitlines()[2]),
            (stranger, poster.replace("&amp;", "&")),
        ]
        before = [opened(*place) for place in places]
        act(framed)
        swept(framed)
        assert (before, [opened(*place) for place in places]) == ([200] * 3, [404] * 3)

    @pytest.mark.parametrize("act", CLOSINGS, ids=lambda act: act.__name__)
    def test_leaves_the_same_objects_at_a_place_that_nobody_was_told(self, published, act):
        act(published)
        moved = swept(published)
        assert moved.epoch != published.epoch
        assert objects_of(moved) == {f"{moved.version_path[1:]}{name}" for name in FILES}
        assert (moved.close_at, moved.left_epoch) == (None, "")

    def test_lets_its_owner_watch_on(self, published, alice):
        make_private(published)
        moved, client = swept(published), browser(alice)
        client.get(f"/v/{moved.pk}/")
        body = client.get(f"{moved.version_path}360p/00001.m4s").getvalue()
        assert body == FILES["360p/00001.m4s"]

    @pytest.mark.parametrize("visibility", ["public", "unlisted"])
    def test_is_not_for_videos_that_everybody_with_the_link_may_watch(self, published, visibility):
        published.edit({"visibility": visibility, "title": "New"}, timezone.now(), published.owner)
        assert swept(published).epoch == published.epoch

    def test_moves_nothing_where_nothing_plays_but_leaves_the_epoch(self, alice, emulator):
        video = factories.video(alice, status="processing", visibility="public")
        make_private(video)
        after = swept(video)
        assert (after.epoch != video.epoch, after.close_at, after.left_epoch) == (True, None, "")

    def test_says_nothing_of_itself_in_the_timeline(self, published):
        make_private(published)
        assert kinds(swept(published)) == ["visibility-changed"]


class GrowingTests:
    """What is still made begins anew where nothing opens that was handed out."""

    @pytest.mark.parametrize("act", CLOSINGS, ids=lambda act: act.__name__)
    def test_takes_back_what_could_be_watched(self, alice, objects, act):
        video = factories.growing(alice, visibility="public")
        objects(video)
        watching, framed = browser(), browser()
        watching.get(f"/v/{video.pk}/")
        playlist = framed.get(f"/embed/{video.pk}/360p/media.m3u8").content.decode()
        segment = re.findall("(?m)^/.*$", playlist)[0]
        places = [(watching, f"{video.version_path}360p/00001.m4s"), (framed, segment)]
        before = [opened(*place) for place in places]
        act(video)
        swept(video)
        assert (before, [opened(*place) for place in places]) == ([200] * 2, [404] * 2)

    def test_copies_nothing(self, alice, objects):
        video = factories.growing(alice, visibility="public")
        objects(video)
        make_private(video)
        after = swept(video)
        assert (after.playable, after.version, after.published_at, after.watchable_ms) == (
            "nothing",
            "",
            None,
            None,
        )
        assert (objects_of(after), after.growing.count(), after.status) == (set(), 0, "processing")

    def test_refuses_what_a_worker_shows_of_the_epoch_that_was_left(self, alice, emulator, now):
        video = factories.growing(alice, visibility="public")
        worker_s = Video.objects.get()
        make_private(video)
        swept(video)
        growth = Growth(video.epoch, "a1", 24_000, 65_000, factories.PLAYLISTS)
        assert (worker_s.publish_growing(growth, now), Video.objects.get().playable) == (False, "nothing")

    def test_is_copied_after_all_if_it_became_final_meanwhile(self, alice, objects):
        video = factories.growing(alice, visibility="public")
        objects(video)
        make_private(video)
        slow = Video.objects.get()
        Video.objects.get().publish(Published("a1", 1, 1, ()), timezone.now())
        assert not slow.begin_epoch(epochs.next_epoch(slow))
        assert swept(video).playable == "final"


class InterruptedTests:
    def test_goes_on_after_a_copy_that_failed(self, published, settings):
        make_private(published)
        settings.MEDIA_BUCKET = "nowhere"
        assert swept(published).epoch == published.epoch
        settings.MEDIA_BUCKET = "media"
        sweep(timezone.now() + 2 * epochs.AGAIN, lambda: None)
        assert Video.objects.get().epoch == epochs.next_epoch(published)

    def test_removes_what_was_left_when_it_ended_before_that(self, published):
        make_private(published)
        epoch = epochs.next_epoch(published)
        storage.copy_media(published.version_path[1:], keys.version_prefix(published.pk, epoch, "a1"))
        assert published.enter_epoch(epoch) and len(objects_of(published)) == 2 * len(FILES)
        assert (len(objects_of(swept(published))), Video.objects.get().left_epoch) == (len(FILES), "")

    def test_is_done_by_one_at_a_time(self, published, now):
        make_private(published)
        first, second = Video.objects.get(), Video.objects.get()
        assert [video.take_closing(now) for video in (first, second)] == [True, False]

    def test_copies_anew_what_was_published_meanwhile(self, published, objects):
        make_private(published)
        slow = Video.objects.get()
        Video.objects.get().publish(Published("a2", 1, 1, ()), timezone.now())
        assert not slow.enter_epoch(epochs.next_epoch(slow))
        objects(Video.objects.get())
        moved = swept(published)
        assert objects_of(moved) == {f"{moved.version_path[1:]}{name}" for name in FILES}

    def test_refuses_what_a_worker_stored_in_the_epoch_that_was_left(self, published, now):
        worker_s = Video.objects.get()
        make_private(published)
        swept(published)
        assert not worker_s.publish(Published("a2", 1, 1, ()), now)


class CloudFront(BaseHTTPRequestHandler):
    """Takes invalidations and remembers them; the emulator here has none."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.asked.append((self.path, *re.findall("<Path>(.*?)</Path>", body)))  # type: ignore[attr-defined]
        self.send_response(201)
        self.end_headers()
        self.wfile.write(b"<Invalidation><Id>I1</Id></Invalidation>")

    def log_message(self, *words: object) -> None:
        pass


@pytest.fixture
def asked(emulator, settings) -> Iterator[list[tuple[str, str]]]:
    """What CloudFront was asked to forget, by the address of its API."""
    storage.client()  # goes on to speak to the emulator
    with ThreadingHTTPServer(("127.0.0.1", 0), CloudFront) as server:
        server.asked = []  # type: ignore[attr-defined]
        Thread(target=server.serve_forever, daemon=True).start()
        settings.AWS_ENDPOINT_URL = f"http://127.0.0.1:{server.server_port}"
        settings.CLOUDFRONT_DISTRIBUTION = "E1"
        storage.cloudfront.cache_clear()
        yield server.asked  # type: ignore[attr-defined]
        storage.cloudfront.cache_clear()
        server.shutdown()


class InvalidateTests:
    api = "/2020-05-31/distribution/E1/invalidation"

    def test_has_cloudfront_forget_the_epoch_that_was_left(self, asked, published):
        make_private(published)
        swept(published)
        assert asked == [(self.api, f"{published.epoch_path}*")]

    def test_has_cloudfront_forget_a_video_that_was_deleted(self, asked, published):
        published.delete_soon(timezone.now())
        sweep(timezone.now() + timedelta(minutes=1), lambda: None)
        assert asked == [(self.api, f"/media/v/{published.pk}/*")]

    def test_is_tried_again_where_it_failed(self, asked, published, settings):
        answering, settings.AWS_ENDPOINT_URL = settings.AWS_ENDPOINT_URL, "http://127.0.0.1:9"
        make_private(published)
        assert swept(published).left_epoch == published.epoch
        settings.AWS_ENDPOINT_URL = answering
        storage.cloudfront.cache_clear()
        sweep(timezone.now() + timedelta(minutes=2), lambda: None)
        assert (Video.objects.get().left_epoch, len(asked)) == ("", 1)

    def test_asks_nobody_where_there_is_no_cloudfront(self, asked, published, settings):
        settings.CLOUDFRONT_DISTRIBUTION = ""
        make_private(published)
        assert (swept(published).left_epoch, asked) == ("", [])
