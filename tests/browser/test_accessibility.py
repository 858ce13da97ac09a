"""Every page, in both colour schemes, as axe-core sees it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from axe_playwright_python.sync_playwright import Axe

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
    "not found": Place("/nothing/", signed_in=False, status=404),
    "upload": Place("/upload/"),
    "studio": Place("/videos/"),
    "watch": Place("{video}", wait_for="stream-video"),
    "embed": Place("/embed/{id}/", signed_in=False, wait_for="stream-video"),
    "edit": Place("{video}edit/"),
    "delete": Place("{video}delete/"),
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


class PageTests:
    def test_has_no_violations_in_light_and_in_dark(self, window):
        assert violations(window) == []
        window.page.emulate_media(color_scheme="dark", reduced_motion="reduce")
        # Nothing but the colours is another.
        assert violations(window, "color-contrast") == []
