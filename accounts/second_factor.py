"""The second factor: what we call things, and that staff need one."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, ClassVar

from allauth.account.decorators import secure_admin_login
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User

FACTORS = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]


class Adapter(DefaultMFAAdapter):
    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": gettext_lazy(
            "This code is not right. Codes change every 30 seconds: enter the one that shows now."
        ),
        "incorrect_passkey": gettext_lazy("That passkey does not open this account. Try another way."),
        "unverified_email": gettext_lazy(
            "Confirm your email address first. Then you can add a second factor."
        ),
        "add_email_blocked": gettext_lazy(
            "With a second factor you cannot add an address. Remove the second factor, add the address, and set it up again."
        ),
    }

    def get_totp_label(self, user: User) -> str:
        return user.username

    def generate_authenticator_name(self, user: User, type: Any) -> str:
        count = Authenticator.objects.filter(user=user, type=type).count()
        return _("Passkey %(number)s") % {"number": count + 1}


def guard(site: AdminSite) -> None:
    """Let staff into `site` through the one sign-in and, where it is asked for, only with a second factor."""
    permitted = site.has_permission
    site.has_permission = lambda request: permitted(request) and not is_missing(request)  # type: ignore[method-assign]
    site.login = _led_to_setup(secure_admin_login(site.login))  # type: ignore[method-assign]


def is_missing(request: HttpRequest) -> bool:
    """Whether somebody of the staff has yet to set up a second factor."""
    user = request.user
    return bool(
        settings.STAFF_SECOND_FACTOR
        and isinstance(user, User)
        and user.is_staff
        and not is_mfa_enabled(user, FACTORS)
    )


def _led_to_setup(login: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    @wraps(login)
    def led(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not is_missing(request):
            return login(request, *args, **kwargs)
        messages.warning(request, _("The administration needs a second factor. Set one up, then come back."))
        return redirect("mfa_index")

    return led
