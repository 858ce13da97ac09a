"""The API: what the pages and `manage.py upload` use. Every refusal has a `detail` a person can act on."""

from __future__ import annotations

import logging
from typing import Any
from uuid import UUID

from django.conf import settings
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.decorators import api_view, throttle_classes
from rest_framework.exceptions import ValidationError
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import UserRateThrottle
from rest_framework.views import exception_handler

from accounts.models import User
from videos import storage, uploads
from videos.models import Upload, Video
from videos.serializers import BeginSerializer, NumbersSerializer, UploadSerializer, VideoSerializer

logger = logging.getLogger(__name__)


class BeginThrottle(UserRateThrottle):
    scope = "begin"


def explain(error: Exception, context: dict[str, Any]) -> Response | None:
    """Answer with one sentence in `detail`; S3 being away is ours to mend, so it is a 503."""
    if isinstance(error, uploads.UploadRefused):
        status = 413 if error.code == "too_large" else 409
        return Response({"detail": str(error), "code": error.code}, status)
    if isinstance(error, storage.Errors):
        logger.error("storage failed: %s", error)
        sentence = _("The storage does not answer right now. Nothing is lost; try again in a minute.")
        return Response({"detail": sentence, "code": "storage"}, 503, headers={"Retry-After": "30"})
    response = exception_handler(error, context)
    if response is not None and isinstance(error, ValidationError):
        response.data = {"detail": _first_sentence(error.detail), "code": "invalid", "errors": error.detail}
    return response


def _first_sentence(detail: Any, name: str = "") -> str:
    if isinstance(detail, dict):
        name, detail = next(iter(detail.items()))
        return _first_sentence(detail, str(name))
    if isinstance(detail, list):
        return _first_sentence(detail[0], name)
    return f"{name}: {detail}" if name and name != "non_field_errors" else str(detail)


@api_view(["POST"])
@throttle_classes([BeginThrottle])
def begin(request: Request) -> Response:
    form = BeginSerializer(data=request.data)
    form.is_valid(raise_exception=True)
    upload = uploads.begin(_person(request), form.wanted(), timezone.now())
    return Response(UploadSerializer(upload).data, 201)


@api_view(["GET", "DELETE"])
def upload(request: Request, pk: UUID) -> Response:
    found = _get_upload(request, pk)
    if request.method in SAFE_METHODS:
        return Response(UploadSerializer(found).data)
    uploads.abort(found, timezone.now())
    return Response(status=204)


@api_view(["POST"])
def parts(request: Request, pk: UUID) -> Response:
    form = NumbersSerializer(data=request.data)
    form.is_valid(raise_exception=True)
    urls = uploads.part_urls(_get_upload(request, pk), form.validated_data["numbers"])
    return Response({"urls": urls, "expires_in": settings.PART_URL_SECONDS})


@api_view(["POST"])
def complete(request: Request, pk: UUID) -> Response:
    found = _get_upload(request, pk)
    uploads.complete(found, timezone.now())
    return Response(VideoSerializer(found.video).data, 202)


@api_view(["GET"])
def video(request: Request, pk: UUID) -> Response:
    found = get_object_or_404(Video.objects.visible_to(request.user).prefetch_related("renditions"), pk=pk)
    return Response(VideoSerializer(found).data)


def _person(request: Request) -> User:
    """Return who is signed in; the permission class has let nobody else through."""
    assert isinstance(request.user, User)
    return request.user


def _get_upload(request: Request, pk: UUID) -> Upload:
    return get_object_or_404(Upload.objects.of(request.user), pk=pk)
