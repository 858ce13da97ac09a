"""How many queries each list asks, and whether they take longer where there are a thousand times as many videos.

Runs on the database that DATABASE_URL names, which is to be empty, and prints what it found as JSON.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from statistics import median
from time import perf_counter
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client

from accounts.models import User
from streamsite import provision
from tests import factories
from videos.models import Video

FEW, MANY = 100, 100_000
ROUNDS = 15
PAGES = {
    "home": "/",
    "search": "/search/?q=number000042",
    "search_common": "/search/?q=title",
    "channel": "/c/olivia/",
    "studio": "/videos/",
    "watch": "/v/{}/",
    "api_list": "/api/v1/videos/",
}
Statement = tuple[str, Any]


def main() -> None:
    settings.ALLOWED_HOSTS = ["testserver"]
    provision.make_signing_key(settings.SIGNING_KEY_FILE)
    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    owner = factories.user("olivia")
    client = Client()
    client.force_login(owner)
    factories.many(owner, FEW)
    few = _measure(client)
    _fill(owner, MANY - FEW)
    many = _measure(client)
    print(
        json.dumps(
            {"queries": {name: len(found) for name, (found, _) in many.items()}, **_compare(few, many)}
        )
    )


def _fill(owner: User, count: int) -> None:
    factories.many(owner, count, first=FEW)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE TABLE videos_video" if connection.vendor == "mysql" else "ANALYZE")


Found = dict[str, tuple[list[Statement], float]]


def _measure(client: Client) -> Found:
    """Return the statements of each page, and the median milliseconds they take."""
    video = Video.objects.latest("published_at")
    return {name: _page(client, path.format(video.pk)) for name, path in PAGES.items()}


def _page(client: Client, path: str) -> tuple[list[Statement], float]:
    asked: list[Statement] = []

    def hear(execute: Callable[..., Any], sql: str, values: Any, many: bool, context: Any) -> Any:
        asked.append((sql, values))
        return execute(sql, values, many, context)

    # The first answer fills what is made once.
    client.get(path)
    with connection.execute_wrapper(hear):
        answer = client.get(path)
    assert answer.status_code == 200, path
    reads = [statement for statement in asked if statement[0].startswith("SELECT")]
    _ask(reads)
    return asked, median(_ask(reads) for _ in range(ROUNDS)) * 1000


def _ask(statements: list[Statement]) -> float:
    begun = perf_counter()
    with connection.cursor() as cursor:
        for sql, values in statements:
            cursor.execute(sql, values)
            cursor.fetchall()
    return perf_counter() - begun


def _compare(few: Found, many: Found) -> dict[str, dict[str, float]]:
    return {
        "few_ms": {name: round(ms, 2) for name, (_, ms) in few.items()},
        "many_ms": {name: round(ms, 2) for name, (_, ms) in many.items()},
        "ratio": {name: round(many[name][1] / few[name][1], 2) for name in PAGES},
    }


if __name__ == "__main__":
    main()
