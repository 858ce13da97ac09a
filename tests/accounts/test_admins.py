"""The first admin, and sessions for commands."""

from __future__ import annotations

import re
from io import StringIO

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from accounts.admins import make_admin
from accounts.models import User
from accounts.sessions import session_for
from tests.clients import browser


def bootstrap(*arguments: str) -> str:
    out = StringIO()
    call_command("bootstrap", *arguments, stdout=out)
    return out.getvalue().strip()


class MakeAdminTests:
    def test_makes_somebody_who_may_do_everything(self, db):
        password = make_admin()
        user = User.objects.get()
        assert (user.username, user.is_staff, user.is_superuser, user.check_password(password)) == (
            "admin",
            True,
            True,
            True,
        )

    def test_leaves_an_admin_who_exists_alone(self, db):
        password = make_admin()
        assert (make_admin(), User.objects.get().check_password(password)) == ("", True)

    def test_gives_a_new_password_when_asked(self, db):
        old, new = make_admin(), make_admin(reset=True)
        assert (old != new, User.objects.get().check_password(new)) == (True, True)


class BootstrapTests:
    def test_shows_the_password_once(self, db):
        said = re.fullmatch(
            r"Sign in as root with the password (\S+) \(shown this once\)\.", bootstrap("--username", "root")
        )
        assert said and User.objects.get(username="root").check_password(said[1])

    @pytest.mark.parametrize("arguments", [(), ("--reset",)])
    def test_never_takes_over_the_account_of_somebody_else(self, alice, arguments):
        before = User.objects.values().get()
        try:
            said = bootstrap("--username", "alice", *arguments)
        except CommandError as refusal:
            said = str(refusal)
        assert "alice is somebody's account and not an admin's" in said
        assert User.objects.values().get() == before

    def test_says_what_to_do_where_there_is_one(self, db):
        bootstrap()
        assert bootstrap() == "admin exists already; --reset makes a new password."


class SessionForTests:
    def test_is_a_person_signed_in(self, alice):
        client = browser()
        with session_for(alice) as key:
            client.cookies[settings.SESSION_COOKIE_NAME] = key
            assert client.get("/videos/").status_code == 200

    @pytest.mark.parametrize("trouble", [None, RuntimeError])
    def test_ends_with_the_block_whatever_happens_in_it(self, alice, trouble):
        client = browser()
        try:
            with session_for(alice) as key:
                client.cookies[settings.SESSION_COOKIE_NAME] = key
                if trouble:
                    raise trouble
        except RuntimeError:
            pass
        assert client.get("/videos/").status_code == 302
