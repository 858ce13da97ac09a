"""Every list of the administration at the size where lists become slow."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import AccessToken, Invitation, User
from tests import factories
from tests.clients import browser
from transcode.models import Job
from videos.events import Event, Kind
from videos.models import Rendition, Upload, Video

ROWS = 10_000
OURS = ("accounts", "transcode", "videos")
LISTS = sorted(
    f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
    for model in admin.site._registry
    if model._meta.app_label in OURS and model._meta.model_name != "sweeplease"
)


def fill(rows: int) -> None:
    """Give everything of ours this many rows more."""
    start, at = User.objects.count(), factories.AT
    moments = [at + timedelta(seconds=number) for number in range(rows)]
    people = User.objects.bulk_create(
        [User(username=f"u{start + n}", email=f"u{start + n}@example.org") for n in range(rows)]
    )
    videos = Video.objects.bulk_create([Video(owner=person, title=f"Video of {person}") for person in people])
    both = list(zip(videos, moments, strict=True))
    uploads = Upload.objects.bulk_create(
        [Upload(video=v, filename="a", size=1, part_size=1, multipart_id="m", expires_at=t) for v, t in both]
    )
    Job.objects.bulk_create(
        [
            Job(video=u.video, queued_at=at, source_key="k", source_etag="e", source_size=1, part_size=1)
            for u in uploads
        ]
    )
    Rendition.objects.bulk_create([Rendition(video=v, name="r", width=1, height=1, kbps=1) for v in videos])
    Event.objects.bulk_create([Event(video=v, at=t, kind=Kind.QUEUED, actor=v.owner) for v, t in both])
    Invitation.objects.bulk_create([Invitation(accepted_by=person) for person in people])
    AccessToken.objects.bulk_create(
        [AccessToken(owner=p, name="t", digest=p.username, created_at=at, expires_at=at) for p in people]
    )


def queries(client, path: str) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status_code == 200
    return [query["sql"] for query in captured]


class ListsTests:
    def test_cost_no_more_queries_with_ten_thousand_rows(self, staff):
        fill(2)
        few = {path: len(queries(staff, path)) for path in LISTS}
        fill(ROWS)
        assert {path: len(queries(staff, path)) for path in LISTS} == few

    @pytest.mark.parametrize("path", LISTS)
    def test_cost_no_more_than_they_need(self, staff, path):
        fill(3)
        # * session, * user
        # * how many there are, * the rows, with whom they belong to
        # * of people: what they have, * their sessions; of filters by date: the span of the dates
        assert len(queries(staff, path)) <= 6

    def test_never_count_everything_for_a_search(self, staff):
        fill(3)
        for path in LISTS:
            found = queries(staff, f"{path}?q=nothing")
            assert sum("COUNT(*)" in sql for sql in found) == 1, path

    @pytest.mark.parametrize("path", LISTS)
    def test_are_for_staff(self, alice, path):
        assert [client.get(path).status_code for client in (browser(), browser(alice))] == [302, 302]
