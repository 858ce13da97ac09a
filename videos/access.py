"""What a person who may watch is handed: cookies, signed addresses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse

from accounts.models import User
from videos.growing import MULTIVARIANT
from videos.models import Video
from videos.signatures import Signer, signer

ROUNDED_TO = 600


@dataclass(frozen=True, slots=True)
class Player:
    """Addresses for a player; they open with the cookies of `set_cookies`."""

    src: str
    poster: str
    storyboard: str
    renew_url: str
    # Which version it is of, and where: another one needs other cookies, or other segments.
    place: str = ""


def site_signer() -> Signer:
    return signer(settings.SIGNING_KEY_FILE, settings.SIGNING_KEY_ID)


def get_visible(request: HttpRequest, pk: UUID) -> Video:
    """Return the video if this visitor may open it; otherwise it does not exist."""
    video = Video.objects.visible_to(request.user).select_related("owner").filter(pk=pk).first()
    if video is None:
        raise Http404
    return video


def get_openable(request: HttpRequest, pk: UUID) -> Video:
    """Return the video for its page: the owner also reads there that, and why, it was taken down."""
    openable = Video.objects.visible_to(request.user) | Video.objects.owned_by(request.user)
    video = openable.select_related("owner").filter(pk=pk).first()
    if video is None:
        raise Http404
    return video


def get_owned(request: HttpRequest, pk: UUID) -> Video:
    video = Video.objects.owned_by(request.user).select_related("owner").filter(pk=pk).first()
    if video is None:
        raise Http404
    return video


def get_embeddable(pk: UUID) -> Video:
    """Return a video that anybody with the link may watch: a frame never asks who is looking."""
    video = Video.objects.visible_to(AnonymousUser()).select_related("owner").filter(pk=pk).first()
    if video is None:
        raise Http404
    return video


def may_play(user: object, video: Video) -> bool:
    """What was taken down plays for staff alone, who have to see what they decide about."""
    return not video.taken_down_at or (isinstance(user, User) and user.is_staff)


def player_for(video: Video) -> Player | None:
    """Return what a player needs, or None while there is nothing to play."""
    if video.playable == Video.Playable.NOTHING:
        return None
    at = video.version_path
    renew = reverse("renew-cookies", args=[video.pk])
    if video.is_growing:
        # Its pictures are made last.
        return Player(reverse("growing-file", args=[video.pk, MULTIVARIANT]), "", "", renew, at)
    return Player(f"{at}{MULTIVARIANT}", f"{at}{video.poster_name}", f"{at}storyboard.vtt", renew, at)


def set_cookies(request: HttpRequest, response: HttpResponse, video: Video, now: datetime) -> None:
    """Open this video's own path, and no other, for the next minutes."""
    expires_at = now + timedelta(seconds=settings.COOKIE_SECONDS)
    resource = f"{_origin(request)}{video.epoch_path}*"
    for name, value in site_signer().cookies(resource, expires_at).items():
        response.set_cookie(
            name,
            value,
            max_age=settings.COOKIE_SECONDS,
            path=video.epoch_path,
            secure=settings.HTTPS,
            httponly=True,
            samesite="Lax",
        )


def sign_version(request: HttpRequest, video: Video, expires_at: datetime) -> dict[str, str]:
    """Return the query that opens everything of this video, for where cookies cannot go."""
    return site_signer().sign(f"{_origin(request)}{video.epoch_path}*", expires_at)


def poster_url(request: HttpRequest, video: Video, now: datetime, name: str = "") -> str:
    """Return the signed address of the poster, or of another picture of the video, or nothing where there is none.

    It is the same for ten minutes, so that browsers may keep the picture.
    """
    if video.playable != Video.Playable.FINAL or video.taken_down_at:
        return ""
    rounded = (int(now.timestamp()) // ROUNDED_TO + 2) * ROUNDED_TO
    address = f"{_origin(request)}{video.version_path}{name or video.poster_name}"
    return site_signer().url(address, datetime.fromtimestamp(rounded, UTC))


def owns(user: object, video: Video) -> bool:
    return isinstance(user, User) and video.owner_id == user.pk


def _origin(request: HttpRequest) -> str:
    # The host the visitor typed, checked against ALLOWED_HOSTS: the edge compares it with the address it is asked for.
    return f"{request.scheme}://{request.get_host()}"
