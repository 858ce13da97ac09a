"""How the API describes itself: OpenAPI, and the page that shows it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.utils.csp import CSP
from django.views.decorators.csp import csp_override
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import OpenApiResponse, extend_schema, inline_serializer
from drf_spectacular.views import SpectacularSwaggerSplitView
from rest_framework import serializers

from videos.problems import MEDIA_TYPE

# Swagger UI styles what it draws in attributes. Its scripts are files of this site, as everywhere.
DOCS_CSP: dict[str, list[str]] = {**settings.SECURE_CSP, "style-src": [CSP.SELF, CSP.UNSAFE_INLINE]}
docs = csp_override(DOCS_CSP)(SpectacularSwaggerSplitView.as_view(url_name="api-schema"))

WORDS = {
    400: "Something in the request is wrong; `errors` says what, by name.",
    401: "Nobody is signed in, or the token does not open anything.",
    403: "Not with this session: it lacks the CSRF token of our pages.",
    404: "There is nothing at this address, or not for you: the answer is the same.",
    405: "Not with this method.",
    406: "JSON is all there is.",
    409: "Not in this state; `code` says why.",
    413: "Too large.",
    415: "Send JSON.",
    429: "Too often. `Retry-After` says how many seconds to wait.",
    503: "The storage does not answer. Try again after `Retry-After` seconds.",
}
ALWAYS = (401, 403, 405, 406, 429)


# RFC 9457, with a `code` for programs and `errors` by name.
PROBLEM = inline_serializer(
    "Problem",
    {
        "type": serializers.CharField(),
        "title": serializers.CharField(),
        "status": serializers.IntegerField(),
        "detail": serializers.CharField(help_text="One sentence for people."),
        "instance": serializers.CharField(),
        "code": serializers.CharField(help_text="One word for programs; it does not change."),
        "errors": serializers.DictField(required=False),
    },
)


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "accounts.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "A personal access token."}


def describe[View: Callable[..., object]](
    name: str, answers: dict[int, Any], errors: tuple[int, ...] = (), **more: Any
) -> Callable[[View], View]:
    """Describe one operation: what it answers, and which problems it may have besides those of all."""
    found: dict[Any, Any] = dict(answers)
    for status in sorted({*ALWAYS, *errors}):
        found[status, MEDIA_TYPE] = OpenApiResponse(PROBLEM, description=WORDS[status])
    return extend_schema(operation_id=name, responses=found, **more)
