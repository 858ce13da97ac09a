"""Whether this process can serve, for whoever balances load, and figures for whoever watches it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from hmac import compare_digest

from django.conf import settings
from django.db import Error, connection
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.utils import timezone

from transcode.hosts import Host

PATH, METRICS = "/healthz", "/metrics"


def healthz(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware, before all other: a load balancer asks by address, in plain HTTP, and is no allowed host."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.path == METRICS and settings.METRICS_TOKEN:
            return _metrics(request)
        return _answer(request) if request.path == PATH else get_response(request)

    return middleware


def _answer(request: HttpRequest) -> HttpResponse:
    if request.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(["GET", "HEAD"])
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        return JsonResponse({"status": "no database"}, status=503)
    return JsonResponse({"status": "ok"})


def _metrics(request: HttpRequest) -> HttpResponse:
    """Figures as Prometheus reads them, for who has the token."""
    if not compare_digest(
        request.headers.get("Authorization", "").encode(), f"Bearer {settings.METRICS_TOKEN}".encode()
    ):
        return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"})
    return HttpResponse(_exposition(timezone.now()), content_type="text/plain; version=0.0.4")


def _exposition(now: datetime) -> str:
    lines = [
        "# HELP streamsite_sandbox_level How well a host contains ffmpeg: 0 not at all, 2 wholly.",
        "# TYPE streamsite_sandbox_level gauge",
        *(
            f'streamsite_sandbox_level{{host="{_label(host.name)}"}} {host.sandbox_level}'
            for host in Host.objects.here(now)
        ),
    ]
    return "\n".join(lines) + "\n"


def _label(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
