"""My videos: the list, its rows while something happens to them, and what is done to several at once."""

from __future__ import annotations

from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.models import User
from videos import access, bulk
from videos.models import Video
from videos.moments import time_left
from videos.paging import page

MOST_AT_ONCE = 100


@require_GET
@never_cache
@login_required
def studio(request: HttpRequest) -> HttpResponse:
    after = request.GET.get("after", "")
    rows, mark = page(Video.objects.owned_by(request.user), "created_at", after)
    context = {
        "cards": [card(request, video) for video in rows],
        "next_url": f"{request.path}?after={mark}" if mark else "",
        "after": after,
        "visibility_choices": Video.Visibility.choices,
    }
    return render(request, "videos/studio.html", context)


def card(request: HttpRequest, video: Video) -> dict[str, object]:
    now = timezone.now()
    over = video.status in (Video.Status.READY, Video.Status.FAILED)
    poster_url = access.poster_url(request, video, now)
    return {"video": video, "poster_url": poster_url, "left": time_left(video.eta_at, now), "over": over}


@require_GET
@never_cache
@login_required
def row(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One row, for a page that asks again until it is over."""
    return render(request, "videos/_row.html", card(request, access.get_owned(request, pk)))


@require_POST
@login_required
def retry(request: HttpRequest, pk: UUID) -> HttpResponse:
    video = access.get_owned(request, pk)
    video.request_encode(timezone.now(), video.owner)
    if "HX-Request" in request.headers:
        return render(request, "videos/_row.html", card(request, video))
    return redirect(video)


@require_POST
@login_required
def change(request: HttpRequest) -> HttpResponse:
    """Do what the bar above the list says to the videos that are ticked."""
    assert isinstance(request.user, User)
    ids = _ticked(request)
    if not ids:
        messages.info(request, _("Nothing was ticked, so nothing was changed."))
        return _back(request)
    actions = {"visibility": _change_visibility, "ask": _ask, "delete": _delete}
    act = actions.get(request.POST.get("do", ""))
    return act(request, request.user, ids) if act else HttpResponseBadRequest()


def _ticked(request: HttpRequest) -> list[UUID]:
    try:
        return [UUID(text) for text in request.POST.getlist("video")[:MOST_AT_ONCE]]
    except ValueError as error:
        raise Http404 from error


def _change_visibility(request: HttpRequest, owner: User, ids: list[UUID]) -> HttpResponse:
    visibility = request.POST.get("visibility", "")
    if not visibility:
        messages.info(request, _("Choose first who can watch these videos."))
        return _back(request)
    if visibility not in Video.Visibility.values:
        return HttpResponseBadRequest()
    count = bulk.change_visibility(owner, ids, Video.Visibility(visibility), timezone.now())
    sentence = ngettext(
        "%(count)s video is %(visibility)s now.", "%(count)s videos are %(visibility)s now.", count
    )
    word = str(Video.Visibility(visibility).label).lower()
    messages.success(request, sentence % {"count": count, "visibility": word})
    return _back(request)


def _ask(request: HttpRequest, owner: User, ids: list[UUID]) -> HttpResponse:
    """Show what would go: it cannot be undone."""
    doomed = Video.objects.owned_by(owner).filter(pk__in=ids).order_by("-created_at", "-pk")
    context = {"videos": list(doomed), "after": request.POST.get("after", "")}
    return render(request, "videos/delete_several.html", context) if context["videos"] else _back(request)


def _delete(request: HttpRequest, owner: User, ids: list[UUID]) -> HttpResponse:
    count = bulk.delete_soon(owner, ids, timezone.now())
    sentence = ngettext(
        "%(count)s video is deleted, and every copy of it goes now.",
        "%(count)s videos are deleted, and every copy of them goes now.",
        count,
    )
    messages.success(request, sentence % {"count": count})
    return _back(request)


def _back(request: HttpRequest) -> HttpResponse:
    after = request.POST.get("after", "")
    return redirect(reverse("studio") + (f"?{urlencode({'after': after})}" if after else ""))
