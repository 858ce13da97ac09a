"""From a file on somebody's disk to the screen."""

from __future__ import annotations

import re

from playwright.sync_api import Route, expect

from tests.browser.clips import make_noise


class MainJobTests:
    def test_who_signs_up_uploads_a_clip_and_watches_it(self, visit, clip):
        anna = visit()
        anna.sign_up("anna")
        anna.link("Upload").click()
        anna.open_uploaded(anna.choose(clip))
        anna.wait_for_player()
        anna.press_play()
        anna.wait_until_plays()

    def test_the_player_offers_every_rendition(self, visit, owner, private_video):
        olivia = visit(owner)
        olivia.open(private_video)
        expect(olivia.open_qualities()).to_have_text(["480p", "360p", "240p", "Auto (480p)"])

    def test_an_upload_shows_its_progress(self, visit, owner, tmp_path):
        olivia = visit(owner)
        olivia.open("/upload/")
        held: list[Route] = []
        olivia.page.route("**/ingest/**", lambda route: held.append(route))
        with olivia.page.expect_request("**/ingest/**"):
            row = olivia.choose(make_noise(tmp_path / "noise.mp4", 3_000_000))
        expect(row.get_by_role("progressbar")).to_be_visible()
        expect(row).to_contain_text(re.compile(r"\d+ %.*\d of 3\.0 MB"))
        held.pop().continue_()
        olivia.wait_until_uploaded(row)
