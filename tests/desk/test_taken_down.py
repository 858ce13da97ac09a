"""A video that staff took down: gone from every place, for everybody but them."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser
from django.urls import reverse

from tests import factories
from tests.clients import browser
from tests.desk.conftest import act
from videos.models import Video

CANARY = "ZQX-TAKEN-DOWN"


@pytest.fixture
def gone(alice, root, now) -> Video:
    video = factories.ready(alice, visibility="public", title=CANARY)
    factories.upload(video, state="completed", completed_at=now)
    video.take_down("It is somebody else's.", now, root)
    return video


def signed(answer) -> list[str]:
    """The cookies that would open the edge."""
    return [name for name in answer.cookies if name.startswith("CloudFront")]


class TakenDownTests:
    def test_video_is_visible_to_staff_alone(self, gone, alice, charlie, root):
        people = (AnonymousUser(), charlie, alice, root)
        assert [Video.objects.visible_to(person).exists() for person in people] == [False] * 3 + [True]

    @pytest.mark.parametrize("name", ["watch", "watch-status", "embed", "api-video", "renew-cookies"])
    def test_video_shows_strangers_nothing(self, gone, charlie, name):
        path = reverse(name, args=[gone.pk])
        for client in (browser(), browser(charlie)):
            answer = client.post(path) if name == "renew-cookies" else client.get(path)
            assert answer.status_code in (401, 403, 404)
            assert (CANARY.encode() in answer.content, signed(answer)) == (False, [])

    def test_video_is_on_no_list(self, gone, charlie, alice):
        pages = [client.get("/") for client in (browser(), browser(charlie), browser(alice))]
        assert [CANARY.encode() in page.content for page in pages] == [False] * 3

    def test_video_gives_its_owner_no_cookies(self, gone, alice):
        client = browser(alice)
        for path in (reverse("watch", args=[gone.pk]), reverse("embed", args=[gone.pk])):
            assert signed(client.get(path)) == []
        assert client.post(reverse("renew-cookies", args=[gone.pk])).status_code == 404

    def test_video_tells_its_owner_why(self, gone, alice):
        page = browser(alice).get("/videos/").content.decode()
        assert CANARY in page and "somebody else&#x27;s" in page

    def test_video_stays_with_its_owner(self, gone, alice):
        assert list(Video.objects.owned_by(alice)) == [gone]

    def test_video_opens_to_nobody_who_has_no_cookies_yet(self, gone):
        assert browser().get(f"{gone.version_path}poster.jpg").status_code == 403

    def test_video_is_back_everywhere_when_restored(self, gone, staff, charlie):
        act(staff, "restore", gone)
        client = browser(charlie)
        assert CANARY in client.get("/").content.decode()
        assert client.get(reverse("watch", args=[gone.pk])).status_code == 200


class StaffTests:
    @pytest.fixture
    def stored(self, gone, objects):
        objects(gone)
        return gone

    def test_can_play_what_they_took_down(self, stored, staff):
        page = staff.get(reverse("watch", args=[stored.pk]))
        answer = staff.get(f"{stored.version_path}poster.jpg")
        assert (b"<stream-player" in page.content, answer.status_code) == (True, 200)

    def test_read_that_and_why_it_was_taken_down(self, gone, staff):
        page = staff.get(reverse("watch", args=[gone.pk])).content.decode()
        assert "Only staff can watch it." in page and "It is somebody else&#x27;s." in page

    def test_can_go_on_playing_it(self, gone, staff):
        answer = staff.post(reverse("renew-cookies", args=[gone.pk]))
        assert (answer.status_code, len(signed(answer))) == (204, 4)

    def test_alone_can_play_it(self, stored, alice, charlie):
        for client in (browser(), browser(charlie), browser(alice)):
            page = client.get(reverse("watch", args=[stored.pk]))
            answer = client.get(f"{stored.version_path}poster.jpg")
            assert (b"<stream-player" in page.content, signed(page), answer.status_code) == (False, [], 403)

    def test_get_no_card_for_links_and_no_frame(self, gone, staff):
        page = staff.get(reverse("watch", args=[gone.pk])).content
        assert (b"og:title" in page, staff.get(reverse("embed", args=[gone.pk])).status_code) == (False, 404)
