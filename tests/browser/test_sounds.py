"""Several sounds: the viewer chooses, and where there is one there is nothing to choose."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import expect

from tests.browser.visitor import Visitor


@pytest.fixture(scope="module")
def two_sounds(owner, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The page of a public video with an English and a German sound."""
    path: Path = tmp_path_factory.mktemp("clips") / "two.mp4"
    inputs = ("testsrc2=size=320x240:rate=25:duration=4", "sine=440:d=4", "sine=880:d=4")
    command = (
        *(settings.FFMPEG, "-loglevel", "error"),
        *(word for one in inputs for word in ("-f", "lavfi", "-i", one)),
        *("-map", "0", "-map", "1", "-map", "2", "-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac"),
        *("-metadata:s:a:0", "language=eng", "-metadata:s:a:1", "language=deu", str(path)),
    )
    subprocess.run(command, check=True, timeout=60, stdin=subprocess.DEVNULL)
    video = owner.api.upload(path, title="Two sounds", visibility="public")
    assert owner.api.wait(video["id"], every=0.1)["status"] == "ready"
    return str(video["url"])


def open_settings(visitor: Visitor, path: str) -> None:
    visitor.open(path)
    visitor.page.wait_for_function("() => document.querySelector('stream-video')?.readyState >= 2")
    visitor.page.locator("media-settings-menu-button").click()


class SoundMenuTests:
    def test_changes_the_sound(self, visit, two_sounds):
        viewer = visit()
        open_settings(viewer, two_sounds)
        viewer.page.get_by_role("menuitem", name="Sound").click()
        choices = viewer.page.locator("media-audio-track-menu [role=menuitemradio]")
        expect(choices).to_have_text(["English", "German"])
        choices.nth(1).click()
        viewer.page.wait_for_function(
            "(video) => video.api.audioTrack === 1", arg=viewer.video.element_handle()
        )

    def test_works_in_a_frame_too(self, visit, two_sounds):
        viewer = visit()
        open_settings(viewer, two_sounds.replace("/v/", "/embed/"))
        expect(viewer.page.get_by_role("menuitem", name="Sound")).to_be_visible()

    def test_is_not_there_for_one_sound(self, visit, private_video, owner):
        viewer = visit(owner)
        open_settings(viewer, private_video)
        expect(viewer.page.get_by_role("menuitem", name="Speed")).to_be_visible()
        expect(viewer.page.get_by_role("menuitem", name="Sound")).to_have_count(0)
