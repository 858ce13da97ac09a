"""The upload page: several files, a pause, a cancel, and words that are saved while bytes move."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Route, expect

from tests.browser.clips import make_noise
from tests.browser.visitor import Visitor

MIB = 1024**2


class Bytes:
    """Parts on their way to S3, held back until they are let go."""

    def __init__(self, visitor: Visitor) -> None:
        self.waiting: list[Route] | None = []
        visitor.page.route("**/ingest/**", self.meet)

    def meet(self, route: Route) -> None:
        if self.waiting is None:
            route.continue_()
        else:
            self.waiting.append(route)

    def let_go(self, *, lost: bool = False) -> None:
        waiting, self.waiting = self.waiting or [], None
        for route in [] if lost else waiting:
            route.continue_()


@pytest.fixture
def held(visit, owner):
    """Return somebody on the upload page, and their bytes, which are held back."""
    visitor = visit(owner)
    visitor.open("/upload/")
    yield visitor, Bytes(visitor)
    visitor.page.unroute_all(behavior="ignoreErrors")


def start(visitor: Visitor, *files: Path) -> list[Locator]:
    with visitor.page.expect_request("**/ingest/**"):
        visitor.choose(*files)
    return [visitor.page.locator(".file", has_text=file.name) for file in files]


class SeveralFilesTests:
    def test_go_up_one_after_the_other_with_a_pause_and_a_cancel(self, held, tmp_path):
        visitor, parts = held
        names = ("first.mp4", "second.mp4")
        first, second = start(visitor, *(make_noise(tmp_path / name, 3 * MIB) for name in names))
        expect(second).to_contain_text("Waiting for the one before it")
        first.get_by_role("button", name="Pause").click()
        expect(first).to_contain_text("Paused by you")
        second.get_by_role("button", name="Cancel").click()
        expect(second).to_contain_text("Cancelled")
        parts.let_go(lost=True)
        first.get_by_role("button", name="Resume").click()
        visitor.wait_until_uploaded(first)


class DetailsTests:
    def test_are_saved_as_they_are_typed_while_bytes_move(self, held, tmp_path):
        visitor, parts = held
        (row,) = start(visitor, make_noise(tmp_path / "walk.mp4", 3 * MIB))
        row.get_by_text("Title, description, who can watch").click()
        row.get_by_label("Title").fill("A walk by the sea")
        row.get_by_label("Who can watch").select_option("unlisted")
        expect(row.get_by_text("Saved.", exact=True)).to_be_visible()
        parts.let_go()
        visitor.wait_until_uploaded(row).click()
        expect(visitor.heading("A walk by the sea")).to_be_visible()
        expect(visitor.page.locator(".meta").first).to_contain_text("Unlisted")

    def test_are_tried_again_when_they_could_not_be_saved(self, held, tmp_path):
        visitor, _parts = held
        (row,) = start(visitor, make_noise(tmp_path / "again.mp4", MIB))
        visitor.page.route(
            "**/api/v1/videos/**", lambda route: route.fulfill(status=503, json={"detail": "x"})
        )
        row.get_by_text("Title, description, who can watch").click()
        row.get_by_label("Title").fill("Kept in the end")
        expect(row).to_contain_text("Not saved yet: we try again every few seconds.")
        visitor.page.unroute("**/api/v1/videos/**")
        expect(row.get_by_text("Saved.", exact=True)).to_be_visible()
        visitor.troubles[:] = [trouble for trouble in visitor.troubles if not trouble.startswith("503 PATCH")]
        row.get_by_role("button", name="Cancel").click()

    def test_wait_for_the_files_turn(self, held, tmp_path):
        visitor, parts = held
        _first, second = start(visitor, *(make_noise(tmp_path / n, MIB) for n in ("one.mp4", "two.mp4")))
        second.get_by_text("Title, description, who can watch").click()
        second.get_by_label("Title").fill("The second one")
        expect(second).to_contain_text("Kept on this page until")
        parts.let_go()
        visitor.wait_until_uploaded(second).click()
        expect(visitor.heading("The second one")).to_be_visible()


class UnfinishedUploadTests:
    def test_is_listed_until_its_file_is_chosen_again(self, held, tmp_path):
        visitor, parts = held
        file = make_noise(tmp_path / "long walk.mp4", 3 * MIB)
        start(visitor, file)
        visitor.page.reload()
        visitor.troubles.clear()
        parts.let_go(lost=True)
        left = visitor.page.locator(".unfinished li", has_text="long walk.mp4")
        with visitor.page.expect_file_chooser() as chooser:
            left.get_by_role("button", name=re.compile("^Choose")).click()
        chooser.value.set_files(file)
        expect(left).to_have_count(0)
        visitor.wait_until_uploaded(visitor.page.locator(".file").last)


class OfflineTests:
    def test_is_said_on_every_page(self, visit):
        visitor = visit()
        visitor.open("/")
        visitor.context.set_offline(True)
        expect(visitor.page.get_by_text("You are offline.")).to_be_visible()
        visitor.context.set_offline(False)
        expect(visitor.page.get_by_text("You are offline.")).to_have_count(0)
        # What the browser asked for meanwhile, the icon of the page say, it could not get.
        visitor.forgive("net::ERR_INTERNET_DISCONNECTED")
