"""What is private stays so; what is public opens to everybody; what is deleted is gone."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from streamsite.supervisor import wait_for


@pytest.fixture
def media(visit, owner, private_video):
    """Return what the owner's own player fetches."""
    olivia = visit(owner)
    olivia.open(private_video)
    olivia.press_play()
    olivia.wait_until_plays()
    return olivia.fetched


@pytest.fixture(params=["another account", "nobody"])
def outsider(request, visit, stranger):
    return visit(stranger if request.param == "another account" else None)


class PrivateVideoTests:
    def test_has_no_page_for_others(self, outsider, private_video):
        outsider.open(private_video, status=404)

    def test_has_no_media_for_others(self, outsider, media):
        kinds = {path.rpartition("/")[2].rpartition(".")[2] for path in media}
        assert kinds == {"m3u8", "mp4", "m4s", "jpg", "vtt"}
        assert outsider.statuses(media) == {403}

    def test_is_not_on_the_home_page_of_others(self, outsider, private_video):
        outsider.open("/")
        expect(outsider.link("A private walk")).to_have_count(0)


class PublishedVideoTests:
    def test_is_watched_by_anybody_from_home(self, visit, owner, upload):
        visit(owner).make_public(upload("A public walk"))
        nobody = visit()
        nobody.open("/")
        card = nobody.page.locator(".card", has_text="A public walk")
        nobody.page.wait_for_function("(img) => img.naturalWidth", arg=card.locator("img").element_handle())
        card.get_by_role("link").click()
        nobody.press_play()
        nobody.wait_until_plays()


class DeletedVideoTests:
    def test_is_gone_with_its_page_and_media(self, visit, owner, upload):
        olivia = visit(owner)
        path = upload("A regretted walk")
        olivia.open(path)
        olivia.press_play()
        olivia.wait_until_plays()
        olivia.delete(path)
        expect(olivia.link("A regretted walk")).to_have_count(0)
        olivia.open(path, status=404)
        # Her cookies open the place for some minutes more.
        wait_for("the sweep", lambda: olivia.statuses(olivia.fetched) == {404})
