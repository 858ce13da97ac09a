"""Who may open what: every address of a video, every state, every kind of person."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse
from django.urls.converters import IntConverter

from accounts.models import User
from tests import factories
from tests.clients import browser, send
from videos import urls
from videos.models import Upload, Video

CANARY = "ZQX-PRIVATE-1"
PEOPLE = ("nobody", "charlie", "alice", "sam")  # a visitor, a stranger, the owner, one of the staff
KINDS: dict[str, dict[str, Any]] = {
    "public": {"visibility": "public"},
    "unlisted": {"visibility": "unlisted"},
    "private": {"visibility": "private"},
    "uploading": {"visibility": "public", "status": "uploading"},
    "processing": {"visibility": "public", "status": "processing"},
    "failed": {"visibility": "public", "status": "failed", "failure": "It broke."},
    "deleted": {"visibility": "public", "deleted_at": factories.AT},
}
NEVER = {
    "channel",
    "search",
    "api-unknown",
    "api-docs",
    "api-schema",
    "api-me",
    "api-search",
    "api-videos",
    "api-begin",
    "change",
    "export",
    "home",
    "leave",
    "my-data",
    "studio",
    "upload",
}  # of no video in particular

# What each person of PEOPLE gets where a video is shared, where it is not (yet), and where it is deleted.
WATCHING = ((200, 200, 200, 200), (404, 404, 200, 200), (404, 404, 404, 404))
CHANGING = ((302, 404, 200, 404), (302, 404, 200, 404), (302, 404, 404, 404))
SENDING = ((401, 404, 200, 404), (401, 404, 200, 404), (401, 404, 404, 404))
EXPECTED = {
    "watch": WATCHING,
    "watch-status": WATCHING,
    "renew-cookies": ((204, 204, 204, 204), (404, 404, 204, 204), (404, 404, 404, 404)),
    "row": CHANGING,
    "poster": ((302, 302, 302, 302), (404, 404, 404, 404), (404, 404, 404, 404)),
    "embed-file": ((200, 200, 200, 200), (404, 404, 404, 404), (404, 404, 404, 404)),
    "embed": ((200, 200, 200, 200), (404, 404, 404, 404), (404, 404, 404, 404)),
    "edit": CHANGING,
    "delete": CHANGING,
    "retry": ((302, 404, 302, 404), (302, 404, 302, 404), (302, 404, 404, 404)),
    "api-video": WATCHING,
    "api-retry": ((401, 404, 202, 404), (401, 404, 202, 404), (401, 404, 404, 404)),
    "api-upload": SENDING,
    "api-parts": SENDING,
    "api-complete": ((401, 404, 202, 404), (401, 404, 202, 404), (401, 404, 404, 404)),
    "media": ((200, 200, 200, 200), (403, 403, 200, 200), (403, 403, 403, 403)),
}
OBJECTS = {"media", "embed-file"}  # what lies in the bucket
POSTED = {
    "renew-cookies": None,
    "retry": None,
    "api-retry": None,
    "api-parts": {"numbers": [1]},
    "api-complete": {},
}


def names() -> set[str]:
    return {str(pattern.name) for pattern in urls.urlpatterns if isinstance(pattern, URLPattern)}


def of_kind(kind: str, owner: User) -> Video:
    """A video whose title nobody but its owner and staff may ever read, but where it is shared."""
    fields = {"title": CANARY, **KINDS[kind]}
    made = factories.video(owner, **fields) if "status" in fields else factories.ready(owner, **fields)
    factories.upload(made, state="completed", completed_at=factories.AT)
    return made


def expected(name: str, kind: str) -> tuple[int, ...]:
    shared, hidden, deleted = EXPECTED[name]
    # A picture for previews elsewhere is a kind of listing.
    unlisted = hidden if name == "poster" else shared
    return {"public": shared, "unlisted": unlisted, "deleted": deleted}.get(kind, hidden)


def address(name: str, video: Video) -> str:
    if name == "media":
        return f"{video.epoch_path}a1/poster.jpg"
    if name == "embed-file":
        return reverse(name, args=[video.pk, "multivariant.m3u8"])
    of_upload = name in ("api-upload", "api-parts", "api-complete")
    return reverse(name, args=[Upload.objects.get(video=video).pk if of_upload else video.pk])


def ask(client: Client, name: str, video: Video) -> Any:
    """Go to one address of a video, as its pages and programs do."""
    path = address(name, video)
    return send(client, path, POSTED[name]) if name in POSTED else client.get(path)


def read(answer: Any) -> bytes:
    body: bytes = answer.getvalue()
    return body


@pytest.fixture
def browsers(alice: User, charlie: User, staff: User) -> dict[str, Client]:
    return dict(zip(PEOPLE, (browser(), browser(charlie), browser(alice), browser(staff)), strict=True))


class AddressesTests:
    def test_are_all_in_the_table(self):
        assert names() == NEVER | set(EXPECTED)

    @pytest.mark.parametrize("kind", list(KINDS))
    @pytest.mark.parametrize("name", sorted(set(EXPECTED) - OBJECTS))
    def test_open_to_whom_the_table_says(self, alice, browsers, name, kind):
        video = of_kind(kind, alice)
        answers = [ask(browsers[person], name, video) for person in PEOPLE]
        assert tuple(answer.status_code for answer in answers) == expected(name, kind)

    @pytest.mark.parametrize("kind", list(KINDS))
    @pytest.mark.parametrize("name", sorted(OBJECTS))
    def test_open_objects_to_whom_the_table_says(self, alice, browsers, objects, name, kind):
        video = of_kind(kind, alice)
        objects(video)
        for person in PEOPLE:
            ask(browsers[person], "watch", video)
        answers = [ask(browsers[person], name, video) for person in PEOPLE]
        assert tuple(answer.status_code for answer in answers if read(answer)) == expected(name, kind)

    @pytest.mark.parametrize("kind", ["private", "uploading", "processing", "failed", "deleted"])
    @pytest.mark.parametrize("person", ["nobody", "charlie"])
    def test_never_show_a_title_to_strangers(self, alice, browsers, person, kind):
        video = of_kind(kind, alice)
        client = browsers[person]
        pages = [client.get(path) for path in ("/", "/videos/", "/upload/")]
        pages += [ask(client, name, video) for name in sorted(EXPECTED)]
        assert [page.request["PATH_INFO"] for page in pages if CANARY.encode() in read(page)] == []

    def test_never_show_a_deleted_title_even_to_its_owner(self, alice, browsers):
        video = of_kind("deleted", alice)
        pages = [ask(browsers["alice"], name, video) for name in sorted(EXPECTED)]
        assert [page.request["PATH_INFO"] for page in pages if CANARY.encode() in read(page)] == []


class ListsTests:
    """The two lists ask the same question."""

    @pytest.mark.parametrize("kind", list(KINDS))
    def test_show_on_home_only_what_is_public_and_ready(self, alice, browsers, kind):
        of_kind(kind, alice)
        shown = [CANARY.encode() in browsers[person].get("/").content for person in PEOPLE]
        assert shown == [kind == "public"] * 4

    @pytest.mark.parametrize("kind", list(KINDS))
    def test_show_in_the_studio_only_what_is_ones_own(self, alice, browsers, kind):
        of_kind(kind, alice)
        shown = [CANARY.encode() in browsers[person].get("/videos/").content for person in PEOPLE]
        assert shown == [False, False, kind != "deleted", False]


class VisibleToTests:
    @pytest.mark.parametrize("kind", list(KINDS))
    def test_is_the_same_question_for_a_queryset(self, alice, charlie, staff, kind):
        of_kind(kind, alice)
        people = (AnonymousUser(), charlie, alice, staff)
        seen = [Video.objects.visible_to(person).exists() for person in people]
        assert seen == [status == 200 for status in expected("watch", kind)]


class StrangersTests:
    @pytest.mark.parametrize("name", sorted(set(EXPECTED) - {"media"}))
    @pytest.mark.parametrize("person", ["nobody", "charlie", "sam"])
    def test_change_nothing_whatever_they_send(self, alice, browsers, person, name):
        video = of_kind("failed", alice)
        path = address(name, video)
        before = rows()
        for method in ("post", "put", "patch", "delete"):
            getattr(browsers[person], method)(
                path, {"title": "mine", "visibility": "public"}, "application/json"
            )
        assert rows() == before


class ReadingTests:
    @pytest.mark.parametrize("name", sorted(set(EXPECTED) - {"media"}))
    def test_changes_nothing_even_for_the_owner(self, alice, browsers, name):
        video = of_kind("failed", alice)
        path = address(name, video)
        before = rows()
        browsers["alice"].get(path)
        assert rows() == before


def rows() -> tuple[list[Any], list[Any]]:
    return list(Video.objects.values()), list(Upload.objects.values())


class TokenlessTests:
    """Who sends a form from elsewhere has no token."""

    known = {"pk": "0b0b0b0b-0000-4000-8000-000000000000", "path": "x", "url": "x", "key": "x", "uidb36": "1"}
    known |= {
        "username": "x",
        "name": "x",
        "app_label": "videos",
        "object_id": "1",
        "content_type_id": "1",
        "id": "1",
    }

    def paths(self) -> Iterator[str]:
        resolver = get_resolver()
        admin = resolver.namespace_dict["admin"][1]
        for prefix, table in (("", resolver.reverse_dict), ("admin/", admin.reverse_dict)):
            found: Any
            for found in table.values():
                numbers = {name: "1" for name, kind in found[3].items() if isinstance(kind, IntConverter)}
                yield from (f"/{prefix}{path}" % (self.known | numbers) for path, _parameters in found[0])

    @pytest.mark.parametrize("method", ["post", "delete"])
    def test_are_refused_at_every_address(self, alice, method):
        alice.is_staff = alice.is_superuser = True
        alice.save()
        client = browser(alice, enforce_csrf_checks=True)
        answers = {path: getattr(client, method)(path, {}, "application/json") for path in set(self.paths())}
        assert {path for path, answer in answers.items() if answer.status_code != 403} == set()
