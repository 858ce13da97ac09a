"""The timeline of a video: one line for each thing that happened, and none for what did not."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests import factories
from tests.desk.conftest import kinds
from transcode import queue
from transcode.models import Job
from videos import bulk
from videos.events import Event, Kind
from videos.models import Published, Upload, Video

LEASE = timedelta(seconds=30)
PUBLISHED = Published("a1", 1000, 1, ())


@pytest.fixture
def video(alice) -> Video:
    return factories.video(alice, status="processing")


@pytest.fixture
def held(video, now) -> Job:
    factories.job(video)
    job = queue.claim(now=now, lease=LEASE, worker="box:17")
    assert isinstance(job, Job)
    return job


def last(video: Video) -> tuple[str, str]:
    event = video.events.latest("id")
    return event.kind, event.detail


class TimelineTests:
    def test_tells_of_an_attempt_and_its_worker(self, held, video):
        assert last(video) == ("attempt-began", "1, box:17")

    def test_tells_of_a_published_version(self, held, video, now):
        held.succeed(PUBLISHED, now)
        assert last(video) == ("published", "a1")

    def test_tells_of_a_refusal_with_the_sentence(self, held, video, now):
        held.fail("No video.", "ffprobe: junk", now)
        assert last(video) == ("refused", "No video.")

    def test_tells_of_giving_up_with_the_error(self, held, video, now):
        held.fail("We could not.", "CommandFailed: 1\nlast words", now, kind=Kind.GIVEN_UP)
        assert last(video) == ("given-up", "CommandFailed: 1")

    def test_tells_of_a_failed_attempt(self, held, video, now):
        held.retry_later("disk full\nand more", now + LEASE, now)
        assert last(video) == ("attempt-failed", "disk full")

    def test_tells_of_a_job_handed_back(self, held, video, now):
        held.hand_back(now)
        assert last(video) == ("handed-back", "box:17")

    def test_tells_of_a_job_queued_again(self, held, video, now):
        held.fail("No video.", "", now)
        held.refresh_from_db()
        held.queue_again(now)
        assert last(video)[0] == "queued"

    def test_tells_who_asked_for_another_try(self, alice, now):
        video = factories.failed(alice)
        video.request_encode(now, alice)
        assert (last(video)[0], video.events.get().actor) == ("encode-asked", alice)

    def test_tells_of_a_completed_upload_once(self, alice, now):
        upload = factories.upload(factories.video(alice))
        upload.mark_completed(now)
        Upload.objects.get().mark_completed(now)
        assert kinds(upload.video) == ["upload-completed"]

    @pytest.mark.parametrize(
        ("changes", "told"),
        [
            ({"title": "New"}, [("edited", "title")]),
            ({"visibility": "public"}, [("visibility-changed", "public")]),
            (
                {"title": "New", "description": "x", "visibility": "public"},
                [("edited", "description, title"), ("visibility-changed", "public")],
            ),
            ({}, []),
        ],
    )
    def test_tells_what_was_edited(self, video, alice, now, changes, told):
        video.edit(changes, now, alice)
        assert list(video.events.order_by("id").values_list("kind", "detail")) == told

    def test_says_nothing_of_what_did_not_happen(self, alice, root, now):
        gone = factories.ready(alice, deleted_at=now)
        tried = (gone.delete_soon(now), gone.take_down("x", now, root), gone.edit({"title": "x"}, now, alice))
        assert (tried, Event.objects.count()) == ((False,) * 3, 0)

    def test_tells_of_what_was_done_to_several_at_once(self, alice, charlie, now):
        mine, same = factories.ready(alice), factories.ready(alice, visibility="public")
        others = factories.ready(charlie)
        ids = [mine.pk, same.pk, others.pk]
        assert bulk.change_visibility(alice, ids, Video.Visibility.PUBLIC, now) == 2
        assert bulk.delete_soon(alice, ids, now) == 2
        told = [kinds(video) for video in (mine, same, others)]
        assert told == [["visibility-changed", "deleted"], ["deleted"], []]

    def test_goes_with_its_video(self, held, video):
        video.delete()
        assert not Event.objects.exists()

    def test_stays_when_who_acted_goes(self, video, now):
        somebody = factories.user("somebody")
        video.edit({"title": "New"}, now, somebody)
        somebody.delete()
        assert video.events.get().actor is None


class VideoPageTests:
    def test_shows_timeline_command_and_last_words(self, staff, held, video, now):
        held.remember({"rungs": 3}, "ffmpeg -i <source>")
        held.fail("No video.", "moov atom not found", now)
        page = staff.get(f"/admin/videos/video/{video.pk}/change/").content.decode()
        for words in (
            "Attempt began",
            "1, box:17",
            "ffmpeg -i &lt;source&gt;",
            "moov atom not found",
            "rungs",
        ):
            assert words in page

    def test_costs_the_same_however_much_happened(self, staff, video, root, now):
        path = f"/admin/videos/video/{video.pk}/change/"
        counts = []
        for rows in (2, 20):
            for _ in range(rows):
                Event.objects.record(
                    video.pk, Kind.EDITED, now, actor=factories.user(f"u{Event.objects.count()}")
                )
            with CaptureQueriesContext(connection) as captured:
                staff.get(path)
            counts.append(len(captured))
        assert counts[0] == counts[1]

    def test_has_facts_that_are_only_read(self, staff, video):
        page = staff.get(f"/admin/videos/video/{video.pk}/change/").content.decode()
        for field in (
            "status",
            "epoch",
            "version",
            "owner",
            "taken_down_at",
            "taken_down_reason",
            "deleted_at",
        ):
            assert f'name="{field}' not in page

    def test_edits_by_staff_are_in_the_timeline(self, staff, video, root):
        path = f"/admin/videos/video/{video.pk}/change/"
        empty = {
            f"{name}-{count}": "0"
            for name in ("events", "renditions", "job")
            for count in ("TOTAL_FORMS", "INITIAL_FORMS")
        }
        staff.post(path, {"title": "New", "visibility": "public", "_save": "Save", **empty})
        assert (kinds(video), video.events.first().actor) == (["edited", "visibility-changed"], root)
