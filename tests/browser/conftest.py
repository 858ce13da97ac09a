"""A whole site of its own, and Debian's Chromium. Both end with this folder's tests: Playwright keeps an event loop
in the thread while it runs, and Django lets nobody use the database beside one."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from streamsite.acceptance.people import Person
from streamsite.acceptance.stack import Log, Stack, private_stack
from tests.browser.clips import make_clip
from tests.browser.visitor import Visitor

PATIENCE = 15_000
QUIET = ("background-networking", "component-update", "quic", "sync", "gpu")
# Short times are for tests that kill a worker; here it only shares the machine with a browser.
UNHURRIED = ("LEASE_SECONDS", "VISIBILITY_SECONDS")
LOG = Log()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.browser)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Any:
    report = yield
    if report.failed:
        report.sections.append(("the site's log", "\n".join(LOG.tail())))
    return report


@pytest.fixture(scope="package")
def site() -> Iterator[Stack]:
    with pytest.MonkeyPatch.context() as environment:
        for name in UNHURRIED:
            environment.delenv(name, raising=False)
        with private_stack(LOG) as stack:
            yield stack
            assert (LOG.server_errors, LOG.tracebacks) == (0, 0), "\n".join(LOG.tail())


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    path = shutil.which("chromium")
    assert path, "The browser tests need Chromium: as root run `apt-get install chromium`."
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        args = ["--no-sandbox", "--no-first-run", *(f"--disable-{feature}" for feature in QUIET)]
        browser = playwright.chromium.launch(executable_path=path, args=args)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_clip(tmp_path_factory.mktemp("clips") / "A walk.mp4")


@pytest.fixture(scope="package")
def owner(site: Stack) -> Iterator[Person]:
    person = Person(site.site, "olivia")
    yield person
    person.close()


@pytest.fixture(scope="package")
def stranger(site: Stack) -> Iterator[Person]:
    person = Person(site.site, "stefan")
    yield person
    person.close()


@pytest.fixture(scope="package")
def upload(owner: Person, clip: Path) -> Callable[..., str]:
    """Upload the clip in the owner's name, wait for its end, and return its page."""

    def upload(title: str, visibility: str = "private") -> str:
        video = owner.api.upload(clip, title=title, visibility=visibility)
        assert owner.api.wait(video["id"], every=0.1)["status"] == "ready"
        return str(video["url"])

    return upload


@pytest.fixture(scope="package")
def private_video(upload: Callable[..., str]) -> str:
    return upload("A private walk")


@pytest.fixture
def visit(site: Stack, chromium: Browser) -> Iterator[Callable[..., Visitor]]:
    """Open a window in which `person` is signed in, or nobody. No window may have seen trouble in the end."""
    visitors: list[Visitor] = []

    def visit(person: Person | None = None, **options: Any) -> Visitor:
        cookies = person.http.cookies.jar if person else ()
        visitors.append(Visitor(chromium, site.site, cookies, **options))
        visitors[-1].page.set_default_timeout(PATIENCE)
        return visitors[-1]

    yield visit
    for visitor in visitors:
        visitor.close()
    assert [trouble for visitor in visitors for trouble in visitor.troubles] == []
