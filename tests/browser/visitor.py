"""Somebody at a browser window of their own, and what they do on the pages."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, ConsoleMessage, Locator, Request, Response, expect

from tests.factories import PASSWORD

# The browser itself logs what it blocks, too; this also hears of what it only reports.
HEAR_OF_VIOLATIONS = """addEventListener("securitypolicyviolation", (event) =>
    console.error(`CSP: ${event.violatedDirective} refused ${event.blockedURI} on ${location.pathname}`))"""
# A player that is left, or changes the rendition, lets go of what it no longer needs.
LET_GO = "net::ERR_ABORTED"
FOR_THE_WORKER = 30_000
MOST_TABS = 40


class Visitor:
    """Remembers everything that went wrong in the window: `troubles` is to be empty."""

    def __init__(self, browser: Browser, site: str, cookies: Any = (), **options: Any) -> None:
        # Pages that fade into each other swallow keys that are pressed meanwhile.
        self.context = browser.new_context(base_url=site, **{"reduced_motion": "reduce", **options})
        self.context.add_init_script(HEAR_OF_VIOLATIONS)
        self.context.add_cookies([{"name": c.name, "value": c.value, "url": site} for c in cookies])
        self.troubles: list[str] = []
        self.fetched: set[str] = set()
        self.page = self.context.new_page()
        self.page.on("console", self._on_console)
        self.page.on("pageerror", lambda error: self.troubles.append(f"error: {error}"))
        self.page.on("requestfailed", self._on_failure)
        self.page.on("response", self._on_response)
        # "Leave this page?" while an upload runs: yes.
        self.page.on("dialog", lambda dialog: dialog.accept())

    def close(self) -> None:
        self.context.close()

    def _on_console(self, message: ConsoleMessage) -> None:
        # Responses speak for themselves.
        if message.type in ("error", "warning") and not message.text.startswith("Failed to load resource"):
            self.troubles.append(f"{message.type}: {message.text}")

    def _on_failure(self, request: Request) -> None:
        if request.failure != LET_GO:
            self.troubles.append(f"{request.failure} {request.method} {urlsplit(request.url).path}")

    def _on_response(self, response: Response) -> None:
        address = urlsplit(response.url)
        if response.status >= 400:
            self.troubles.append(f"{response.status} {response.request.method} {address.path}")
        # A signed address opens without cookies, and stands for one picture on a list.
        elif address.path.startswith("/media/") and not address.query:
            self.fetched.add(address.path)

    # --- anywhere ---

    def open(self, path: str, status: int = 200) -> None:
        """Go to a page; an error page is no trouble where it is what was wanted."""
        response = self.page.goto(path)
        assert response is not None
        assert response.status == status, f"{path} answered {response.status}"
        if status >= 400:
            self.troubles.remove(f"{status} GET {path}")

    def forgive(self, words: str) -> None:
        """Forget the troubles that a test made itself."""
        self.troubles = [trouble for trouble in self.troubles if words not in trouble]

    def statuses(self, paths: Iterable[str]) -> set[int]:
        """Ask for the paths with this browser's cookies."""
        return {self.page.request.get(path).status for path in paths}

    def link(self, name: str) -> Locator:
        return self.page.get_by_role("link", name=name, exact=True)

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    def heading(self, name: str) -> Locator:
        return self.page.get_by_role("heading", name=name, exact=True)

    def tab_to(self, wanted: Locator) -> None:
        """Press Tab until `wanted` has the focus."""
        for _ in range(MOST_TABS):
            self.page.keyboard.press("Tab")
            if wanted.evaluate("(element) => element.matches(':focus')"):
                return
        raise AssertionError(f"Tab does not lead to {wanted}")

    # --- people ---

    def sign_up(self, username: str) -> None:
        self.open("/accounts/signup/")
        self.page.get_by_label("Username").fill(username)
        self.page.get_by_label("Email").fill(f"{username}@example.org")
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_role("main").get_by_role("button", name="Sign up").click()
        expect(self.button(f"{username}, your account")).to_be_visible()

    # --- upload ---

    def choose(self, *files: Path) -> Locator:
        """Choose files on the upload page, and return the row of the last one."""
        self.page.get_by_label("choose files").set_input_files(files)
        return self.page.locator(".file").last

    def wait_until_uploaded(self, row: Locator) -> Locator:
        """Wait until all of the file has arrived, and return the link to its page."""
        link = row.get_by_role("link", name="Watch it here")
        expect(link).to_be_visible()
        return link

    def open_uploaded(self, row: Locator) -> None:
        self.wait_until_uploaded(row).click()
        self.page.wait_for_url("**/v/*/")

    # --- watch ---

    @property
    def video(self) -> Locator:
        return self.page.locator("stream-video")

    def wait_for_player(self) -> None:
        """Wait, without loading the page again, until the video can be played."""
        expect(self.video).to_be_attached(timeout=FOR_THE_WORKER)

    def press_play(self) -> None:
        self.page.locator("media-play-button").click()

    def wait_until_plays(self) -> None:
        self.page.wait_for_function(
            "(v) => !v.paused && v.readyState >= 3 && v.videoWidth > 0 && v.currentTime > 0.5",
            arg=self.video.element_handle(),
        )

    def open_qualities(self) -> Locator:
        """Return what can be chosen; the text of *Auto* follows what plays."""
        self.page.locator("media-settings-menu-button").click()
        self.page.get_by_role("menuitem", name="Quality").click()
        return self.page.locator("media-rendition-menu [role=menuitemradio]")

    # --- my videos ---

    def make_public(self, path: str) -> None:
        self.open(f"{path}edit/")
        self.page.get_by_label("Public").check()
        self.button("Save changes").click()
        expect(self.page.get_by_text("Saved.")).to_be_visible()

    def delete(self, path: str) -> None:
        self.open(f"{path}delete/")
        self.button("Delete for good").click()
        expect(self.page.get_by_text("The video is deleted")).to_be_visible()
