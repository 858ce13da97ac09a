"""Who may sign up: `SIGNUP` is open, invited or closed."""

from __future__ import annotations

from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.models import Invitation, User

SESSION_KEY = "invitation"


class Adapter(DefaultAccountAdapter):
    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultAccountAdapter.error_messages,
        **dict.fromkeys(
            ("username_password_mismatch", "email_password_mismatch"),
            _(
                "That name and password don't go together. Check for caps lock, or get a link by email instead."
            ),
        ),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        if settings.SIGNUP == "invited":
            return _invitation(request) is not None
        return bool(settings.SIGNUP == "open")

    @transaction.atomic
    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:
        """Save somebody new, once for each invitation however many sign up with it at the same moment."""
        saved: User = super().save_user(request, user, form, commit)
        invitation = _invitation(request)
        accepted = commit and invitation is not None and invitation.accept(saved)
        if commit and settings.SIGNUP == "invited" and not accepted:
            raise PermissionDenied("the invitation was used by somebody else")
        request.session.pop(SESSION_KEY, None)
        return saved


def _invitation(request: HttpRequest) -> Invitation | None:
    """Return the open invitation this visitor came with; the form's POST no longer has it in its address."""
    token = request.GET.get("invitation")
    if token:
        request.session[SESSION_KEY] = token
    return Invitation.objects.filter(accepted_by=None, token=request.session.get(SESSION_KEY, "")).first()
