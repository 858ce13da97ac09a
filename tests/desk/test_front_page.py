"""How things stand, in numbers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from streamsite import desk, provision
from tests import factories
from tests.clients import browser
from transcode.core.containment import judge
from transcode.hosts import Host
from transcode.models import Job
from videos.events import Event, Kind


@pytest.fixture
def nothing_answers(settings) -> Iterator[None]:
    """SQS at an address where nobody listens."""
    settings.EVENTS_QUEUE_URL = "http://127.0.0.1:9/000000000000/s3-events"
    settings.TASKS_QUEUE_URL = "http://127.0.0.1:9/000000000000/tasks"
    settings.AWS_ENDPOINT_URL = "http://127.0.0.1:9"
    provision.sqs.cache_clear()
    yield
    provision.sqs.cache_clear()


def failure(video, kind: Kind, detail: str, at) -> None:
    Event.objects.record(video.pk, kind, at, detail=detail)


@pytest.mark.usefixtures("emulator")
class FrontPageTests:
    def test_counts_what_waits_and_since_when(self, alice, now):
        for minutes in (1, 5, 3):
            factories.job(factories.video(alice), queued_at=now - timedelta(minutes=minutes))
        Job.objects.filter(queued_at=now - timedelta(minutes=3)).update(retry_at=now + timedelta(minutes=1))
        assert desk.overview(now)["queue"] == desk.Queue(3, 1, 0, now - timedelta(minutes=5))

    def test_lists_who_works_on_what(self, staff, alice):
        video = factories.video(alice, title="Cats", status="processing", progress=42)
        began = timezone.now() - timedelta(minutes=7)
        until = timezone.now() + timedelta(seconds=30)
        factories.job(
            video, state="running", worker="box:17", attempt=2, started_at=began, leased_until=until
        )
        page = " ".join(staff.get("/admin/").content.decode().split())
        for words in ("box:17", "Cats", "alice", "42 %", "7 minutes", f"until {until:%H:%M:%S}"):
            assert words in page

    def test_says_when_a_lease_ran_out(self, staff, alice, now):
        factories.job(factories.video(alice), state="running", started_at=now, leased_until=now)
        assert b"ran out" in staff.get("/admin/").content

    def test_names_the_host_that_contains_the_least(self, staff):
        for name, could in (("sturdy", frozenset()), ("weak", frozenset({"file"}))):
            Host.objects.tell(name, judge(could, "no Landlock"), timezone.now())
        page = " ".join(staff.get("/admin/").content.decode().split())
        assert "level 1 of 2" in page and "weak: level 1 of 2 (no Landlock; " in page and "sturdy" not in page

    def test_counts_failures_of_a_week_by_reason(self, alice, now):
        video = factories.failed(alice)
        for detail in ("No video.", "No video.", "Cut short."):
            failure(video, Kind.REFUSED, detail, now - timedelta(days=1))
        failure(video, Kind.GIVEN_UP, "CommandFailed", now)
        failure(video, Kind.REFUSED, "Long ago.", now - timedelta(days=8))
        failure(video, Kind.ATTEMPT_FAILED, "Tried again.", now)
        assert [(reason.text, reason.count) for reason in desk.overview(now)["reasons"]] == [
            ("No video.", 2),
            ("CommandFailed", 1),
            ("Cut short.", 1),
        ]

    def test_adds_up_what_is_stored(self, alice, now):
        factories.upload(
            factories.ready(alice, stored_bytes=5), size=100, state="completed", completed_at=now
        )
        factories.upload(factories.video(alice), size=1000)
        figures = desk.overview(now)
        assert (figures["source_bytes"], figures["stored"]) == (100, {"bytes": 5, "videos": 2})

    def test_counts_the_dead_letters_of_both_queues(self, db, now):
        dead = f"{django_settings.TASKS_QUEUE_URL}-dead"
        before = {letters.queue: letters.count for letters in desk.overview(now)["dead_letters"]}
        provision.sqs().send_message(QueueUrl=dead, MessageBody="junk")
        after = {letters.queue: letters.count for letters in desk.overview(now)["dead_letters"]}
        assert after == {**before, "tasks": before["tasks"] + 1}
        provision.sqs().purge_queue(QueueUrl=dead)

    def test_costs_the_same_however_much_there_is(self, staff, alice, charlie, now):
        few = queries(staff)
        for owner in (alice, charlie):
            for _ in range(5):
                video = factories.ready(owner)
                factories.job(video, state="running", leased_until=now, started_at=now)
                failure(video, Kind.REFUSED, str(video.pk), timezone.now())
        # * session, * user
        # * queue, * what runs, * failures, * sources, * what was made of them, * hosts
        # * the log of who looks
        assert (few, queries(staff)) == (9, 9)


def queries(client) -> int:
    client.get("/admin/")
    with CaptureQueriesContext(connection) as captured:
        client.get("/admin/")
    return len(captured)


class DeafFrontPageTests:
    def test_says_that_sqs_does_not_answer_and_shows_the_rest(self, staff, alice, nothing_answers):
        factories.job(factories.video(alice))
        page = staff.get("/admin/")
        assert (page.status_code, page.content.count(b"SQS does not answer")) == (200, 2)
        assert page.context["queue"].waiting == 1


class StaffTests:
    def test_alone_see_it(self, alice):
        answers = [client.get("/admin/").status_code for client in (browser(), browser(alice))]
        assert answers == [302, 302]
