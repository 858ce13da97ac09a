"""My videos: rows that change by themselves, and several at once."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from streamsite.acceptance.people import Person
from tests.browser.visitor import FOR_THE_WORKER, Visitor


@pytest.fixture(scope="package")
def hoarder(site):
    person = Person(site.site, "hoarder")
    yield person
    person.close()


@pytest.fixture
def list_page(visit, hoarder):
    """Return the hoarder at the list of three videos that have not arrived, all private."""
    for _ in range(3):
        hoarder.begin_nothing()
    visitor = visit(hoarder)
    visitor.open("/videos/")
    return visitor


def tick(visitor: Visitor, *numbers: int) -> None:
    for number in numbers:
        visitor.page.locator("input[name=video]").nth(number).check()


class RowTests:
    def test_becomes_ready_without_reloading_and_stays_ticked(self, visit, hoarder, clip):
        visitor = visit(hoarder)
        hoarder.api.upload(clip, title="Growing up", visibility="private")
        visitor.open("/videos/")
        row = visitor.page.locator("li", has_text="Growing up")
        row.get_by_role("checkbox").check()
        expect(row.locator(".pill")).to_have_text("Ready", timeout=FOR_THE_WORKER)
        expect(row.locator("img")).to_be_visible()
        expect(row.get_by_role("checkbox")).to_be_checked()

    def test_tries_again_in_place(self, visit, hoarder, tmp_path):
        (tmp_path / "letter.mp4").write_text("Dear site, this is a letter.")
        video = hoarder.api.upload(tmp_path / "letter.mp4", title="A letter", visibility="private")
        assert hoarder.api.wait(video["id"], every=0.1)["status"] == "failed"
        visitor = visit(hoarder)
        visitor.open("/videos/")
        visitor.button("Try A letter again").click()
        row = visitor.page.locator("li", has_text="A letter")
        expect(row.locator(".pill")).not_to_have_text("Failed")
        expect(row.locator(".pill")).to_have_text("Failed", timeout=FOR_THE_WORKER)


class BulkTests:
    def test_is_there_only_while_something_is_ticked(self, list_page):
        bar = list_page.page.locator("#bulk")
        expect(bar).to_be_hidden()
        tick(list_page, 0, 1)
        expect(bar).to_contain_text("2 selected")
        list_page.button("Clear").click()
        expect(bar).to_be_hidden()

    def test_changes_who_can_watch(self, list_page):
        tick(list_page, 0, 2)
        list_page.page.get_by_label("Who can watch").select_option("unlisted")
        list_page.button("Change").click()
        expect(list_page.page.get_by_text("2 videos are unlisted now.")).to_be_visible()
        shown = list_page.page.locator(".list li .with").all_inner_texts()
        assert shown[:3] == ["Unlisted", "Private", "Unlisted"]

    def test_deletes_after_asking(self, list_page):
        count = list_page.page.locator("input[name=video]").count()
        tick(list_page, 0, 1)
        list_page.button("Delete…").click()
        expect(list_page.heading("Delete these 2 videos?")).to_be_visible()
        list_page.button("Delete for good").click()
        expect(list_page.page.get_by_text("2 videos are deleted")).to_be_visible()
        assert list_page.page.locator("input[name=video]").count() == count - 2

    def test_works_without_scripts(self, visit, hoarder):
        hoarder.begin_nothing()
        visitor = visit(hoarder, java_script_enabled=False)
        visitor.open("/videos/")
        tick(visitor, 0)
        visitor.page.get_by_label("Who can watch").select_option("public")
        visitor.button("Change").click()
        expect(visitor.page.get_by_text("1 video is public now.")).to_be_visible()
