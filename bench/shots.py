"""Every page in every state, and how it comes into that state."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from playwright.sync_api import Page

from bench.place import Place
from tests.factories import PASSWORD

# Bytes in a second: it is still on its way when the picture is taken.
SLOW_LINE = 20_000
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


def shots(place: Place) -> list[Shot]:
    state = {name: f"/v/{pk}/" for name, pk in place.states.items()}
    return [
        Shot("home", "/"),
        Shot("home-signed-in", "/", "olivia"),
        Shot("home-empty", "/", do=empty_home),
        Shot("home-offline", "/", do=go_offline),
        *watching(place, state),
        *sending(place),
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
        *desk(place),
    ]


def watching(place: Place, state: dict[str, str]) -> list[Shot]:
    watch = f"/v/{place.video}/"
    return [
        Shot("watch", watch, until="stream-video", do=play),
        Shot("watch-at-a-time", f"{watch}?t=0m5s", until="stream-video", do=loaded),
        Shot("watch-share", watch, until="stream-video", do=share, whole=False),
        Shot("watch-keys", watch, until="stream-video", do=lambda p: p.keyboard.press("?"), whole=False),
        Shot("watch-settings", watch, until="stream-video", do=player_menu, whole=False),
        *(
            Shot(f"watch-{name.replace(' ', '-')}", path, "olivia")
            for name, path in state.items()
            if name not in ("unlisted", "growing")
        ),
        Shot("watch-growing", state["growing"], until="stream-video", do=play),
        Shot("watch-not-for-you", state["processing"], "newcomer", expects_trouble=True),
        Shot("embed", f"/embed/{place.video}/", until="stream-video", do=play, whole=False),
    ]


def sending(place: Place) -> list[Shot]:
    return [
        Shot("upload", "/upload/", "newcomer"),
        Shot("upload-unfinished", "/upload/", "olivia"),
        Shot("upload-running", "/upload/", "newcomer", do=lambda p: uploading(p, place)),
        Shot("upload-details", "/upload/", "newcomer", do=lambda p: uploading(p, place, details=True)),
        Shot("upload-paused", "/upload/", "newcomer", do=lambda p: paused(p, place)),
        Shot("upload-failed", "/upload/", "newcomer", do=lambda p: refused(p, place), expects_trouble=True),
    ]


def desk(place: Place) -> list[Shot]:
    video = f"/admin/videos/video/{place.video}/change/"
    pages = {
        "admin": "/admin/",
        "admin-videos": "/admin/videos/video/",
        "admin-video": video,
        "admin-video-objects": f"/admin/videos/video/{place.video}/objects/",
        "admin-jobs": "/admin/transcode/job/",
        "admin-people": "/admin/accounts/user/",
        "admin-person": f"/admin/accounts/user/{place.person}/change/",
        "admin-events": "/admin/videos/event/",
    }
    acts = {"admin-take-down": "Take down", "admin-change-owner": "Change owner"}
    return [
        *(Shot(name, path, "sam", until="#content") for name, path in pages.items()),
        *(
            Shot(name, pages["admin-videos"], "sam", until="#content", do=partial(act, words))
            for name, words in acts.items()
        ),
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
        "data": "/accounts/data/",
        "leave": "/accounts/leave/",
        "sign-out": "/accounts/logout/",
    }
    return [
        *(Shot(f"accounts-{name}", path) for name, path in open_to_all.items()),
        *(Shot(f"accounts-{name}", path, "olivia", do=confirm) for name, path in own.items()),
        Shot("accounts-confirm", "/accounts/2fa/totp/activate/", "olivia"),
        Shot("accounts-token-made", "/accounts/tokens/", "newcomer", do=make_token),
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
    slow = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": SLOW_LINE}
    page.context.new_cdp_session(page).send("Network.emulateNetworkConditions", slow)
    with page.expect_request("**/ingest/**"):
        page.get_by_label("choose files").set_input_files([place.files / "long.mp4", place.files / "0.jpg"])
    page.get_by_label("choose files").set_input_files(place.files / "long.mp4")
    if details:
        row = page.locator(".file").first
        row.locator("summary").click()
        row.get_by_label("Title").fill("A long walk")
        page.wait_for_timeout(1500)


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
    send(page)


def confirm(page: Page) -> None:
    """Say the password again where a page asks for it."""
    if "/reauthenticate/" in page.url:
        page.locator("[name=password]").fill(PASSWORD)
        send(page)


def make_token(page: Page) -> None:
    page.locator("[name=name]").fill("The render farm")
    send(page)
    confirm(page)
    page.locator("#token").wait_for()


def send(page: Page) -> None:
    with page.expect_navigation():
        page.keyboard.press("Enter")


def act(words: str, page: Page) -> None:
    """Choose the first video of the list, and something to do with it."""
    page.locator("input.action-select").first.check()
    page.locator("select[name=action]").select_option(label=words)
    page.get_by_role("button", name="Run").click()
    page.wait_for_load_state()
