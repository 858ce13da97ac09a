"""The administration: who gets in, and that every list loads however long it is."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import AccessToken, Invitation, User
from tests import factories
from tests.clients import browser
from transcode.models import SweepLease
from videos.events import Event, Kind
from videos.models import Published, Video

LISTS = sorted(f"/admin/{m._meta.app_label}/{m._meta.model_name}/" for m in admin.site._registry)
OURS = [path for path in LISTS if path.split("/")[2] in ("accounts", "videos", "transcode")]


@pytest.fixture
def root(db: None) -> User:
    return factories.user("root", is_staff=True, is_superuser=True)


def fill(owner: User, rows: int) -> None:
    for number in range(rows):
        video = factories.ready(owner, title=f"{owner.username} {number}")
        factories.upload(video)
        factories.job(video)
        Invitation.objects.create(accepted_by=factories.user(f"{owner.username}-{number}"))
        Event.objects.record(video.pk, Kind.EDITED, factories.AT, actor=owner)
        AccessToken.issue(owner, "laptop", factories.AT, factories.AT)
    SweepLease.objects.get_or_create(pk=1, defaults={"until": factories.AT})


class AdministrationTests:
    def test_knows_every_model_of_ours(self):
        names = [path.split("/")[3] for path in OURS]
        assert names == [
            *("accesstoken", "invitation", "user", "job", "sweeplease"),
            *("event", "rendition", "upload", "video"),
        ]

    @pytest.mark.parametrize("path", ["/admin/", *LISTS])
    def test_is_for_staff(self, root, charlie, path):
        visitor, stranger = browser().get(path), browser(charlie).get(path)
        assert (visitor.status_code, stranger.status_code, browser(root).get(path).status_code) == (
            302,
            302,
            200,
        )

    def test_sends_visitors_to_the_one_sign_in(self, db):
        answer = browser().get("/admin/videos/video/", follow=True)
        assert answer.redirect_chain[-1][0].startswith("/accounts/login/?next=")

    def test_refuses_people_who_are_no_staff(self, charlie):
        assert browser(charlie).get("/admin/", follow=True).status_code == 403

    def test_takes_no_password_at_a_sign_in_of_its_own(self, root):
        client = browser()
        client.post("/admin/login/", {"username": "root", "password": factories.PASSWORD})
        assert client.get("/admin/").status_code == 302

    @pytest.mark.parametrize("path", OURS)
    def test_lists_cost_the_same_for_many_rows_as_for_few(self, root, alice, charlie, path):
        client = browser(root)
        fill(alice, 2)
        few = queries(client, path)
        fill(charlie, 8)
        assert queries(client, path) == few

    @pytest.mark.parametrize("path", [f"{path}?q=alice" for path in OURS])
    def test_lists_can_be_searched(self, root, alice, path):
        fill(alice, 2)
        assert browser(root).get(path, follow=True).status_code == 200

    @pytest.mark.parametrize("path", OURS)
    def test_rows_open(self, root, alice, path):
        fill(alice, 1)
        app, name = path.split("/")[2:4]
        model = next(
            m for m in admin.site._registry if (m._meta.app_label, m._meta.model_name) == (app, name)
        )
        row = model._default_manager.first()
        assert row and browser(root).get(f"{path}{row.pk}/change/").status_code == 200


class VideoAdminTests:
    def test_writes_over_nothing_that_a_worker_wrote_meanwhile(self, root, alice, now):
        opened = factories.video(alice, status="processing")
        video_admin = admin.site._registry[Video]
        request = browser(root).get("/admin/videos/video/").wsgi_request
        form = video_admin.get_form(request, opened)(
            {"title": "New", "visibility": "public"}, instance=opened
        )
        assert form.is_valid()
        Video.objects.get().publish(Published("a1", 1000, 1, ()), now)
        video_admin.save_model(request, form.save(commit=False), form, True)
        assert Video.objects.values_list("status", "version", "title").get() == ("ready", "a1", "New")

    @pytest.mark.parametrize("action", ["add/", "{}/delete/"])
    def test_neither_adds_nor_deletes(self, root, alice, action):
        video = factories.ready(alice)
        assert browser(root).post(f"/admin/videos/video/{action.format(video.pk)}").status_code == 403


class PersonAdminTests:
    def add(self, root: User, username: str, email: str) -> Any:
        password = {
            "usable_password": "true",
            "password1": "a long enough password",
            "password2": "a long enough password",
        }
        return browser(root).post(
            "/admin/accounts/user/add/", {"username": username, "email": email, **password}
        )

    def test_adds_people_with_their_addresses(self, root):
        answers = [self.add(root, name, f"{name}@example.org").status_code for name in ("dora", "erik")]
        assert (answers, list(User.objects.order_by("pk").values_list("email", flat=True))[1:]) == (
            [302, 302],
            ["dora@example.org", "erik@example.org"],
        )

    def test_says_when_an_address_is_taken(self, root, alice):
        answer = self.add(root, "dora", "alice@example.org")
        assert (answer.status_code, b"already exists" in answer.content) == (200, True)

    def test_keeps_people_who_still_have_videos(self, root, alice):
        factories.ready(alice)
        answer = browser(root).post(f"/admin/accounts/user/{alice.pk}/delete/", {"post": "yes"})
        assert (answer.status_code, User.objects.filter(pk=alice.pk).exists()) == (200, True)


class InvitationAdminTests:
    def test_shows_the_link_to_send(self, root):
        invitation = Invitation.objects.create()
        text = browser(root).get("/admin/accounts/invitation/").content.decode()
        assert f"/accounts/signup/?invitation={invitation.token}" in text

    def test_shows_no_link_once_it_is_used(self, root, alice):
        invitation = Invitation.objects.create(accepted_by=alice)
        assert invitation.token not in browser(root).get("/admin/accounts/invitation/").content.decode()


def queries(client: Any, path: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        client.get(path)
    return len(captured)
