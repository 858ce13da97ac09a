"""Every page, in both colour schemes, as axe-core sees it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import FilePayload

from streamsite.acceptance.people import Person
from tests.browser.visitor import Visitor


@dataclass(frozen=True)
class Place:
    path: str
    signed_in: bool = True
    status: int = 200
    # Until this is there, the page is not what people meet.
    wait_for: str = "main"


PLACES = {
    "home": Place("/"),
    "login": Place("/accounts/login/", signed_in=False),
    "signup": Place("/accounts/signup/", signed_in=False),
    "empty home": Place("/?after=0-00000000000000000000000000000000", signed_in=False),
    "not found": Place("/nothing/", signed_in=False, status=404),
    "upload": Place("/upload/"),
    "studio": Place("/videos/"),
    "watch": Place("{video}", wait_for="stream-video"),
    "embed": Place("/embed/{id}/", signed_in=False, wait_for="stream-video"),
    "edit": Place("{video}edit/"),
    "delete": Place("{video}delete/"),
    "channel": Place("/c/olivia/", signed_in=False),
    "search": Place("/search/?q=walk", signed_in=False),
    "nothing found": Place("/search/?q=bandsow", signed_in=False),
    "failed": Place("{failed}"),
}


@pytest.fixture(scope="package")
def failed_video(owner: Person, tmp_path_factory: pytest.TempPathFactory) -> str:
    file = tmp_path_factory.mktemp("not-a-video") / "letter.mp4"
    file.write_text("Dear site, this is a letter.")
    video = owner.api.upload(file, title="A letter", visibility="private")
    assert owner.api.wait(video["id"], every=0.1)["status"] == "failed"
    return str(video["url"])


@pytest.fixture(scope="package")
def public_video(upload: Callable[..., str]) -> str:
    return upload("A walk for all", "public")


def violations(visitor: Visitor, *rules: str) -> list[str]:
    """Return what breaks `rules`, or any rule there is."""
    options = {"resultTypes": ["violations"], **({"runOnly": rules} if rules else {})}
    found = Axe().run(visitor.page, options=options).response["violations"]
    return [f"{v['id']}: {node['html']} {node['failureSummary']}" for v in found for node in v["nodes"]]


@pytest.fixture(params=PLACES.values(), ids=list(PLACES))
def window(request, visit, owner, public_video, failed_video):
    """Return a window on a page where nothing is moving."""
    place = request.param
    visitor = visit(owner if place.signed_in else None, color_scheme="light", reduced_motion="reduce")
    path = place.path.format(video=public_video, id=public_video.split("/")[2], failed=failed_video)
    visitor.open(path, place.status)
    visitor.page.locator(place.wait_for).wait_for()
    return visitor


def open_share(visitor: Visitor) -> None:
    visitor.button("Share").click()
    visitor.page.get_by_label("Start at").check()


def open_keys(visitor: Visitor) -> None:
    visitor.page.keyboard.press("?")


def tick_one(visitor: Visitor) -> None:
    visitor.page.locator("input[name=video]").first.check()


def ask_to_delete(visitor: Visitor) -> None:
    tick_one(visitor)
    visitor.button("Delete…").click()
    visitor.button("Delete for good").wait_for()


def open_account_menu(visitor: Visitor) -> None:
    visitor.button("olivia, your account").click()


def lose_the_connection(visitor: Visitor) -> None:
    visitor.context.set_offline(True)
    visitor.page.locator(".offline:not(:empty)").wait_for()


def upload_and_hold(visitor: Visitor) -> None:
    """A file whose bytes never arrive, with its details open, and one that is refused."""
    visitor.page.route("**/ingest/**", lambda route: None)
    files = [("a.mp4", "video/mp4"), ("b.jpg", "image/jpeg")]
    payloads = [FilePayload(name=name, mimeType=kind, buffer=b"1234") for name, kind in files]
    with visitor.page.expect_request("**/ingest/**"):
        visitor.page.get_by_label("choose files").set_input_files(payloads)
    visitor.page.locator(".file").first.get_by_text("Title, description").click()


STATES = {
    "share": ("{video}", open_share),
    "keys": ("{video}", open_keys),
    "ticked": ("/videos/", tick_one),
    "delete several": ("/videos/", ask_to_delete),
    "account menu": ("/", open_account_menu),
    "offline": ("/", lose_the_connection),
    "uploading": ("/upload/", upload_and_hold),
}


@pytest.fixture(params=STATES.values(), ids=list(STATES))
def state(request, visit, owner, public_video):
    path, bring_about = request.param
    visitor = visit(owner, color_scheme="light", reduced_motion="reduce")
    visitor.open(path.format(video=public_video))
    if "{video}" in path:
        visitor.page.locator("stream-video").wait_for()
    bring_about(visitor)
    yield visitor
    visitor.page.unroute_all(behavior="ignoreErrors")
    visitor.context.set_offline(False)
    # That is what being offline means.
    visitor.troubles[:] = [trouble for trouble in visitor.troubles if "INTERNET_DISCONNECTED" not in trouble]


class StateTests:
    def test_has_no_violations_in_light_and_in_dark(self, state):
        assert violations(state) == []
        state.page.emulate_media(color_scheme="dark", reduced_motion="reduce")
        assert violations(state, "color-contrast") == []


class PageTests:
    def test_has_no_violations_in_light_and_in_dark(self, window):
        assert violations(window) == []
        window.page.emulate_media(color_scheme="dark", reduced_motion="reduce")
        # Nothing but the colours is another.
        assert violations(window, "color-contrast") == []
