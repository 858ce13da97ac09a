"""Where somebody is signed in, and how to end it."""

from __future__ import annotations

from accounts.sessions import end_sessions
from tests.accounts.passwords import sign_in, signed_in
from tests.clients import browser

PAGE = "/accounts/sessions/"


class SessionsTests:
    def test_are_listed_with_this_browser_marked(self, alice, charlie):
        sign_in(charlie)
        sign_in(alice)
        page = sign_in(alice).get(PAGE).content.decode()
        assert (page.count("This browser"), page.count("Another browser")) == (1, 1)

    def test_show_what_browser_it_is_without_believing_it(self, alice):
        client = browser()
        client.defaults["HTTP_USER_AGENT"] = "<script>alert(1)</script>"
        page = sign_in(alice, client).get(PAGE).content.decode()
        assert "&lt;script&gt;alert(1)" in page

    def test_end_everywhere_else(self, alice):
        here, elsewhere = sign_in(alice), sign_in(alice)
        here.post(PAGE)
        assert (signed_in(here), signed_in(elsewhere)) == (True, False)

    def test_of_others_go_on(self, alice, charlie):
        other = sign_in(charlie)
        sign_in(alice).post(PAGE)
        assert signed_in(other)

    def test_end_one_and_all(self, alice):
        clients = [sign_in(alice), sign_in(alice)]
        end_sessions(alice)
        assert [signed_in(client) for client in clients] == [False, False]
