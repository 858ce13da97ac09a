"""Pages. Each view translates in, makes one call, translates out."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.csp import CSP
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.csp import csp_override
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from videos import access
from videos.forms import VideoForm
from videos.models import Video, VideoQuerySet
from videos.paging import page

# The player draws its controls with styles of its own inside shadow roots, which only 'unsafe-inline' allows.
PLAYER_CSP: dict[str, list[str]] = {**settings.SECURE_CSP, "style-src": [CSP.SELF, CSP.UNSAFE_INLINE]}
EMBED_CSP: dict[str, list[str]] = {**PLAYER_CSP, "frame-ancestors": ["*"]}
OVER = (Video.Status.READY, Video.Status.FAILED)


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    return render(request, "videos/home.html", _page(request, Video.objects.listed(), "published_at"))


@require_GET
@never_cache
@login_required
def studio(request: HttpRequest) -> HttpResponse:
    return render(
        request, "videos/studio.html", _page(request, Video.objects.owned_by(request.user), "created_at")
    )


def _page(request: HttpRequest, videos: VideoQuerySet, field: str) -> dict[str, object]:
    rows, mark = page(videos, field, request.GET.get("after", ""))
    now = timezone.now()
    cards = [{"video": video, "poster_url": access.poster_url(request, video, now)} for video in rows]
    return {"cards": cards, "next_url": f"{request.path}?after={mark}" if mark else ""}


@require_GET
@never_cache
@csp_override(PLAYER_CSP)
def watch(request: HttpRequest, pk: UUID) -> HttpResponse:
    video = access.get_visible(request, pk)
    response = render(request, "videos/watch.html", _watch_context(request, video))
    access.set_cookies(request, response, video, timezone.now())
    return response


@require_GET
@never_cache
def watch_status(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The part of the watch page that changes while a video is made; a full reload once it is over."""
    video = access.get_visible(request, pk)
    response = render(request, "videos/watch.html#status", _watch_context(request, video))
    if video.status in OVER:
        response.headers["HX-Refresh"] = "true"
    return response


def _watch_context(request: HttpRequest, video: Video) -> dict[str, object]:
    return {
        "video": video,
        "player": access.player_for(video),
        "is_owner": access.owns(request.user, video),
    }


@require_POST
@never_cache
def renew_cookies(request: HttpRequest, pk: UUID) -> HttpResponse:
    response = HttpResponse(status=204)
    access.set_cookies(request, response, access.get_visible(request, pk), timezone.now())
    return response


@require_GET
@never_cache
@xframe_options_exempt
@csp_override(EMBED_CSP)
def embed(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A player and nothing else, for frames on this site and, where their cookies may travel, on others."""
    video = access.get_embeddable(pk)
    response = render(request, "videos/embed.html", {"video": video, "player": access.player_for(video)})
    access.set_cookies(request, response, video, timezone.now())
    return response


@require_GET
@login_required
def upload(request: HttpRequest) -> HttpResponse:
    context = {
        "max_upload_bytes": settings.MAX_UPLOAD_BYTES,
        "max_upload_text": filesizeformat(settings.MAX_UPLOAD_BYTES),
        "visibility_choices": Video.Visibility.choices,
    }
    return render(request, "videos/upload.html", context)


@require_http_methods(["GET", "POST"])
@login_required
def edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    video = access.get_owned(request, pk)
    form = VideoForm(request.POST or None, instance=video)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Saved."))
        return redirect(video)
    return render(request, "videos/edit.html", {"form": form, "video": video})


@require_http_methods(["GET", "POST"])
@login_required
def delete(request: HttpRequest, pk: UUID) -> HttpResponse:
    video = access.get_owned(request, pk)
    if request.method == "POST":
        video.delete_soon(timezone.now())
        messages.success(request, _("The video is deleted, and every copy of it goes now."))
        return redirect("studio")
    return render(request, "videos/delete.html", {"video": video})


@require_POST
@login_required
def retry(request: HttpRequest, pk: UUID) -> HttpResponse:
    video = access.get_owned(request, pk)
    video.request_encode(timezone.now())
    return redirect(video)
