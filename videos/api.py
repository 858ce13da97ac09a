"""The API for videos: what the pages do. Uploads have a file of their own."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import api_view, permission_classes, throttle_classes
from rest_framework.exceptions import NotAuthenticated
from rest_framework.permissions import IsAuthenticatedOrReadOnly
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from videos import search as searching
from videos.models import Video, VideoQuerySet
from videos.paging import page
from videos.schema import describe
from videos.serializers import (
    ChangeSerializer,
    ListedVideoSerializer,
    MeSerializer,
    PageSerializer,
    SearchQuery,
    VideoSerializer,
    VideosQuery,
)
from videos.throttles import SearchLimit


@describe("videos_list", {200: PageSerializer}, (400,), parameters=[VideosQuery])
@api_view(["GET"])
@permission_classes([IsAuthenticatedOrReadOnly])
def videos(request: Request) -> Response:
    """Public videos, newest first; or one's own, or a channel's."""
    query = VideosQuery.of(request)
    found, field = _asked_for(request, query)
    return _page(request, *page(found, field, query.get("cursor", ""), query["page_size"]))


def _asked_for(request: Request, query: dict[str, Any]) -> tuple[VideoQuerySet, str]:
    if "owner" in query:
        return Video.objects.owned_by(person(request)), "created_at"
    if "channel" in query:
        return Video.objects.of_channel(query["channel"]), "published_at"
    return Video.objects.listed(), "published_at"


@describe("search", {200: PageSerializer}, (400,), parameters=[SearchQuery])
@api_view(["GET"])
@permission_classes([IsAuthenticatedOrReadOnly])
@throttle_classes([SearchLimit])
def search(request: Request) -> Response:
    """Public videos, and one's own, that say every word in their title, description or channel's name."""
    query = SearchQuery.of(request)
    found = Video.objects.findable_by(request.user)
    return _page(request, *searching.find(found, query["q"], query.get("cursor", ""), query["page_size"]))


def _page(request: Request, rows: list[Video], mark: str) -> Response:
    # The two list shapes share one answer.
    following = request.query_params.copy()
    following["cursor"] = mark
    address = request.build_absolute_uri(f"{request.path}?{following.urlencode()}")
    return Response(
        {"next": address if mark else None, "results": ListedVideoSerializer(rows, many=True).data}
    )


@describe("video_get", {200: VideoSerializer}, (404,), methods=["GET"])
@describe(
    "video_change", {200: VideoSerializer}, (400, 404, 415), methods=["PATCH"], request=ChangeSerializer
)
@describe("video_delete", {204: None}, (404,), methods=["DELETE"])
@api_view(["GET", "PATCH", "DELETE"])
@permission_classes([IsAuthenticatedOrReadOnly])
def video(request: Request, pk: UUID) -> Response:
    if request.method == "PATCH":
        return _change(request, _owned(request, pk))
    if request.method == "DELETE":
        _owned(request, pk).delete_soon(timezone.now(), person(request))
        return Response(status=204)
    found = get_object_or_404(_whole(Video.objects.visible_to(request.user)), pk=pk)
    return Response(VideoSerializer(found).data)


def _change(request: Request, found: Video) -> Response:
    form = ChangeSerializer(found, data=request.data)
    form.is_valid(raise_exception=True)
    changed = {name: value for name, value in form.validated_data.items() if getattr(found, name) != value}
    if changed and not found.edit(changed, timezone.now(), person(request)):
        raise Http404
    return Response(VideoSerializer(found).data)


@describe("video_retry", {202: VideoSerializer}, (404,), request=None)
@api_view(["POST"])
def retry(request: Request, pk: UUID) -> Response:
    """Ask for another try after a failure. Harmless where there was none."""
    found = _owned(request, pk)
    found.request_encode(timezone.now(), person(request))
    return Response(VideoSerializer(found).data, 202)


@describe("me", {200: MeSerializer})
@api_view(["GET"])
def me(request: Request) -> Response:
    """Who the session or token belongs to."""
    return Response(MeSerializer(person(request)).data)


@extend_schema(exclude=True)
@api_view(["GET", "POST", "PUT", "PATCH", "DELETE"])
@permission_classes([])
def unknown(request: Request, path: str) -> Response:
    """Programs read problem documents, and not our page for people."""
    raise Http404


def person(request: Request) -> User:
    """Return who is signed in."""
    if not isinstance(request.user, User):
        raise NotAuthenticated
    return request.user


def _owned(request: Request, pk: UUID) -> Video:
    return get_object_or_404(_whole(Video.objects.owned_by(request.user)), pk=pk)


def _whole(found: VideoQuerySet) -> VideoQuerySet:
    return found.select_related("owner").prefetch_related("renditions")
