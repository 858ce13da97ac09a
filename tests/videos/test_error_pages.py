"""Pages for when something is not as it should be: each says what happened and where to go."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils import translation
from django.views.defaults import server_error

ORDINARY = ("403", "403_csrf", "404", "410", "413", "429")
BARE = ("400", "500", "503")  # nothing may be left that they could ask


def render(name: str) -> str:
    request = RequestFactory().get("/somewhere/")
    request.user = AnonymousUser()
    return render_to_string(f"{name}.html", request=request)


class ErrorPagesTests:
    @pytest.mark.parametrize("name", [*ORDINARY, *BARE])
    def test_have_one_heading_a_language_and_a_way_on(self, name):
        text = render(name)
        found = [text.count("<h1"), '<html lang="en" dir="ltr">' in text, 'class="btn main"' in text]
        assert (found, "style=" in text) == ([1, True, True], False)

    @pytest.mark.parametrize("name", BARE)
    def test_need_no_request_and_no_database_when_nothing_works(self, name):
        assert "streamsite" in render_to_string(f"{name}.html")

    def test_is_what_a_visitor_meets_when_the_site_breaks(self):
        answer = server_error(RequestFactory().get("/"))
        assert (answer.status_code, b"Something broke on our side" in answer.content) == (500, True)

    @pytest.mark.parametrize("name", BARE)
    def test_say_which_language_they_are_in(self, name):
        with translation.override("ar"):
            assert '<html lang="ar" dir="rtl">' in render_to_string(f"{name}.html")
