"""What the API says when it cannot: problem documents (RFC 9457), with one sentence in `detail` a person can act on."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler

from videos import storage, uploads
from videos.bodies import TooLarge

logger = logging.getLogger(__name__)
MEDIA_TYPE = "application/problem+json"


def explain(error: Exception, context: dict[str, Any]) -> Response | None:
    """Answer with a problem document; S3 being away is ours to mend, so it is a 503. None for what is a bug."""
    path = context["request"].path
    if isinstance(error, uploads.UploadRefused):
        return problem(413 if error.code == "too_large" else 409, error.code, str(error), path)
    if isinstance(error, storage.Errors):
        logger.error("storage failed: %s", error)
        sentence = _("The storage does not answer right now. Nothing is lost; try again in a minute.")
        return problem(503, "storage", sentence, path, headers={"Retry-After": "30"})
    known = _known(error)
    if known is None:
        return None
    # DRF's own answer, for its headers: WWW-Authenticate, Retry-After, Allow.
    plain = exception_handler(known, context)
    assert plain is not None
    headers = {name: value for name, value in plain.headers.items() if name != "Content-Type"}
    return _of(known, path, headers)


def _known(error: Exception) -> exceptions.APIException | None:
    if isinstance(error, Http404):
        return exceptions.NotFound()
    if isinstance(error, PermissionDenied):
        return exceptions.PermissionDenied()
    if isinstance(error, RequestDataTooBig):
        return TooLarge()
    return error if isinstance(error, exceptions.APIException) else None


def _of(error: exceptions.APIException, path: str, headers: dict[str, str]) -> Response:
    if isinstance(error, exceptions.ValidationError):
        sentence = _first_sentence(error.detail)
        return problem(400, "invalid", sentence, path, headers=headers, errors=error.detail)
    return problem(error.status_code, error.default_code, str(error.detail), path, headers=headers)


def problem(
    status: int,
    code: str,
    detail: str,
    instance: str,
    *,
    headers: dict[str, str] | None = None,
    **more: object,
) -> Response:
    title = HTTPStatus(status).phrase
    said = {"type": "about:blank", "title": title, "status": status, "detail": detail, "instance": instance}
    return Response({**said, "code": code, **more}, status, headers=headers, content_type=MEDIA_TYPE)


def _first_sentence(detail: Any, name: str = "") -> str:
    if isinstance(detail, dict):
        name, detail = next(iter(detail.items()))
        return _first_sentence(detail, str(name))
    if isinstance(detail, list):
        return _first_sentence(detail[0], name)
    return f"{name}: {detail}" if name and name != "non_field_errors" else str(detail)
