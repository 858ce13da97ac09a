"""`make screenshots`: every page in every state, on a phone and on a desk, in light and in dark, into a folder.

It starts a private copy of the site, fills it (bench/showcase.py, and one video that really plays), and looks around.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "streamsite.settings")
import django

django.setup()

from django.conf import settings  # noqa: E402
from playwright.sync_api import Browser, Page, Route, sync_playwright  # noqa: E402

from streamsite.acceptance.people import Person  # noqa: E402
from streamsite.acceptance.stack import Log, Stack, private_stack  # noqa: E402

WIDTHS = {390: 844, 1366: 850}
THEMES = ("light", "dark")
PASSWORD = "correct horse battery"
POSTERS = 8
DESCRIPTION = (
    "A rabbit wakes up and finds his morning disturbed.\n\n0:02 The tree\n0:05 The butterfly\n\n"
    "Made by the Blender Foundation: https://peach.blender.org/about/. Shown here in four qualities."
)
Doing = Callable[[Page], None]


@dataclass(frozen=True)
class Shot:
    """One page in one state. `do` brings it there; `until` is what must be seen before the picture is taken."""

    name: str
    path: str
    who: str = ""
    until: str = "main"
    do: Doing | None = None
    whole: bool = True
    expects_trouble: bool = False


@dataclass(frozen=True)
class Place:
    """What is to be seen, and where."""

    stack: Stack
    video: str
    states: dict[str, str]
    errors: dict[str, str]
    files: Path


# --- the site ---------------------------------------------------------------------------------------------------------


@contextmanager
def furnished() -> Iterator[Place]:
    log = Log()
    folder = Path(tempfile.mkdtemp(prefix="streamsite-screenshots-"))
    try:
        with private_stack(log) as stack:
            yield furnish(stack, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def furnish(stack: Stack, folder: Path) -> Place:
    make_posters(folder)
    (folder / "long.mp4").write_bytes(os.urandom(3_000_000))
    (folder / "photo.jpg").write_bytes(b"\xff\xd8")
    command = (sys.executable, "-m", "bench.showcase", str(folder))
    environment = {**os.environ, **stack.environment}
    told = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True, timeout=120)
    found = json.loads(told.stdout.splitlines()[-1])
    return Place(stack, real_video(stack), found["states"], found["errors"], folder)


def make_posters(folder: Path) -> None:
    for number in range(POSTERS):
        argv = (
            settings.FFMPEG,
            "-loglevel",
            "error",
            "-ss",
            str(0.2 + number * 0.6),
            "-i",
            str(settings.DEMO_CLIP),
        )
        picture = ("-frames:v", "1", "-vf", f"scale=640:-2,hue=h={number * 40}", f"{folder}/{number}.jpg")
        subprocess.run((*argv, *picture), check=True, timeout=60, stdin=subprocess.DEVNULL)


def real_video(stack: Stack) -> str:
    person = Person(stack.site, "peach")
    video = person.api.upload(settings.DEMO_CLIP, title="Big Buck Bunny", visibility="public")
    assert person.api.wait(video["id"], every=0.2)["status"] == "ready"
    words = {"title": "Big Buck Bunny", "description": DESCRIPTION, "visibility": "public"}
    person.post(f"{video['url']}edit/", words)
    person.close()
    return str(video["id"])


# --- what is looked at ------------------------------------------------------------------------------------------------


def shots(place: Place) -> list[Shot]:
    watch = f"/v/{place.video}/"
    state = {name: f"/v/{pk}/" for name, pk in place.states.items()}
    return [
        Shot("home", "/"),
        Shot("home-signed-in", "/", "olivia"),
        Shot("home-empty", "/", do=empty_home),
        Shot("home-offline", "/", do=go_offline),
        Shot("watch", watch, until="stream-video", do=play),
        Shot("watch-at-a-time", f"{watch}?t=0m5s", until="stream-video", do=loaded),
        Shot("watch-share", watch, until="stream-video", do=share, whole=False),
        Shot("watch-keys", watch, until="stream-video", do=lambda p: p.keyboard.press("?"), whole=False),
        Shot("watch-settings", watch, until="stream-video", do=player_menu, whole=False),
        *(
            Shot(f"watch-{name.replace(' ', '-')}", state[name], "olivia")
            for name in state
            if name != "unlisted"
        ),
        Shot("watch-not-for-you", state["processing"], "newcomer", expects_trouble=True),
        Shot("embed", f"/embed/{place.video}/", until="stream-video", do=play, whole=False),
        Shot("upload", "/upload/", "newcomer"),
        Shot("upload-unfinished", "/upload/", "olivia"),
        Shot("upload-running", "/upload/", "newcomer", do=lambda p: uploading(p, place)),
        Shot("upload-details", "/upload/", "newcomer", do=lambda p: uploading(p, place, details=True)),
        Shot("upload-paused", "/upload/", "newcomer", do=lambda p: paused(p, place)),
        Shot("upload-failed", "/upload/", "newcomer", do=lambda p: refused(p, place), expects_trouble=True),
        Shot("studio", "/videos/", "olivia"),
        Shot("studio-ticked", "/videos/", "olivia", do=tick_two, whole=False),
        Shot("studio-delete-several", "/videos/", "olivia", do=ask_to_delete),
        Shot("studio-empty", "/videos/", "newcomer"),
        Shot("edit", f"{state['unlisted']}edit/", "olivia"),
        Shot("delete", f"{state['unlisted']}delete/", "olivia"),
        Shot("channel", "/c/olivia/"),
        Shot("search", "/search/?q=arctic"),
        Shot("search-nothing", "/search/?q=bandsow"),
        Shot(
            "account-menu", "/", "olivia", do=lambda p: p.locator("[popovertarget=me]").click(), whole=False
        ),
        *accounts(),
        *(Shot(f"error-{name}", f"/error-{name}/", do=None) for name in place.errors),
        Shot("admin", "/admin/", "sam", until="#content"),
    ]


def accounts() -> list[Shot]:
    open_to_all = {
        "sign-in": "/accounts/login/",
        "sign-up": "/accounts/signup/",
        "password-reset": "/accounts/password/reset/",
        "inactive": "/accounts/inactive/",
        "confirm-sent": "/accounts/confirm-email/",
    }
    own = {
        "account": "/accounts/",
        "email": "/accounts/email/",
        "password": "/accounts/password/change/",
        "second-factor": "/accounts/2fa/",
        "totp": "/accounts/2fa/totp/activate/",
        "passkey": "/accounts/2fa/webauthn/add/",
        "sessions": "/accounts/sessions/",
        "tokens": "/accounts/tokens/",
        "sign-out": "/accounts/logout/",
    }
    return [
        *(Shot(f"accounts-{name}", path) for name, path in open_to_all.items()),
        *(Shot(f"accounts-{name}", path, "olivia") for name, path in own.items()),
        Shot("accounts-sign-in-wrong", "/accounts/login/", do=wrong_password),
    ]


# --- how a page comes into its state ----------------------------------------------------------------------------------


def empty_home(page: Page) -> None:
    page.goto("/?after=0-00000000000000000000000000000000")


def go_offline(page: Page) -> None:
    page.context.set_offline(True)
    page.locator(".offline:not(:empty)").wait_for()


def loaded(page: Page) -> None:
    page.wait_for_function("() => document.querySelector('stream-video').readyState >= 3")


def play(page: Page) -> None:
    page.keyboard.press("k")
    page.wait_for_function("() => document.querySelector('stream-video').currentTime > 1")
    page.keyboard.press("k")


def share(page: Page) -> None:
    loaded(page)
    page.keyboard.press("5")
    page.wait_for_function("() => document.querySelector('stream-video').currentTime > 1")
    page.locator("[popovertarget=share]").click()
    page.locator("#share [type=checkbox]").check()


def player_menu(page: Page) -> None:
    page.locator("media-settings-menu-button").click()
    page.wait_for_timeout(400)


def uploading(page: Page, place: Place, details: bool = False) -> None:
    def hold(route: Route) -> None:
        pass  # neither answered nor refused: its bytes are on their way for ever

    page.route("**/ingest/**", hold)
    with page.expect_request("**/ingest/**"):
        page.get_by_label("choose files").set_input_files([place.files / "long.mp4", place.files / "0.jpg"])
    page.get_by_label("choose files").set_input_files(place.files / "long.mp4")
    if details:
        row = page.locator(".file").first
        row.locator("summary").click()
        row.get_by_label("Title").fill("A long walk")
        page.wait_for_timeout(1500)


def give_up_uploads(page: Page) -> None:
    """Leave none behind for the next picture."""
    cancel = page.locator("button[data-do=cancel]:visible").first
    while cancel.is_visible():
        cancel.click()
        page.wait_for_timeout(300)


def paused(page: Page, place: Place) -> None:
    uploading(page, place)
    page.locator(".file").first.get_by_role("button", name="Pause").click()


def refused(page: Page, place: Place) -> None:
    answer = {"detail": "Too many uploads are open. Finish or cancel one first.", "code": "too_many_open"}
    page.route("**/api/v1/uploads/", lambda route: route.fulfill(status=409, json=answer))
    page.get_by_label("choose files").set_input_files([place.files / "long.mp4", place.files / "photo.jpg"])
    page.locator(".file .note.bad:not([hidden])").first.wait_for()


def tick_two(page: Page) -> None:
    for number in (0, 2):
        page.locator("input[name=video]").nth(number).check()


def ask_to_delete(page: Page) -> None:
    tick_two(page)
    page.get_by_role("button", name="Delete…").click()
    page.wait_for_load_state()


def wrong_password(page: Page) -> None:
    page.locator("[name=login]").fill("olivia")
    page.locator("[name=password]").fill("not this one")
    page.keyboard.press("Enter")
    page.wait_for_load_state()


# --- the camera -------------------------------------------------------------------------------------------------------


def session_of(browser: Browser, site: str, name: str) -> Any:
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


def answer_with(html: str, route: Route) -> None:
    route.fulfill(body=html, content_type="text/html")


def take(browser: Browser, place: Place, shot: Shot, options: dict[str, Any], file: Path) -> str:
    """Return what went wrong, or nothing."""
    context = browser.new_context(base_url=place.stack.site, reduced_motion="reduce", **options)
    page = context.new_page()
    page.set_default_timeout(10_000)
    missing: list[str] = []
    page.on(
        "response",
        lambda answer: missing.append(f"{answer.status} {answer.url[:90]}") if answer.status >= 400 else None,
    )
    for name, html in place.errors.items():
        page.route(f"**/error-{name}/", partial(answer_with, html))
    try:
        page.goto(shot.path)
        page.locator(shot.until).first.wait_for(state="attached")
        if shot.do:
            shot.do(page)
        page.wait_for_timeout(200)
        page.screenshot(path=file, full_page=shot.whole)
        give_up_uploads(page)
        wide = page.evaluate("document.documentElement.scrollWidth > innerWidth + 1")
        expected = shot.expects_trouble
        return "wider than the window" if wide else "" if expected else ", ".join(missing)
    except Exception as error:  # the others are still worth seeing
        return str(error).splitlines()[0]
    finally:
        page.unroute_all(behavior="ignoreErrors")
        context.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("var/screenshots"))
    parser.add_argument("--only", default="", help="a pattern for the names of the pictures that are wanted")
    wanted = parser.parse_args()
    wanted.out.mkdir(parents=True, exist_ok=True)
    with furnished() as place, sync_playwright() as playwright:
        path = shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        people = {name: session_of(browser, place.stack.site, name) for name in ("olivia", "newcomer", "sam")}
        failed = 0
        for shot in shots(place):
            if not re.search(wanted.only, shot.name):
                continue
            for width, height in WIDTHS.items():
                for theme in THEMES:
                    options: dict[str, Any] = {
                        "viewport": {"width": width, "height": height},
                        "color_scheme": theme,
                    }
                    options["storage_state"] = people.get(shot.who)
                    file = wanted.out / f"{shot.name}-{width}-{theme}.png"
                    trouble = take(browser, place, shot, options, file)
                    failed += bool(trouble)
                    print(f"{file.name}: {trouble or 'taken'}", flush=True)
        browser.close()
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
