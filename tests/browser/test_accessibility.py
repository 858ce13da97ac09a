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
    return upload(title="A walk for all", visibility="public")


def violations(visitor: Visitor) -> list[str]:
    found = Axe().run(visitor.page).response["violations"]
    return [f"{v['id']}: {node['html']} {node['failureSummary']}" for v in found for node in v["nodes"]]


class PageTests:
    @pytest.mark.parametrize("scheme", ["light", "dark"])
    @pytest.mark.parametrize("place", PLACES.values(), ids=list(PLACES))
    def test_has_no_violations(self, visit, owner, public_video, failed_video, place, scheme):
        visitor = visit(owner if place.signed_in else None, color_scheme=scheme)
        visitor.open(place.path.format(video=public_video, failed=failed_video), place.status)
        visitor.page.locator(place.wait_for).wait_for()
        assert violations(visitor) == []
