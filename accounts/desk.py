"""What the administration of every room is made of: facts that are only read, and acts that ask first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import wraps
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import ActionLocation
from django.db import models, transaction
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User

MOST_AT_ONCE = 100
# Does it to one row, with what was asked for; False where it no longer can be.
Do = Callable[[Any, dict[str, Any], datetime, User], bool]
Action = Callable[["admin.ModelAdmin[Any]", HttpRequest, "models.QuerySet[Any]"], HttpResponse | None]


class ReadOnly:
    """Facts that only the code may write."""

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


def act(title: Any, meaning: Any, form: type[forms.Form] = forms.Form) -> Callable[[Do], Action]:
    """Make an action of the lists and the pages of rows, which says what it means before it does it."""

    def decorate(do: Do) -> Action:
        @admin.action(
            description=title,
            permissions=["change"],
            location=[ActionLocation.CHANGE_LIST, ActionLocation.CHANGE_FORM],
        )
        @wraps(do)
        def action(
            desk: admin.ModelAdmin[Any], request: HttpRequest, chosen: models.QuerySet[Any]
        ) -> HttpResponse | None:
            rows = list(chosen.order_by("pk")[: MOST_AT_ONCE + 1])
            if len(rows) > MOST_AT_ONCE:
                text = _("Choose %(most)s at most, so that you can see what you do.")
                desk.message_user(request, text % {"most": MOST_AT_ONCE}, messages.WARNING)
                return None
            asked = form(request.POST if "confirmed" in request.POST else None)
            if not asked.is_valid():
                return _ask(desk, request, title, meaning, asked, rows)
            _carry_out(desk, request, title, do, asked.cleaned_data, rows)
            return None

        return action

    return decorate


def _ask(
    desk: admin.ModelAdmin[Any],
    request: HttpRequest,
    title: Any,
    meaning: Any,
    asked: forms.Form,
    rows: Sequence[models.Model],
) -> HttpResponse:
    # On the page of one row Django puts a prefix before the name of the field.
    chosen = [(name, request.POST[name]) for name in request.POST if name.endswith("action")]
    context = {
        **desk.admin_site.each_context(request),
        "title": title,
        "meaning": meaning,
        "form": asked,
        "rows": rows,
        "sent": [pair for pair in chosen if pair[0] != ACTION_CHECKBOX_NAME],
        "checkbox": ACTION_CHECKBOX_NAME,
        "opts": desk.opts,
        "back": request.get_full_path(),
    }
    return TemplateResponse(request, "admin/act.html", context)


def _carry_out(
    desk: admin.ModelAdmin[Any],
    request: HttpRequest,
    title: Any,
    do: Do,
    answers: dict[str, Any],
    rows: Sequence[models.Model],
) -> None:
    assert isinstance(request.user, User)
    done, now = 0, timezone.now()
    for row in rows:
        with transaction.atomic():
            if do(row, answers, now, request.user):
                done += 1
                desk.log_change(request, row, _said(title, answers))
    words = {"act": title, "count": done}
    if done:
        text = ngettext("%(act)s: done.", "%(act)s: done for %(count)s.", done) % words
        desk.message_user(request, text, messages.SUCCESS)
    if left := len(rows) - done:
        text = ngettext(
            "%(act)s: one was left as it is, because it is not in a state for it.",
            "%(act)s: %(count)s were left as they are, because they are not in a state for it.",
            left,
        )
        desk.message_user(request, text % {**words, "count": left}, messages.WARNING)


def _said(title: Any, answers: dict[str, Any]) -> str:
    given = ", ".join(f"{name}: {answer}" for name, answer in answers.items())
    return f"{title}. {given}" if given else f"{title}."
