"""Pages. Each view translates in, makes one call, translates out."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.forms.boundfield import BoundWidget
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.csp import csp_override
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from videos import access, embeds
from videos.forms import VideoForm
from videos.frames import CONTENT_TYPES, PLAYER_CSP
from videos.linkcard import embed_code, is_for_everybody, link_card
from videos.models import Upload, Video, VideoQuerySet
from videos.moments import parse_moment, time_left
from videos.paging import page
from videos.prose import linked

OVER = (Video.Status.READY, Video.Status.FAILED)


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    return render(request, "videos/home.html", _page(request, Video.objects.listed(), "published_at"))


def _page(request: HttpRequest, videos: VideoQuerySet, field: str) -> dict[str, object]:
    rows, mark = page(videos, field, request.GET.get("after", ""))
    now = timezone.now()
    cards = [{"video": video, "poster_url": access.poster_url(request, video, now)} for video in rows]
    return {"cards": cards, "next_url": f"{request.path}?after={mark}" if mark else ""}


@require_GET
@never_cache
@csp_override(PLAYER_CSP)
def watch(request: HttpRequest, pk: UUID) -> HttpResponse:
    video = access.get_openable(request, pk)
    response = render(request, "videos/watch.html", _watch_context(request, video))
    if access.may_play(request.user, video):
        access.set_cookies(request, response, video, timezone.now())
    return response


@require_GET
@never_cache
def watch_status(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The part of the watch page that changes while there is nothing to watch; a full reload once that is over."""
    video = access.get_visible(request, pk)
    response = render(request, "videos/watch.html#status", _watch_context(request, video))
    if video.status in OVER or video.is_growing:
        response.headers["HX-Refresh"] = "true"
    return response


@require_GET
@never_cache
def growth(request: HttpRequest, pk: UUID) -> HttpResponse:
    """How much of a video can be watched, and what a player that began with less of it goes on with."""
    video = access.get_visible(request, pk)
    context = {
        "video": video,
        "player": access.player_for(video),
        "left": time_left(video.eta_at, timezone.now()),
        "rungs": video.renditions.count(),
        "is_owner": access.owns(request.user, video),
    }
    return render(request, "videos/_growth.html", context)


@require_GET
@never_cache
@gzip_page
def growing_file(request: HttpRequest, pk: UUID, name: str) -> HttpResponse:
    """A playlist of what there is so far. It stays for those who began with it, after the video is whole too."""
    text = embeds.read_growing(access.get_visible(request, pk), name)
    return HttpResponse(text, content_type=CONTENT_TYPES["m3u8"])


def _watch_context(request: HttpRequest, video: Video) -> dict[str, object]:
    may_play = access.may_play(request.user, video)
    player = access.player_for(video) if may_play else None
    embed_url = request.build_absolute_uri(reverse("embed", args=[video.pk]))
    return {
        "video": video,
        "player": player,
        "may_play": may_play,
        "start": parse_moment(request.GET.get("t", "")),
        "is_owner": access.owns(request.user, video),
        "left": time_left(video.eta_at, timezone.now()),
        "description": linked(video.description, video.duration_seconds if player else None),
        "card": link_card(request, video),
        "share_url": request.build_absolute_uri(video.get_absolute_url()),
        "embed_url": embed_url,
        "embed_code": embed_code(embed_url, video.title),
    }


@require_GET
@cache_control(public=True, max_age=300)
def poster(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A lasting address for previews elsewhere: as long as the video is public it leads to the picture."""
    video = access.get_embeddable(pk)
    if not is_for_everybody(video) or video.is_growing:
        raise Http404
    return redirect(access.poster_url(request, video, timezone.now()))


@require_POST
@never_cache
def renew_cookies(request: HttpRequest, pk: UUID) -> HttpResponse:
    response = HttpResponse(status=204)
    access.set_cookies(request, response, access.get_visible(request, pk), timezone.now())
    return response


@require_GET
@login_required
def upload(request: HttpRequest) -> HttpResponse:
    context = {
        "max_upload_bytes": settings.MAX_UPLOAD_BYTES,
        "max_upload_text": filesizeformat(settings.MAX_UPLOAD_BYTES),
        "visibility_choices": Video.Visibility.choices,
        "unfinished": Upload.objects.of(request.user).open(timezone.now()).order_by("-created_at"),
    }
    return render(request, "videos/upload.html", context)


@require_http_methods(["GET", "POST"])
@login_required
def edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    video = access.get_owned(request, pk)
    form = VideoForm(request.POST or None, instance=video)
    if request.method == "POST" and form.is_valid():
        video.edit(form.changes(), timezone.now(), video.owner)
        messages.success(request, _("Saved."))
        return redirect(video)
    return render(
        request, "videos/edit.html", {"form": form, "video": video, "pictures": _pictures(request, form)}
    )


def _pictures(request: HttpRequest, form: VideoForm) -> list[tuple[BoundWidget, str]]:
    """Return each choice of a picture for the video, with its address; the first is ours."""
    if "poster_ms" not in form.fields:
        return []
    now = timezone.now()
    names = [
        "poster.jpg",
        *(f"poster-{number}.jpg" for number in range(1, len(form.instance.posters_ms) + 1)),
    ]
    addresses = [access.poster_url(request, form.instance, now, name) for name in names]
    return list(zip(form["poster_ms"], addresses, strict=True))


@require_http_methods(["GET", "POST"])
@login_required
def delete(request: HttpRequest, pk: UUID) -> HttpResponse:
    video = access.get_owned(request, pk)
    if request.method == "POST":
        video.delete_soon(timezone.now(), video.owner)
        messages.success(request, _("The video is deleted, and every copy of it goes now."))
        return redirect("studio")
    return render(request, "videos/delete.html", {"video": video})
