from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from tests import factories
from transcode import queue
from transcode.models import Job, LeaseLost, SweepLease, show_queue_positions
from videos.models import Published, PublishedRendition, Video

LEASE = timedelta(seconds=30)
PUBLISHED = Published("a1", 5000, 1234, (PublishedRendition("360p", 640, 360, 500),))


def claim(now: datetime, worker: str = "w1") -> Job | None:
    taken = queue.claim(now=now, lease=LEASE, worker=worker)
    assert taken is None or isinstance(taken, Job)
    return taken


def claimed(now: datetime) -> Job:
    job = claim(now)
    assert job is not None
    return job


@pytest.fixture
def video(alice: User) -> Video:
    return factories.video(alice, status=Video.Status.PROCESSING)


@pytest.fixture
def job(video: Video) -> Job:
    return factories.job(video)


class ClaimTests:
    def test_takes_a_queued_job_with_a_new_attempt(self, job, now):
        taken = claimed(now)
        assert (taken.pk, taken.state, taken.attempt, taken.worker) == (job.pk, Job.State.RUNNING, 1, "w1")

    def test_leaves_a_leased_job_alone(self, job, now):
        claim(now)
        assert claim(now + LEASE / 2, "w2") is None

    def test_takes_over_a_job_whose_lease_ran_out(self, job, now):
        claim(now)
        taken = claim(now + LEASE, "w2")
        assert taken is not None and (taken.attempt, taken.worker) == (2, "w2")

    def test_waits_for_the_time_to_try_again(self, job, now):
        Job.objects.update(retry_at=now + timedelta(minutes=1))
        assert claim(now) is None
        assert claim(now + timedelta(minutes=1)) is not None

    def test_leaves_deleted_videos_alone(self, job, video, now):
        video.delete_soon(now)
        assert claim(now) is None

    @pytest.mark.parametrize("state", [Job.State.SUCCEEDED, Job.State.FAILED])
    def test_leaves_what_is_over_alone(self, job, now, state):
        Job.objects.update(state=state, finished_at=now)
        assert claim(now) is None

    def test_counts_the_workers_that_died_on_it(self, job, now):
        deaths = [claimed(now + number * LEASE).deaths for number in range(3)]
        assert deaths == [0, 1, 2]

    def test_takes_the_video_out_of_the_queue(self, job, video, now):
        show_queue_positions(now)
        claim(now)
        assert Video.objects.get(pk=video.pk).queue_position is None

    def test_serves_the_owner_who_has_least_running(self, job, alice, charlie, now):
        factories.job(factories.video(alice), queued_at=now)
        late = factories.job(factories.video(charlie), queued_at=now + timedelta(hours=1))
        assert [claimed(now).pk, claimed(now).pk] == [job.pk, late.pk]

    def test_serves_the_oldest_first(self, job, alice, now):
        older = factories.job(factories.video(alice), queued_at=now - timedelta(hours=1))
        assert claimed(now).pk == older.pk


@pytest.mark.django_db(transaction=True)
class RaceTests:
    def test_gives_each_job_to_one_worker(self, alice, now, settings):
        settings.OWNER_SLOTS = 0
        for _ in range(30):
            factories.job(factories.video(alice))

        def claim_all(worker: int) -> list[int]:
            try:
                return [job.pk for job in iter(lambda: claim(now, f"w{worker}"), None)]
            finally:
                connection.close()

        with ThreadPoolExecutor(8) as pool:
            taken = [pk for pks in pool.map(claim_all, range(8)) for pk in pks]
        assert sorted(taken) == sorted(Job.objects.values_list("pk", flat=True))
        assert set(Job.objects.values_list("attempt", flat=True)) == {1}


class ConditionalUpdateTests:
    def test_asks_and_writes_in_one_statement_on_one_table(self, job, now):
        with CaptureQueriesContext(connection) as queries:
            held = claimed(now)
            held.renew(now + LEASE, 0)
            held.hand_back(now)
        updates = [
            query["sql"]
            for query in queries
            if query["sql"].startswith("UPDATE") and "job" in query["sql"][:30]
        ]
        assert len(updates) == 3
        # A subquery would be answered before the row is locked; on MySQL, Django even sends it apart.
        assert not any("SELECT" in update for update in updates)


class LeaseTests:
    def test_is_renewed_by_who_holds_it(self, job, now):
        claimed(now).renew(now + 2 * LEASE, 0)
        assert claim(now + LEASE) is None

    def test_is_lost_to_a_newer_attempt(self, job, now):
        stale = claimed(now)
        claim(now + LEASE, "w2")
        writes: tuple[Callable[[], None], ...] = (
            lambda: stale.renew(now + 9 * LEASE, 0),
            lambda: stale.succeed(PUBLISHED, now),
            lambda: stale.fail("reason", "detail", now),
            lambda: stale.retry_later("detail", now, now),
            lambda: stale.hand_back(now),
            lambda: stale.remember({}, ""),
        )
        for write in writes:
            with pytest.raises(LeaseLost):
                write()

    def test_is_lost_when_the_video_is_deleted(self, job, video, now):
        held = claimed(now)
        video.delete_soon(now)
        with pytest.raises(LeaseLost):
            held.renew(now + LEASE, 0)

    def test_publishes_nothing_for_a_stale_worker(self, job, video, now):
        stale = claimed(now)
        claim(now + LEASE, "w2")
        with pytest.raises(LeaseLost):
            stale.succeed(PUBLISHED, now)
        video.refresh_from_db()
        assert (video.status, video.version) == (Video.Status.PROCESSING, "")

    def test_publishes_nothing_for_a_deleted_video(self, job, video, now):
        held = claimed(now)
        video.delete_soon(now)
        with pytest.raises(LeaseLost):
            held.succeed(PUBLISHED, now)
        job.refresh_from_db()
        assert job.state == Job.State.RUNNING


class EndTests:
    def test_of_success_points_viewers_at_the_version(self, job, video, now):
        claimed(now).succeed(PUBLISHED, now)
        video.refresh_from_db()
        assert (video.status, video.version, video.progress, video.published_at) == ("ready", "a1", 100, now)
        assert [(r.name, r.width) for r in video.renditions.all()] == [("360p", 640)]

    def test_of_failure_tells_the_uploader_and_the_staff(self, job, video, now):
        claimed(now).fail("It is not a video.", "ffprobe: moov atom not found", now)
        video.refresh_from_db()
        job.refresh_from_db()
        assert (video.status, video.failure, job.detail) == (
            Video.Status.FAILED,
            "It is not a video.",
            "ffprobe: moov atom not found",
        )

    def test_of_an_attempt_that_may_go_better_costs_a_try(self, job, now):
        claimed(now).retry_later("disk full", now + LEASE, now)
        job.refresh_from_db()
        assert (job.state, job.failures, job.retry_at) == (Job.State.QUEUED, 1, now + LEASE)

    def test_of_an_attempt_that_found_no_room_waits_and_costs_no_try(self, job, now):
        claimed(now).hand_back(now, now + LEASE)
        job.refresh_from_db()
        assert (job.state, job.failures, job.retry_at) == (Job.State.QUEUED, 0, now + LEASE)

    def test_of_a_worker_costs_no_try(self, job, now):
        claimed(now).hand_back(now)
        job.refresh_from_db()
        assert (job.state, job.failures) == (Job.State.QUEUED, 0)

    def test_by_failure_can_be_asked_again(self, job, video, now):
        claimed(now).fail("reason", "", now)
        video.refresh_from_db()
        video.request_encode(now + LEASE)
        assert Job.objects.asked_again().get().queue_again(now + LEASE)
        assert claimed(now + LEASE).attempt == 2

    def test_by_failure_is_not_asked_again_by_itself(self, job, now):
        claimed(now).fail("reason", "", now)
        assert not Job.objects.asked_again().exists()

    def test_by_failure_is_asked_again_once(self, job, video, now):
        claimed(now).fail("reason", "", now)
        job.refresh_from_db()
        assert [job.queue_again(now), job.queue_again(now)] == [True, False]


class ConstraintTests:
    @pytest.mark.parametrize(
        ("changes", "name"),
        [
            ({"state": "running"}, "job_is_leased_exactly_while_running"),
            ({"state": "failed"}, "job_has_an_end_exactly_when_over"),
        ],
    )
    def test_refuses_what_must_not_be(self, job, changes, name):
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            Job.objects.filter(pk=job.pk).update(**changes)

    def test_allows_one_job_a_video(self, job, video):
        with pytest.raises(IntegrityError), transaction.atomic():
            factories.job(video)


class SweepLeaseTests:
    def test_lets_one_worker_sweep(self, db, now):
        assert [SweepLease.take(now, LEASE), SweepLease.take(now, LEASE)] == [True, False]

    def test_lets_the_next_one_sweep_later(self, db, now):
        SweepLease.take(now, LEASE)
        assert SweepLease.take(now + LEASE, LEASE)


class QueuePositionTests:
    def test_counts_from_one_in_turn(self, job, video, charlie, now):
        second = factories.video(charlie, status=Video.Status.PROCESSING)
        factories.job(second, queued_at=now + timedelta(minutes=1))
        show_queue_positions(now)
        assert [Video.objects.get(pk=v.pk).queue_position for v in (video, second)] == [1, 2]

    def test_costs_two_queries_at_any_length(self, alice, now, django_assert_num_queries):
        for _ in range(5):
            factories.job(factories.video(alice))
        # * read the waiting jobs in turn
        # * write all places at once
        with django_assert_num_queries(2):
            show_queue_positions(now)

    def test_goes_when_work_begins(self, job, video, now):
        show_queue_positions(now)
        video.report_progress(1, None)
        assert Video.objects.get(pk=video.pk).queue_position is None
