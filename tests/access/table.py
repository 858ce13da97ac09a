"""Who may open what: every address of the site, every state of a video, every kind of person."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from tests import factories

# What anybody may find on a list.
LISTED = {"public", "growing"}
PEOPLE = ("nobody", "charlie", "alice", "sam")  # a visitor, a stranger, the owner, one of the staff
KINDS: dict[str, dict[str, Any]] = {
    "public": {"visibility": "public"},
    "unlisted": {"visibility": "unlisted"},
    "private": {"visibility": "private"},
    "uploading": {"visibility": "public", "status": "uploading"},
    "processing": {"visibility": "public", "status": "processing"},
    "growing": {"visibility": "public", "playable": "growing"},
    "failed": {"visibility": "public", "status": "failed", "failure": "It broke."},
    "taken-down": {"visibility": "public", "taken_down_at": factories.AT, "taken_down_reason": "Not yours."},
    "deleted": {"visibility": "public", "deleted_at": factories.AT},
}
Row = tuple[int, int, int, int]


def routes() -> dict[str, str]:
    """Every address the resolver knows: its pattern by its name, or by itself where it has none."""
    return dict(_named(get_resolver().url_patterns, "", ""))


def _named(patterns: Any, prefix: str, space: str) -> Iterator[tuple[str, str]]:
    for found in patterns:
        at = prefix + str(found.pattern).lstrip("^").rstrip("$")
        if isinstance(found, URLResolver):
            yield from _named(found.url_patterns, at, f"{found.namespace}:" if found.namespace else space)
        elif isinstance(found, URLPattern):
            yield f"{space}{found.name or at}", at


# --- what each of PEOPLE gets at an address of a video: where it is shared, where it is not (yet), where it is deleted ---

WATCHING = ((200, 200, 200, 200), (404, 404, 200, 200), (404, 404, 404, 404))
CHANGING = ((302, 404, 200, 404), (302, 404, 200, 404), (302, 404, 404, 404))
SENDING = ((401, 404, 200, 404), (401, 404, 200, 404), (401, 404, 404, 404))
OF_A_VIDEO: dict[str, tuple[Row, Row, Row]] = {
    "watch": WATCHING,
    "watch-status": WATCHING,
    "growth": WATCHING,
    # Of what was never watched while it was made there are none.
    "growing-file": ((404, 404, 404, 404),) * 3,
    "renew-cookies": ((204, 204, 204, 204), (404, 404, 204, 204), (404, 404, 404, 404)),
    "row": CHANGING,
    "poster": ((302, 302, 302, 302), (404, 404, 404, 404), (404, 404, 404, 404)),
    "embed-file": ((200, 200, 200, 200), (404, 404, 404, 404), (404, 404, 404, 404)),
    "embed": ((200, 200, 200, 200), (404, 404, 404, 404), (404, 404, 404, 404)),
    "edit": CHANGING,
    "delete": CHANGING,
    "api-video": WATCHING,
    "api-upload": SENDING,
    "api-parts": SENDING,
    "api-complete": ((401, 404, 202, 404), (401, 404, 202, 404), (401, 404, 404, 404)),
    "media": ((200, 200, 200, 200), (403, 403, 200, 200), (403, 403, 403, 403)),
    # Last, because they change what they are asked of.
    "retry": ((302, 404, 302, 404), (302, 404, 302, 404), (302, 404, 404, 404)),
    "api-retry": ((401, 404, 202, 404), (401, 404, 202, 404), (401, 404, 404, 404)),
}
# What was taken down its owner reads of, and staff review.
TAKEN_DOWN: dict[str, Row] = {
    **dict.fromkeys(("watch-status", "growth"), (404, 404, 404, 200)),
    "renew-cookies": (404, 404, 404, 204),
    "api-video": (404, 404, 404, 200),
    "media": (403, 403, 403, 200),
}
# A picture of it is made last; its playlists are there, for who may watch.
GROWING: dict[str, Row] = {"poster": (404, 404, 404, 404), "growing-file": (200, 200, 200, 200)}
IN_THE_BUCKET = {"media", "embed-file"}
POSTED: dict[str, object] = {
    "renew-cookies": None,
    "retry": None,
    "api-retry": None,
    "api-parts": {"numbers": [1]},
    "api-complete": {},
}


def expected(route: str, kind: str) -> Row:
    """Return what each of PEOPLE gets at an address of a video of this kind."""
    shared, hidden, deleted = OF_A_VIDEO[route]
    # A picture for previews elsewhere is a kind of listing.
    unlisted = hidden if route == "poster" else shared
    taken_down = TAKEN_DOWN.get(route, hidden)
    rows = {"public": shared, "unlisted": unlisted, "taken-down": taken_down, "deleted": deleted}
    rows["growing"] = GROWING.get(route, shared)
    return rows.get(kind, hidden)


# --- what they get at every other address -----------------------------------------------------------------------------

FOR_ALL: Row = (200, 200, 200, 200)
OWN: Row = (302, 200, 200, 200)
# Where one is asked once more for the password first; or is sent on, because there is nothing to do.
SENT_ON: Row = (302, 302, 302, 302)
ONLY_POSTED: Row = (405, 405, 405, 405)
NOT_SET_UP: Row = (302, 404, 404, 404)
OF_NO_VIDEO: dict[str, Row] = {
    **dict.fromkeys(
        ("home", "search", "channel", "api-videos", "api-search", "api-schema", "api-docs"), FOR_ALL
    ),
    **dict.fromkeys(("upload", "studio", "my-data", "account", "tokens", "usersessions_list"), OWN),
    **dict.fromkeys(("change", "revoke-token"), ONLY_POSTED),
    **dict.fromkeys(("export", "leave"), SENT_ON),
    "api-begin": (401, 405, 405, 405),
    "api-me": (401, 200, 200, 200),
    "api-unknown": (404, 404, 404, 404),
    **dict.fromkeys(("account_login", "account_signup"), (200, 302, 302, 302)),
    **dict.fromkeys(
        ("account_logout", "account_reauthenticate", "account_email", "account_change_password"), OWN
    ),
    **dict.fromkeys(
        ("account_inactive", "account_email_verification_sent", "account_confirm_email"), FOR_ALL
    ),
    **dict.fromkeys(("account_reset_password", "account_reset_password_done"), FOR_ALL),
    **dict.fromkeys(("account_reset_password_from_key", "account_reset_password_from_key_done"), FOR_ALL),
    **dict.fromkeys(("account_set_password", "account_confirm_login_code"), SENT_ON),
    **dict.fromkeys(("mfa_index", "mfa_list_webauthn"), OWN),
    **dict.fromkeys(
        ("mfa_deactivate_totp", "mfa_view_recovery_codes", "mfa_download_recovery_codes"), NOT_SET_UP
    ),
    **dict.fromkeys(("mfa_authenticate", "mfa_reauthenticate", "mfa_activate_totp"), SENT_ON),
    **dict.fromkeys(
        ("mfa_generate_recovery_codes", "mfa_add_webauthn", "mfa_reauthenticate_webauthn"), SENT_ON
    ),
    **dict.fromkeys(("mfa_remove_webauthn", "mfa_edit_webauthn", "mfa_login_webauthn"), SENT_ON),
}
# The desk is closed to all but staff; this is what staff get there.
OF_THE_DESK = {
    **dict.fromkeys(("index", "password_change", "password_change_done", "jsi18n", "app_list"), 200),
    **dict.fromkeys(("changelist", "history", "change", "objects"), 200),
    **dict.fromkeys(("add", "delete", "autocomplete"), 403),
    **dict.fromkeys(("auth_group_add", "auth_group_delete"), 200),
    **dict.fromkeys(("accounts_invitation_add", "accounts_invitation_delete"), 200),
    **dict.fromkeys(("account_emailaddress_add", "account_emailaddress_delete"), 200),
    **dict.fromkeys(("accounts_user_add", "accounts_user_delete", "auth_user_password_change"), 200),
    "mfa_authenticator_delete": 200,
    "logout": 405,
    "view_on_site": 404,
}


def expected_elsewhere(route: str) -> Row:
    """Return what each of PEOPLE gets at an address of no video in particular."""
    space, _, page = route.partition(":")
    if space != "admin":
        return OF_NO_VIDEO[route]
    if page == "login":
        return (302, 403, 403, 302)
    if page.endswith("(?P<url>.*)"):
        return (302, 302, 302, 404)
    # What has no name leads to the page with one.
    act = page.rpartition("_")[2]
    return (302, 302, 302, 302 if page.endswith("/") else OF_THE_DESK.get(page) or OF_THE_DESK[act])
