"""A window on one page in one state, and all that went wrong on the way there."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright, Response, Route

from bench.place import Place
from bench.shots import Shot
from tests.browser.visitor import HEAR_OF_VIOLATIONS
from tests.factories import PASSWORD

PATIENCE = 10_000
PEOPLE = ("olivia", "newcomer", "sam")


@dataclass
class View:
    page: Page
    # Answers with an error, what the console said, and what the policy forbade.
    failed: list[str] = field(default_factory=list)
    console: list[str] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)

    def on_response(self, answer: Response) -> None:
        if answer.status >= 400:
            self.failed.append(f"{answer.status} {answer.url[:90]}")

    def on_console(self, message: ConsoleMessage) -> None:
        if message.text.startswith("CSP: "):
            self.violations.append(message.text)
        # Answers speak for themselves.
        elif message.type == "error" and not message.text.startswith("Failed to load resource"):
            self.console.append(message.text)


def launch(playwright: Playwright) -> Browser:
    return playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])


def sessions(browser: Browser, place: Place) -> dict[str, Any]:
    """Sign everybody in, and return what their browsers then hold."""
    return {name: _session(browser, place.stack.site, name) for name in PEOPLE}


def _session(browser: Browser, site: str, name: str) -> Any:
    context = browser.new_context(base_url=site)
    page = context.new_page()
    page.goto("/accounts/login/")
    page.locator("[name=login]").fill(name)
    page.locator("[name=password]").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.locator("[popovertarget=me]").wait_for()
    state = context.storage_state()
    context.close()
    return state


@contextmanager
def look(browser: Browser, place: Place, shot: Shot, session: Any, **options: Any) -> Iterator[View]:
    """Yield a window on the page in its state."""
    context = browser.new_context(
        base_url=place.stack.site, reduced_motion="reduce", storage_state=session, **options
    )
    context.add_init_script(HEAR_OF_VIOLATIONS)
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    view = View(page)
    page.on("response", view.on_response)
    page.on("console", view.on_console)
    page.on("pageerror", lambda error: view.console.append(str(error)))
    page.on("dialog", lambda dialog: dialog.accept())
    for name, html in place.errors.items():
        page.route(f"**/error-{name}/", partial(_answer_with, html))
    try:
        page.goto(shot.path)
        page.locator(shot.until).first.wait_for(state="attached")
        if shot.do:
            shot.do(page)
        page.wait_for_timeout(200)
        yield view
    finally:
        _give_up_uploads(page)
        page.unroute_all(behavior="ignoreErrors")
        context.close()


def _answer_with(html: str, route: Route) -> None:
    route.fulfill(body=html, content_type="text/html")


def _give_up_uploads(page: Page) -> None:
    """Leave none behind for the next picture."""
    cancel = page.locator("button[data-do=cancel]:visible").first
    while cancel.is_visible():
        cancel.click()
        page.wait_for_timeout(300)
