"""The watch page: the player, its keys, and a link that begins where somebody is."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.visitor import Visitor

WORDS = "First 0:02 and https://example.org/.\nThen 0:05."


@pytest.fixture(scope="package")
def walk(owner, upload):
    """The page of a public video with a description."""
    path = upload("A walk to share", "public")
    words = {"title": "A walk to share", "description": WORDS, "visibility": "public"}
    owner.post(f"{path}edit/", words)
    return path


@pytest.fixture
def viewer(visit, walk):
    """Return somebody without an account, whose player has loaded."""
    visitor = visit(permissions=["clipboard-read", "clipboard-write"])
    open_loaded(visitor, walk)
    return visitor


def open_loaded(visitor: Visitor, path: str) -> None:
    visitor.open(path)
    visitor.page.wait_for_function("() => document.querySelector('stream-video')?.readyState >= 2")


def value(visitor: Visitor, name: str) -> Any:
    return visitor.video.evaluate(f"(video) => video.{name}")


def wait_until(visitor: Visitor, condition: str) -> None:
    visitor.page.wait_for_function(f"(video) => {condition}", arg=visitor.video.element_handle())


class PlayerTests:
    def test_changes_the_quality(self, viewer):
        viewer.open_qualities().filter(has_text=re.compile("^360p")).click()
        viewer.press_play()
        wait_until(viewer, "video.videoHeight === 360")

    def test_changes_the_speed(self, viewer):
        viewer.page.locator("media-settings-menu-button").click()
        viewer.page.get_by_role("menuitem", name="Speed").click()
        viewer.page.locator("media-playback-rate-menu [role=menuitemradio]", has_text="1.5").click()
        wait_until(viewer, "video.playbackRate === 1.5")

    def test_shows_a_picture_above_the_time_line(self, viewer):
        viewer.page.locator("media-time-range").hover()
        preview = viewer.page.locator("media-preview-thumbnail").first
        expect(preview).to_be_visible()
        expect(preview).to_have_attribute("mediapreviewimage", re.compile(r"storyboard-000\.jpg"))

    @pytest.mark.parametrize(("asked", "second"), [("4", 4), ("0m3s", 3)])
    def test_begins_at_the_time_in_the_address(self, visit, walk, asked, second):
        visitor = visit()
        open_loaded(visitor, f"{walk}?t={asked}")
        wait_until(visitor, f"Math.abs(video.currentTime - {second}) < 0.2")


class KeysTests:
    def test_play_and_pause_with_the_focus_anywhere(self, viewer):
        viewer.page.keyboard.press("k")
        viewer.wait_until_plays()
        viewer.page.keyboard.press("Space")
        wait_until(viewer, "video.paused")

    @pytest.mark.parametrize(
        ("keys", "condition"),
        [
            ("5", "Math.abs(video.currentTime - video.duration / 2) < 0.2"),
            ("5 ArrowLeft", "video.currentTime === 0"),
            ("ArrowRight", "Math.abs(video.currentTime - 5) < 0.2"),
            ("9 j", "video.currentTime === 0"),
            ("l", "video.currentTime > video.duration - 0.5"),
            ("m", "video.muted"),
            ("ArrowDown ArrowDown", "Math.abs(video.volume - 0.9) < 0.01"),
            ("f", "document.fullscreenElement"),
        ],
    )
    def test_do_what_the_list_says(self, viewer, keys, condition):
        for key in keys.split():
            viewer.page.keyboard.press(key)
        wait_until(viewer, condition)

    def test_are_listed_behind_a_question_mark(self, viewer):
        viewer.page.keyboard.press("?")
        dialog = viewer.page.get_by_role("dialog", name="Keyboard")
        expect(dialog).to_contain_text("Picture in picture")
        viewer.page.keyboard.press("Escape")
        expect(dialog).to_be_hidden()

    def test_stay_letters_where_somebody_types(self, viewer):
        viewer.page.get_by_role("searchbox").first.press_sequentially("mk5")
        assert (value(viewer, "muted"), value(viewer, "paused"), value(viewer, "currentTime")) == (
            False,
            True,
            0,
        )

    def test_lead_to_everything_without_a_mouse(self, viewer):
        viewer.tab_to(viewer.button("Share"))
        viewer.page.keyboard.press("Enter")
        viewer.tab_to(viewer.button("Copy link"))
        viewer.page.keyboard.press("Enter")
        expect(viewer.page.get_by_text("Copied.")).to_be_visible()


class ShareTests:
    def test_copies_a_link_that_begins_at_this_moment(self, viewer, walk):
        viewer.page.keyboard.press("ArrowRight")
        viewer.button("Share").click()
        viewer.page.get_by_label("Start at 0:05").check()
        viewer.button("Copy link").click()
        expect(viewer.page.get_by_text("Copied.")).to_be_visible()
        copied = viewer.page.evaluate("navigator.clipboard.readText()")
        assert copied.endswith(f"{walk}?t=5s")

    def test_hands_out_a_frame_that_plays_without_cookies(self, viewer):
        viewer.button("Share").click()
        code = viewer.page.get_by_label("Embed on another site").input_value()
        viewer.context.clear_cookies()
        viewer.fetched.clear()
        viewer.open(re.findall('src="http://[^/]*([^"]+)"', code)[0])
        viewer.page.keyboard.press("k")
        viewer.wait_until_plays()
        assert (viewer.context.cookies(), viewer.fetched) == ([], set())


class DescriptionTests:
    def test_leads_to_its_times_on_the_same_page(self, viewer):
        viewer.link("0:05").click()
        wait_until(viewer, "Math.abs(video.currentTime - 5) < 0.2")
        assert "?t=" not in viewer.page.url

    def test_leads_to_its_times_without_scripts_too(self, visit, walk):
        visitor = visit(java_script_enabled=False)
        visitor.open(walk)
        visitor.link("0:05").click()
        visitor.page.wait_for_url("**/?t=5s")
        assert visitor.page.locator("video").get_attribute("src").endswith("#t=5")
