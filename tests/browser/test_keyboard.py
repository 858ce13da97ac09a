"""Everything that matters can be done without a mouse."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.clips import make_noise
from tests.factories import PASSWORD


class KeyboardTests:
    def test_signs_in(self, visit):
        karl = visit()
        karl.sign_up("karl")
        karl.context.clear_cookies()
        karl.open("/accounts/login/")
        karl.tab_to(karl.page.get_by_label("Username or email"))
        karl.page.keyboard.type("karl")
        karl.tab_to(karl.page.get_by_label("Password"))
        karl.page.keyboard.type(PASSWORD)
        karl.page.keyboard.press("Enter")
        expect(karl.button("karl, your account")).to_be_visible()

    def test_uploads(self, visit, owner, tmp_path):
        olivia = visit(owner)
        # Chromium does not say when it has heard that choosers are handed over, so it is told in good time.
        olivia.page.on("filechooser", lambda chooser: None)
        olivia.open("/upload/")
        olivia.tab_to(olivia.page.get_by_label("choose files"))
        with olivia.page.expect_file_chooser() as chooser:
            olivia.page.keyboard.press("Enter")
        chooser.value.set_files(make_noise(tmp_path / "noise.mp4", 1000))
        olivia.tab_to(olivia.wait_until_uploaded(olivia.page.locator(".file")))
        olivia.page.keyboard.press("Enter")
        expect(olivia.heading("noise")).to_be_visible()

    def test_plays_and_pauses_by_k(self, visit, owner, private_video):
        olivia = visit(owner)
        olivia.open(private_video)
        olivia.tab_to(olivia.page.locator("media-play-button"))
        olivia.page.keyboard.press("k")
        olivia.wait_until_plays()
        olivia.page.keyboard.press("k")
        olivia.page.wait_for_function("(v) => v.paused", arg=olivia.video.element_handle())
