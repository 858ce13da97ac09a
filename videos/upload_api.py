"""The API for uploads: what the upload page and `manage.py upload` use."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.shortcuts import get_object_or_404
from django.utils import timezone
from rest_framework.decorators import api_view, throttle_classes
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response

from videos import uploads
from videos.api import person
from videos.models import Upload
from videos.schema import describe
from videos.serializers import (
    BeginSerializer,
    NumbersSerializer,
    UploadSerializer,
    UrlsSerializer,
    VideoSerializer,
)
from videos.throttles import BeginLimit, CompleteLimit, PartsLimit


@describe("upload_begin", {201: UploadSerializer}, (400, 409, 413, 415, 503), request=BeginSerializer)
@api_view(["POST"])
@throttle_classes([BeginLimit])
def begin(request: Request) -> Response:
    """Make room for one file. Its parts go to the addresses of `upload_parts`, then comes `upload_complete`."""
    form = BeginSerializer(data=request.data)
    form.is_valid(raise_exception=True)
    upload = uploads.begin(person(request), form.wanted(), timezone.now())
    return Response(UploadSerializer(upload).data, 201)


@describe("upload_get", {200: UploadSerializer}, (404, 409, 503), methods=["GET"])
@describe("upload_cancel", {204: None}, (404, 503), methods=["DELETE"])
@api_view(["GET", "DELETE"])
def upload(request: Request, pk: UUID) -> Response:
    found = _get_upload(request, pk)
    if request.method in SAFE_METHODS:
        return Response(UploadSerializer(found).data)
    uploads.abort(found, timezone.now(), person(request))
    return Response(status=204)


@describe("upload_parts", {200: UrlsSerializer}, (400, 404, 409, 415, 503), request=NumbersSerializer)
@api_view(["POST"])
@throttle_classes([PartsLimit])
def parts(request: Request, pk: UUID) -> Response:
    """Addresses to PUT parts to, each for exactly its own size."""
    form = NumbersSerializer(data=request.data)
    form.is_valid(raise_exception=True)
    urls = uploads.part_urls(_get_upload(request, pk), form.validated_data["numbers"])
    return Response({"urls": urls, "expires_in": settings.PART_URL_SECONDS})


@describe("upload_complete", {202: VideoSerializer}, (404, 409, 503), request=None)
@api_view(["POST"])
@throttle_classes([CompleteLimit])
def complete(request: Request, pk: UUID) -> Response:
    """Join the parts once all are there. Harmless when repeated."""
    found = _get_upload(request, pk)
    uploads.complete(found, timezone.now())
    return Response(VideoSerializer(found.video).data, 202)


def _get_upload(request: Request, pk: UUID) -> Upload:
    return get_object_or_404(Upload.objects.of(request.user), pk=pk)
