"""Pages about an account that allauth does not have: the overview, and tokens."""

from __future__ import annotations

from allauth.account.decorators import reauthentication_required
from allauth.account.models import EmailAddress
from allauth.mfa.utils import is_mfa_enabled
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import second_factor
from accounts.forms import TokenForm
from accounts.models import AccessToken, User


@require_GET
@never_cache
@login_required
def overview(request: HttpRequest) -> HttpResponse:
    user = _person(request)
    context = {
        "address_is_confirmed": EmailAddress.objects.is_verified(user.email),
        "has_second_factor": is_mfa_enabled(user, second_factor.FACTORS),
        "session_count": max(1, UserSession.objects.filter(user=user).count()),
        "token_count": AccessToken.objects.filter(owner=user, expires_at__gt=timezone.now()).kept().count(),
    }
    return render(request, "account/overview.html", context)


@require_http_methods(["GET", "POST"])
@never_cache
@login_required
@reauthentication_required(allow_get=True)
def tokens(request: HttpRequest) -> HttpResponse:
    """List the tokens and make new ones; the answer to the form is the one page that shows a new one."""
    user, now = _person(request), timezone.now()
    form = TokenForm(user, request.POST or None)
    made = ""
    if request.method == "POST" and form.is_valid():
        made, form = form.save(now), TokenForm(user)
    rows = AccessToken.objects.filter(owner=user).kept().order_by("-created_at", "-pk")
    return render(request, "account/tokens.html", {"form": form, "made": made, "tokens": rows, "now": now})


@require_POST
@login_required
def revoke_token(request: HttpRequest, pk: int) -> HttpResponse:
    token = get_object_or_404(AccessToken, pk=pk, owner=_person(request))
    AccessToken.objects.filter(pk=token.pk).revoke(timezone.now())
    messages.success(request, _("“%(name)s” is revoked and opens nothing any more.") % {"name": token.name})
    return redirect("tokens")


def _person(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user
