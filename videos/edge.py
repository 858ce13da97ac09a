"""The edge on a laptop: what CloudFront does for /media/*, as a view. In production CloudFront answers instead."""

from __future__ import annotations

import logging

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from videos import keys, storage
from videos.access import site_signer
from videos.signatures import COOKIES, Denied, check

logger = logging.getLogger(__name__)


@require_safe
def media(request: HttpRequest, path: str) -> HttpResponseBase:
    """Serve one object to a visitor whose cookies or query open it."""
    if settings.EDGE != "django":
        raise Http404
    # A strict shape instead of normalising: dots, doubled slashes and encodings cannot reach outside what was signed.
    if not keys.MEDIA_PATH.fullmatch(request.path):
        return _refuse("path")
    try:
        check(
            f"{request.scheme}://{request.get_host()}{request.path}{_query_of(request)}",
            request.COOKIES,
            request.GET.dict(),
            trusted=site_signer().trusted(),
            now=timezone.now(),
            address=request.META.get("REMOTE_ADDR", ""),
        )
    except Denied as reason:
        return _refuse(str(reason))
    return _serve(request)


def _query_of(request: HttpRequest) -> str:
    """Return what CloudFront compares beside the path: the query without the parts that are the signature."""
    rest = request.GET.copy()
    for name in COOKIES.values():
        rest.pop(name, None)
    return f"?{rest.urlencode()}" if rest else ""


def _refuse(reason: str) -> HttpResponse:
    logger.info("edge refused: %s", reason)
    return _say("Access denied", 403)


def _say(text: str, status: int) -> HttpResponse:
    return HttpResponse(text, status=status, content_type="text/plain", headers={"Cache-Control": "no-store"})


def _serve(request: HttpRequest) -> HttpResponseBase:
    key = request.path.removeprefix("/")
    try:
        if request.method == "HEAD":
            found = storage.read_media_headers(key)
        else:
            found = storage.read_media(key, request.headers.get("Range", ""))
    except storage.Missing:
        return _say("Not found", 404)
    except storage.Errors as error:
        logger.error("edge: storage failed: %s", error)
        return _say("The storage does not answer", 502)
    response = StreamingHttpResponse(found.blocks, status=found.status)
    for name, value in {"Content-Type": "text/plain", **found.headers}.items():
        response.headers[name] = value
    response.headers["Accept-Ranges"] = "bytes"
    # What is served here is data: opened as a page of its own it may do nothing.
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response
