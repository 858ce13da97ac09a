"""The pages on which somebody takes their data along, and leaves."""

from __future__ import annotations

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from accounts.leaving import MustStay
from accounts.models import User
from videos import leaving
from videos.models import Video


@require_GET
@never_cache
@login_required
def data(request: HttpRequest) -> HttpResponse:
    return render(request, "account/data.html", {"video_count": _video_count(request)})


@require_GET
@never_cache
@login_required
@reauthentication_required
def export(request: HttpRequest) -> HttpResponse:
    response = JsonResponse(leaving.export_of(_person(request)), json_dumps_params={"indent": 2})
    response.headers["Content-Disposition"] = 'attachment; filename="streamsite-data.json"'
    return response


@require_http_methods(["GET", "POST"])
@never_cache
@login_required
@reauthentication_required
def leave(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return render(request, "account/leave.html", {"video_count": _video_count(request)})
    try:
        leaving.leave(_person(request), timezone.now())
    except MustStay as refusal:
        messages.error(request, str(refusal))
        return redirect("my-data")
    logout(request)
    messages.success(request, _("Your account is closed, and every copy of your videos goes now."))
    return redirect("home")


def _video_count(request: HttpRequest) -> int:
    return Video.objects.owned_by(request.user).count()


def _person(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user
