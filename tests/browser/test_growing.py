"""Watched while it is made: it plays on as it grows, and goes from growing to final at the same place."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import expect

from tests.browser.reel import Making, Reel
from tests.browser.test_accessibility import violations
from tests.browser.visitor import Visitor

# Counts what a viewer would notice: the picture stands though it should play, the place is lost, the element is another.
NOTICE = """(video) => {
    const seen = window.seen = { stalls: 0, jumps: 0, emptied: 0, last: video.currentTime };
    video.addEventListener("waiting", () => (seen.stalls += 1));
    video.nativeEl.addEventListener("emptied", () => (seen.emptied += 1));
    video.addEventListener("timeupdate", () => {
        if (Math.abs(video.currentTime - seen.last) > 2) seen.jumps += 1;
        seen.last = video.currentTime;
    });
}"""
UNNOTICED = {"stalls": 0, "jumps": 0, "emptied": 0}


def make_source(folder: Path, seconds: int, size: str, rate: int) -> Path:
    """Make a clip as phones and editors do: keyframes three seconds apart, B-frames and an edit list that undoes their delay.

    Its two sounds are tones.
    """
    folder.mkdir()
    command = (
        *(settings.FFMPEG, "-loglevel", "error"),
        *("-f", "lavfi", "-i", f"testsrc2=size={size}:rate={rate}:duration={seconds}"),
        *("-f", "lavfi", "-i", f"sine=frequency=440:duration={seconds}", "-map", "0", "-map", "1"),
        *("-map", "1", "-metadata:s:a:0", "language=eng", "-metadata:s:a:1", "language=deu"),
        *("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", str(3 * rate)),
        *("-sc_threshold", "0", "-bf", "2", "-c:a", "aac", "-f", "mp4", "source"),
    )
    subprocess.run(command, cwd=folder, check=True, timeout=60, stdin=subprocess.DEVNULL)
    return folder


@pytest.fixture(scope="module")
def grid(tmp_path_factory) -> Reel:
    """Every rung encoded, on our own grid."""
    return Reel(make_source(tmp_path_factory.mktemp("grid") / "reel", 44, "320x240", 10), keeps_top=False)


@pytest.fixture(scope="module")
def kept(tmp_path_factory) -> Reel:
    """The source's own picture, and an encoded rung beside it."""
    return Reel(make_source(tmp_path_factory.mktemp("kept") / "reel", 40, "640x480", 10), keeps_top=True)


@pytest.fixture
def making(site, owner):
    """Return a function from a reel and a title to a video that begins to be made of it."""
    return lambda reel, title: Making(site, reel, "olivia", title=title, visibility="public")


def play(visitor: Visitor, path: str) -> None:
    visitor.open(path)
    visitor.page.wait_for_function("() => document.querySelector('stream-video')?.readyState >= 2")
    visitor.press_play()
    visitor.wait_until_plays()
    visitor.video.evaluate(NOTICE)


def wait_until(visitor: Visitor, condition: str) -> None:
    visitor.page.wait_for_function(
        f"(video) => {condition}", arg=visitor.video.element_handle(), timeout=30_000
    )


def noticed(visitor: Visitor) -> dict[str, int]:
    seen: dict[str, int] = visitor.page.evaluate("({ ...window.seen })")
    return {name: count for name, count in seen.items() if name != "last"}


class GrowingTests:
    def test_plays_on_while_it_grows_and_when_it_is_whole(self, visit, making, grid):
        video, viewer = making(grid, "A long walk"), visit()
        video.grow(5, 30)
        play(viewer, video.path)
        expect(viewer.page.locator("#growth")).to_contain_text("Watchable so far: 0:14 of 0:44")
        video.grow(6, 60)
        video.grow(grid.segments, 90)
        video.publish()
        expect(viewer.page.get_by_text("All of it is here now.")).to_be_visible()
        wait_until(viewer, "video.currentTime > 20 && Math.abs(video.duration - 44) < 0.5")
        assert noticed(viewer) == UNNOTICED

    def test_shows_its_pictures_when_they_are_there(self, visit, making, grid):
        video, viewer = making(grid, "A pictured walk"), visit()
        video.grow(grid.segments, 90)
        play(viewer, video.path)
        assert viewer.page.locator("stream-player").get_attribute("poster") is None
        video.publish()
        expect(viewer.page.locator("stream-player")).to_have_attribute("poster", re.compile("poster.jpg$"))
        viewer.page.locator("media-time-range").hover()
        expect(viewer.page.locator("media-preview-thumbnail").first).to_be_visible()

    def test_takes_the_place_of_the_waiting_page(self, visit, making, grid, owner):
        video, viewer = making(grid, "An awaited walk"), visit(owner)
        viewer.open(video.path)
        expect(viewer.heading("Processing")).to_be_visible()
        video.grow(3, 20)
        viewer.wait_for_player()
        expect(viewer.page.locator("#growth")).to_contain_text("Watchable so far: 0:06 of 0:44")

    def test_plays_in_a_frame_without_cookies(self, visit, making, grid):
        video, viewer = making(grid, "A framed walk"), visit()
        video.grow(4, 30)
        viewer.open(f"/embed/{video.pk}/")
        viewer.page.keyboard.press("k")
        viewer.wait_until_plays()
        wait_until(viewer, "Math.abs(video.duration - 12) < 0.5")
        video.grow(5, 40)
        wait_until(viewer, "Math.abs(video.duration - 18) < 0.5")
        assert (viewer.context.cookies(), viewer.fetched) == ([], set())

    def test_says_that_it_failed(self, visit, making, grid, owner):
        video, viewer, stranger = making(grid, "A broken walk"), visit(owner), visit()
        video.grow(4, 30)
        for visitor in (viewer, stranger):
            visitor.open(video.path)
        video.fail()
        expect(viewer.page.get_by_role("status")).to_contain_text("The file ends in the middle of a frame.")
        expect(stranger.page.get_by_text("This video cannot be watched any more.")).to_be_visible()
        for visitor in (viewer, stranger):
            visitor.forgive("404 GET")

    def test_goes_on_when_it_was_made_anew(self, visit, making, grid):
        video, viewer = making(grid, "Another walk"), visit()
        video.grow(5, 30)
        play(viewer, video.path)
        video.begin_anew()
        video.grow(grid.segments, 60)
        expect(viewer.page.locator("stream-player")).to_have_attribute("place", re.compile("/a2/$"))
        wait_until(viewer, "Math.abs(video.duration - 44) < 0.5 && video.currentTime > 10")
        assert noticed(viewer) == UNNOTICED
        viewer.forgive("404 GET")

    def test_says_on_lists_how_much_can_be_watched(self, visit, making, grid, owner):
        making(grid, "A listed walk").grow(4, 30)
        viewer = visit(owner)
        viewer.open("/")
        card = viewer.page.locator(".card", has_text="A listed walk")
        expect(card).to_contain_text("0:08 of 0:44")
        viewer.open("/videos/")
        row = viewer.page.locator("li", has_text="A listed walk")
        expect(row).to_contain_text("Watchable so far: 0:08 of 0:44")


class KeptPictureTests:
    def test_gets_its_other_sizes_at_the_same_place(self, visit, making, kept):
        video, viewer = making(kept, "A kept walk"), visit()
        video.grow(kept.segments, 20)
        play(viewer, video.path)
        expect(viewer.page.get_by_text("All of it can be watched")).to_be_visible()
        viewer.video.evaluate("(video) => { video.playbackRate = 1.25; video.volume = 0.4 }")
        video.publish()
        wait_until(viewer, "video.api?.levels.length === 3")
        began = viewer.video.evaluate("(video) => video.currentTime")
        wait_until(viewer, f"video.currentTime > {began} + 8")
        state = viewer.video.evaluate("(video) => [video.paused, video.playbackRate, video.volume]")
        assert (noticed(viewer), state) == (UNNOTICED, [False, 1.25, 0.4])

    def test_goes_from_the_kept_rung_to_the_encoded_one_and_back(self, visit, making, kept):
        video, viewer = making(kept, "A walk in sizes"), visit()
        video.grow(kept.segments, 20)
        video.publish()
        play(viewer, video.path)
        for level, height in ((0, 240), (2, 480), (0, 240)):
            viewer.video.evaluate(f"(video) => (video.api.nextLevel = {level})")
            wait_until(viewer, f"video.videoHeight === {height}")
        assert noticed(viewer) == UNNOTICED

    def test_keeps_the_sound_that_was_chosen(self, visit, making, kept):
        video, viewer = making(kept, "A walk in two languages"), visit()
        video.grow(kept.segments, 20)
        play(viewer, video.path)
        viewer.page.locator("media-settings-menu-button").click()
        viewer.page.get_by_role("menuitem", name="Sound").click()
        viewer.page.locator("media-audio-track-menu [role=menuitemradio]", has_text="German").click()
        wait_until(viewer, "video.api.audioTrack === 1")
        video.publish()
        wait_until(viewer, "video.api?.levels.length === 3 && video.api.audioTrack === 1")
        began = viewer.video.evaluate("(video) => video.currentTime")
        wait_until(viewer, f"video.currentTime > {began} + 3 && video.api.audioTrack === 1")

    def test_stays_paused_where_it_was(self, visit, making, kept):
        video, viewer = making(kept, "A paused walk"), visit()
        video.grow(kept.segments, 20)
        play(viewer, video.path)
        viewer.page.keyboard.press("5")
        viewer.press_play()
        video.publish()
        wait_until(viewer, "video.api?.levels.length === 3 && video.paused")
        assert abs(viewer.video.evaluate("(video) => video.currentTime") - 20) < 1.5
        expect(viewer.open_qualities()).to_have_text(["480p", "360p", "240p", re.compile("Auto")])
        viewer.page.keyboard.press("Escape")
        viewer.press_play()
        wait_until(viewer, "video.currentTime > 22")


class AccessibilityTests:
    @pytest.mark.parametrize("scheme", ["light", "dark"])
    def test_finds_nothing_to_complain_of(self, visit, making, grid, scheme):
        video, viewer = making(grid, f"A walk in the {scheme}"), visit(color_scheme=scheme)
        video.grow(4, 30)
        for path, seen in ((video.path, "stream-video"), ("/", ".card")):
            viewer.open(path)
            viewer.page.locator(seen).first.wait_for()
            assert violations(viewer) == []
