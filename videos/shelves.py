"""Lists that anybody may look through: what a search finds, what a person shows."""

from __future__ import annotations

import math
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from videos import access
from videos import search as searching
from videos.models import Video
from videos.paging import page
from videos.throttles import SearchLimit


@require_GET
@never_cache
def search(request: HttpRequest) -> HttpResponse:
    text = request.GET.get("q", "").strip()[: searching.LONGEST]
    limit = SearchLimit()
    if text and not limit.allow(request):
        return _too_often(request, limit.wait())
    after = request.GET.get("after", "")
    rows, mark = searching.find(Video.objects.findable_by(request.user), text, after) if text else ([], "")
    context = {"q": text, "first": not after, **_cards(request, rows)}
    return render(request, "videos/search.html", {**context, "next_url": _next(request, mark, q=text)})


def _too_often(request: HttpRequest, seconds: float) -> HttpResponse:
    response = render(request, "429.html", status=429)
    response.headers["Retry-After"] = str(math.ceil(seconds))
    return response


@require_GET
def channel(request: HttpRequest, username: str) -> HttpResponse:
    """What a person shows everybody; who shows nothing is not told from who does not exist."""
    rows, mark = page(Video.objects.of_channel(username), "published_at", request.GET.get("after", ""))
    if not rows:
        raise Http404
    context = {"person": rows[0].owner, **_cards(request, rows), "next_url": _next(request, mark)}
    return render(request, "videos/channel.html", context)


def _cards(request: HttpRequest, rows: list[Video]) -> dict[str, object]:
    now = timezone.now()
    return {"cards": [{"video": row, "poster_url": access.poster_url(request, row, now)} for row in rows]}


def _next(request: HttpRequest, mark: str, **words: str) -> str:
    return f"{request.path}?{urlencode({**words, 'after': mark})}" if mark else ""
