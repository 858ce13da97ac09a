"""The player in a frame, on this site and on others."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.csp import CSP
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.csp import csp_override
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_GET

from videos import access, embeds, storage
from videos.growing import MULTIVARIANT
from videos.models import Video
from videos.moments import parse_moment

# The player draws its controls with styles of its own inside shadow roots, which only 'unsafe-inline' allows.
PLAYER_CSP: dict[str, list[str]] = {**settings.SECURE_CSP, "style-src": [CSP.SELF, CSP.UNSAFE_INLINE]}
EMBED_CSP: dict[str, list[str]] = {**PLAYER_CSP, "frame-ancestors": ["*"]}
CONTENT_TYPES = {"m3u8": "application/vnd.apple.mpegurl", "vtt": "text/vtt; charset=utf-8"}


@require_GET
@never_cache
@xframe_options_exempt
@csp_override(EMBED_CSP)
def embed(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A player and nothing else. It gets no cookies: on other sites they would not travel."""
    video = access.get_embeddable(pk)
    start = parse_moment(request.GET.get("t", ""))
    context = {"video": video, "player": _player(request, video), "start": start}
    return render(request, "videos/embed.html", context)


def _player(request: HttpRequest, video: Video) -> access.Player:
    """Return a player that needs no cookies; while the video grows there are no pictures of it."""
    playlist, storyboard = (
        reverse("embed-file", args=[video.pk, name]) for name in (MULTIVARIANT, embeds.STORYBOARD)
    )
    poster = access.poster_url(request, video, timezone.now())
    return access.Player(playlist, poster, "" if video.is_growing else storyboard, "")


@require_GET
@never_cache
@gzip_page  # the same signature on every line
def embed_file(request: HttpRequest, pk: UUID, name: str) -> HttpResponse:
    """A playlist, or the storyboard, whose addresses open without cookies."""
    video = access.get_embeddable(pk)
    try:
        text = embeds.read(request, video, name, timezone.now())
    except storage.Errors:
        return HttpResponse("The storage does not answer", status=502, content_type="text/plain")
    return HttpResponse(text, content_type=CONTENT_TYPES[name.rpartition(".")[2]])
