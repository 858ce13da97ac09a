"""What may become of a video, and what the database refuses."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError

from accounts.models import User
from tests import factories
from videos.models import Published, PublishedRendition, Rendition, Upload, Video
from videos.moments import clock_text

HD = PublishedRendition("720p", 1280, 720, 2500)
SECOND = Published("a2", 65_000, 1234, (HD, PublishedRendition("360p", 640, 360, 500)))


def in_status(owner: User, status: str) -> Video:
    made = {"ready": factories.ready, "failed": factories.failed}
    return made[status](owner) if status in made else factories.video(owner, status=status)


def fields(video: Video, *names: str) -> tuple[Any, ...]:
    """What the database says, whatever the object in memory does."""
    return tuple(Video.objects.values(*names).get(pk=video.pk)[name] for name in names)


TRANSITIONS: dict[str, dict[str, str | None]] = {
    # Each status before: the status after, or None where it is refused.
    "start_processing": {
        "uploading": "processing",
        "processing": None,
        "ready": None,
        "failed": None,
    },
    "request_encode": {"uploading": None, "processing": None, "ready": None, "failed": "processing"},
    "publish": {"uploading": None, "processing": "ready", "ready": "ready", "failed": "ready"},
    "fail": {"uploading": "failed", "processing": "failed", "ready": None, "failed": "failed"},
    "delete_soon": {
        "uploading": "uploading",
        "processing": "processing",
        "ready": "ready",
        "failed": "failed",
    },
}
CASES = [(move, before, after) for move, table in TRANSITIONS.items() for before, after in table.items()]


def apply(video: Video, move: str, now: datetime) -> bool:
    arguments: dict[str, tuple[object, ...]] = {
        "start_processing": (),
        "request_encode": (now,),
        "publish": (SECOND, now),
        "fail": ("It broke.",),
        "delete_soon": (now,),
    }
    return bool(getattr(video, move)(*arguments[move]))


class VideoTests:
    @pytest.mark.parametrize(("move", "before", "after"), CASES)
    def test_moves_only_as_the_table_says(self, alice, now, move, before, after):
        video = in_status(alice, before)
        moved = apply(video, move, now)
        assert (moved, *fields(video, "status"), video.status) == (
            after is not None,
            after or before,
            after or before,
        )

    @pytest.mark.parametrize("move", list(TRANSITIONS))
    def test_never_moves_once_deleted(self, alice, now, move):
        video = factories.failed(alice, deleted_at=now)
        before = Video.objects.values().get(pk=video.pk)
        assert (apply(video, move, now + timedelta(1)), Video.objects.values().get(pk=video.pk)) == (
            False,
            before,
        )

    def test_follows_the_database_where_memory_is_old(self, alice, now):
        video = factories.video(alice, status="processing")
        Video.objects.filter(pk=video.pk).update(deleted_at=now)
        assert (video.publish(SECOND, now), *fields(video, "status", "version")) == (False, "processing", "")

    def test_forgets_the_failure_when_tried_again(self, alice, now):
        video = factories.failed(alice, progress=40)
        video.request_encode(now)
        assert fields(video, "failure", "progress", "encode_requested_at") == ("", 0, now)

    def test_deletes_only_once(self, alice, now):
        video = factories.ready(alice)
        video.delete_soon(now)
        assert (video.delete_soon(now + timedelta(1)), *fields(video, "deleted_at")) == (False, now)


class ProgressTests:
    @pytest.mark.parametrize(
        ("reported", "moved", "shown"), [(40, True, 40), (39, False, 40), (41, True, 41)]
    )
    def test_never_goes_back(self, alice, now, reported, moved, shown):
        video = factories.video(alice, status="processing", progress=40)
        assert (video.report_progress(reported, now), *fields(video, "progress")) == (moved, shown)

    @pytest.mark.parametrize("status", ["uploading", "ready", "failed"])
    def test_is_for_videos_that_are_processed(self, alice, now, status):
        video = in_status(alice, status)
        before = fields(video, "progress", "eta_at")
        assert (video.report_progress(100, now), fields(video, "progress", "eta_at")) == (False, before)

    def test_takes_the_video_out_of_the_queue(self, alice, now):
        video = factories.video(alice, status="processing", queue_position=3)
        video.report_progress(1, now)
        assert fields(video, "queue_position", "eta_at") == (None, now)


class PublishTests:
    def test_points_viewers_at_the_new_version(self, alice, now):
        video = factories.video(alice, status="processing", progress=97, queue_position=1, eta_at=now)
        video.publish(SECOND, now)
        names = [
            "playable",
            "version",
            "duration_ms",
            "stored_bytes",
            "published_at",
            "progress",
            "queue_position",
            "eta_at",
        ]
        assert fields(video, *names) == ("final", "a2", 65_000, 1234, now, 100, None, None)

    def test_replaces_the_renditions(self, alice, now):
        video = factories.ready(alice)
        video.publish(SECOND, now)
        assert list(video.renditions.order_by("-height").values_list("name", "width", "height", "kbps")) == [
            ("720p", 1280, 720, 2500),
            ("360p", 640, 360, 500),
        ]

    def test_keeps_the_day_it_was_first_published(self, alice, now):
        video = factories.ready(alice)
        video.publish(SECOND, now + timedelta(days=1))
        assert fields(video, "published_at") == (factories.AT,)

    def test_leaves_the_renditions_alone_when_refused(self, alice, now):
        video = factories.ready(alice, deleted_at=now)
        video.publish(SECOND, now)
        assert list(video.renditions.values_list("name", flat=True)) == ["360p"]


READY = {"status": "ready", "playable": "final", "version": "a1", "published_at": factories.AT}


class VideoConstraintTests:
    @pytest.mark.parametrize(
        ("name", "wrong"),
        [
            ("video_has_a_failure_exactly_when_failed", {"status": "failed"}),
            ("video_has_a_failure_exactly_when_failed", {"failure": "It broke."}),
            ("video_has_a_version_exactly_when_playable", {"version": "a1"}),
            ("video_has_a_version_exactly_when_playable", {"playable": "growing"}),
            ("video_is_ready_only_when_final", {**READY, "playable": "growing"}),
            ("video_has_a_time_exactly_when_playable", {**READY, "published_at": None}),
            ("video_has_a_time_exactly_when_playable", {"published_at": factories.AT}),
            ("video_progress_is_per_cent", {"progress": 101}),
        ],
    )
    def test_refuses_what_must_not_be(self, alice, name, wrong):
        with pytest.raises(IntegrityError, match=name):
            factories.video(alice, **wrong)

    def test_refuses_a_rendition_twice(self, alice):
        video = factories.ready(alice)
        with pytest.raises(IntegrityError):
            Rendition.objects.create(video=video, name="360p", width=1, height=1, kbps=1)


class UploadTests:
    @pytest.mark.parametrize(
        ("size", "count", "last"), [(1, 1, 1), (5, 1, 5), (6, 2, 1), (12, 3, 2), (15, 3, 5)]
    )
    def test_cuts_a_file_into_parts(self, size, count, last):
        upload = Upload(size=size, part_size=5)
        sizes = [upload.size_of_part(number) for number in range(1, upload.part_count + 1)]
        assert (len(sizes), sizes[-1], sum(sizes)) == (count, last, size)

    def test_is_completed_by_whoever_learns_it_first(self, alice, now):
        upload = factories.upload(factories.video(alice))
        upload.mark_completed(now)
        upload.mark_completed(now + timedelta(1))
        assert Upload.objects.values_list("state", "completed_at").get() == ("completed", now)

    @pytest.mark.parametrize("wrong", [{"state": "completed"}, {"completed_at": factories.AT}])
    def test_has_a_time_exactly_when_completed(self, alice, wrong):
        with pytest.raises(IntegrityError, match="upload_has_a_time_exactly_when_completed"):
            factories.upload(factories.video(alice), **wrong)


class ClockTextTests:
    @pytest.mark.parametrize(
        ("seconds", "text"),
        [(0, "0:00"), (65, "1:05"), (3599, "59:59"), (3661, "1:01:01"), (36000, "10:00:00")],
    )
    def test_reads_like_a_players_clock(self, seconds, text):
        assert clock_text(seconds) == text
