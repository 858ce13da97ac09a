"""What staff see of people and do about them."""

from __future__ import annotations

import pytest
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.admin.models import LogEntry
from django.test import Client

from accounts import suspension
from accounts.models import User
from tests import factories
from tests.clients import browser
from tests.desk.conftest import act

SIGN_IN = "/accounts/login/"


def sign_in(name: str) -> Client:
    client = browser()
    client.post(SIGN_IN, {"login": name, "password": factories.PASSWORD})
    return client


def is_in(client: Client) -> bool:
    return bool(client.get("/videos/").status_code == 200)


class SuspendTests:
    def test_ends_every_session(self, staff, alice, fresh_limits):
        client = sign_in("alice")
        assert is_in(client)
        act(staff, "suspend", alice)
        assert (is_in(client), UserSession.objects.filter(user=alice).exists()) == (False, False)

    def test_keeps_them_out(self, staff, alice, fresh_limits):
        act(staff, "suspend", alice)
        assert not is_in(sign_in("alice"))

    def test_ends_old_sessions_for_good(self, staff, alice, fresh_limits):
        client = sign_in("alice")
        act(staff, "suspend", alice)
        act(staff, "unsuspend", alice)
        assert (is_in(client), is_in(sign_in("alice"))) == (False, True)

    def test_is_written_down(self, staff, alice):
        act(staff, "suspend", alice)
        act(staff, "suspend", alice)
        entry = LogEntry.objects.get()
        assert (entry.get_change_message(), entry.object_id) == ("Suspend.", str(alice.pk))

    def test_is_not_for_oneself(self, staff, root):
        act(staff, "suspend", root)
        root.refresh_from_db()
        assert root.is_active

    def test_of_an_admin_is_for_admins(self, root, db):
        clerk = factories.user("clerk", is_staff=True)
        assert (suspension.suspend(root, clerk), User.objects.get(pk=root.pk).is_active) == (False, True)

    def test_leaves_their_videos_as_they_are(self, staff, alice):
        video = factories.ready(alice, visibility="public")
        act(staff, "suspend", alice)
        assert browser().get(video.get_absolute_url()).status_code == 200


class UnsuspendTests:
    def test_is_not_for_who_has_left(self, staff, alice, now):
        alice.leave(now)
        act(staff, "unsuspend", alice)
        alice.refresh_from_db()
        assert not alice.is_active


class SetRoomTests:
    @pytest.mark.parametrize(("typed", "quota"), [("2.5", 2_684_354_560), ("0", 0), ("", None)])
    def test_takes_gibibytes_none_and_no_limit(self, staff, alice, typed, quota):
        User.objects.filter(pk=alice.pk).update(quota_bytes=7)
        act(staff, "set_room", alice, gibibytes=typed)
        alice.refresh_from_db()
        assert (alice.quota_bytes, LogEntry.objects.count()) == (quota, 1)

    @pytest.mark.parametrize("typed", ["-1", "lots", "1e30"])
    def test_refuses_what_is_no_size(self, staff, alice, typed):
        act(staff, "set_room", alice, gibibytes=typed)
        alice.refresh_from_db()
        assert (alice.quota_bytes, LogEntry.objects.count()) == (None, 0)


class PeopleTests:
    def test_are_listed_with_what_they_have(self, staff, alice, now, fresh_limits):
        for size in (1000, 2000):
            factories.upload(factories.ready(alice, stored_bytes=50), size=size)
        factories.upload(factories.ready(alice, deleted_at=now), size=5000)
        sign_in("alice")
        (row,) = [p for p in staff.get("/admin/accounts/user/").context["cl"].result_list if p == alice]
        assert (row.usage.videos, row.usage.bytes, row.sessions) == (2, 3100, 1)
        assert row.seen_at is not None

    @pytest.mark.parametrize("field", ["is_active", "quota_bytes", "date_joined", "last_login"])
    def test_have_facts_that_are_only_read(self, staff, alice, field):
        page = staff.get(f"/admin/accounts/user/{alice.pk}/change/").content.decode()
        assert f'name="{field}' not in page


class SecondFactorTests:
    @pytest.fixture
    def factor(self, alice) -> Authenticator:
        return Authenticator.objects.create(user=alice, type="totp", data={"secret": "ZQX-SECRET"})

    def test_never_shows_what_it_consists_of(self, staff, factor):
        for path in ("", f"{factor.pk}/change/", f"{factor.pk}/delete/"):
            assert b"ZQX-SECRET" not in staff.get(f"/admin/mfa/authenticator/{path}").content

    def test_is_neither_added_nor_changed(self, staff, factor):
        for path in ("add/", f"{factor.pk}/change/"):
            assert staff.post(f"/admin/mfa/authenticator/{path}", {"type": "totp"}).status_code == 403

    def test_is_removed_for_who_has_lost_it(self, staff, factor):
        staff.post(f"/admin/mfa/authenticator/{factor.pk}/delete/", {"post": "yes"})
        assert not Authenticator.objects.exists()
