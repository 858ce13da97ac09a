"""What a worker takes next, and how the chunks of a job come together."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from accounts.models import User
from tests import factories
from transcode import queue
from transcode.core.spans import Span
from transcode.models import Chunk, Job, LeaseLost
from videos.models import Video

LEASE = timedelta(seconds=30)
SPANS = tuple(Span(number, 150 * number, 150) for number in (1, 2, 3))


def take(now: datetime, worker: str = "w1") -> queue.Work | None:
    return queue.claim(now=now, lease=LEASE, worker=worker)


def laid_out(owner: User, now: datetime) -> Job:
    """A job whose first span is being made, with three chunks for whoever is free."""
    job = factories.job(factories.video(owner, status=Video.Status.PROCESSING), queued_at=now)
    taken = Job.objects.take(job.pk, now, LEASE, "first")
    assert taken
    taken.begin_version({"a": "plan"}, 600, now)
    taken.lay_out(SPANS)
    return taken


def chunk_of(now: datetime, worker: str = "w1") -> Chunk:
    taken = take(now, worker)
    assert isinstance(taken, Chunk)
    return taken


class OrderTests:
    def test_of_chunks_is_that_of_the_video(self, alice, now):
        laid_out(alice, now)
        assert [chunk_of(now).number for _ in SPANS] == [1, 2, 3]
        assert take(now) is None

    def test_puts_what_makes_a_video_watchable_before_the_rest_of_another(
        self, alice, charlie, now, settings
    ):
        settings.OWNER_SLOTS = 0
        laid_out(alice, now)
        # As much is worked on for both.
        busy = laid_out(charlie, now)
        Chunk.objects.filter(job=busy).delete()
        fresh = factories.job(factories.video(charlie, status=Video.Status.PROCESSING), queued_at=now + LEASE)
        assert take(now) == fresh

    def test_puts_the_owner_first_for_whom_least_is_worked_on(self, alice, charlie, now):
        laid_out(alice, now)
        theirs = factories.job(
            factories.video(charlie, status=Video.Status.PROCESSING), queued_at=now + LEASE
        )
        assert take(now) == theirs

    def test_leaves_a_worker_to_others_when_one_owner_has_many(self, alice, now, settings):
        settings.OWNER_SLOTS = 2
        laid_out(alice, now)
        assert isinstance(take(now), Chunk)
        assert take(now) is None

    def test_leaves_deleted_videos_alone(self, alice, now):
        laid_out(alice, now).video.delete_soon(now)
        assert take(now) is None
        assert queue.claimable(now) == 0


class ChunkTests:
    def test_is_taken_over_when_its_lease_ran_out(self, alice, now):
        laid_out(alice, now).wait({})
        first = chunk_of(now)
        Chunk.objects.exclude(pk=first.pk).delete()
        second = chunk_of(now + LEASE, "w2")
        assert (second.pk, second.attempt, second.deaths) == (first.pk, 2, 1)
        with pytest.raises(LeaseLost):
            first.succeed({}, 150)

    def test_hears_that_its_video_was_deleted(self, alice, now):
        job = laid_out(alice, now)
        chunk = chunk_of(now)
        job.video.delete_soon(now)
        with pytest.raises(LeaseLost):
            chunk.renew(now + LEASE, 10)

    def test_waits_for_the_time_to_try_again(self, alice, now):
        laid_out(alice, now).wait({})
        chunk = chunk_of(now)
        Chunk.objects.exclude(pk=chunk.pk).delete()
        chunk.retry_later("it broke", now + LEASE, now)
        assert take(now) is None
        assert chunk_of(now + LEASE).failures == 1

    def test_goes_with_its_job_when_that_is_cancelled(self, alice, charlie, now):
        job = laid_out(alice, now)
        chunk = chunk_of(now)
        assert job.cancel(now, charlie)
        with pytest.raises(LeaseLost):
            chunk.renew(now + LEASE, 1)
        with pytest.raises(LeaseLost):
            chunk.succeed({}, 1)
        with pytest.raises(LeaseLost):
            chunk.hand_back(now)

    def test_is_once_in_a_job(self, alice, now):
        job = laid_out(alice, now)
        with pytest.raises(IntegrityError), transaction.atomic():
            Chunk.objects.create(job=job, number=1, span=asdict(SPANS[0]))

    def test_keeps_the_span_it_was_given(self, alice, now):
        laid_out(alice, now)
        assert chunk_of(now).planned == SPANS[0]


class TogetherTests:
    def test_job_waits_for_all_of_its_chunks(self, alice, now):
        job = laid_out(alice, now)
        job.wait({})
        for _ in SPANS:
            taken = take(now)
            assert isinstance(taken, Chunk)
            taken.succeed({}, 150)
        again = take(now)
        assert isinstance(again, Job) and (again.pk, again.attempt, again.is_made) == (job.pk, 2, True)

    def test_chunks_may_be_there_before_what_goes_before_them(self, alice, now):
        job = laid_out(alice, now)
        for _ in SPANS:
            chunk_of(now).succeed({}, 150)
        assert take(now) is None
        job.wait({})
        assert take(now) == job

    def test_who_takes_over_from_the_dead_keeps_what_others_made(self, alice, now):
        job = laid_out(alice, now)
        chunk_of(now).succeed({}, 150)
        Chunk.objects.filter(state=Chunk.State.QUEUED).update(retry_at=now + 2 * LEASE)
        again = take(now + LEASE, "w2")
        assert isinstance(again, Job) and (again.pk, again.attempt, again.version) == (job.pk, 2, "a1")
        assert (again.chunks.count(), again.chunks_left) == (3, 2)

    @pytest.mark.parametrize("let_go", [Job.hand_back, lambda job, now: job.retry_later("it hung", now, now)])
    def test_what_is_made_counts_while_nobody_holds_the_job(self, alice, now, let_go):
        job = laid_out(alice, now)
        chunk = chunk_of(now)
        let_go(job, now)
        chunk.succeed({}, 150)
        job.refresh_from_db()
        assert (job.state, job.chunks_left, chunk.deaths) == (Job.State.QUEUED, 2, 0)

    def test_one_that_does_not_fit_drops_them_all_while_nobody_holds_the_job(self, alice, now):
        job = laid_out(alice, now)
        chunk = chunk_of(now)
        job.hand_back(now, now + LEASE)
        chunk.begin_anew(Job.Way.WHOLE, "the seams do not fit", now)
        job.refresh_from_db()
        assert (job.state, job.way, job.chunks.count()) == (Job.State.QUEUED, Job.Way.WHOLE, 0)

    def test_nothing_counts_for_a_job_that_was_cancelled(self, alice, charlie, now):
        job = laid_out(alice, now)
        chunk = chunk_of(now)
        job.cancel(now, charlie)
        with pytest.raises(LeaseLost):
            chunk.succeed({}, 150)

    def test_another_way_drops_them_all(self, alice, now):
        job = laid_out(alice, now)
        chunk = chunk_of(now)
        chunk.begin_anew(Job.Way.WHOLE, "the seams do not fit", now)
        job.refresh_from_db()
        assert (job.state, job.way, job.plan, job.chunks.count()) == (
            Job.State.QUEUED,
            Job.Way.WHOLE,
            None,
            0,
        )
        with pytest.raises(LeaseLost):
            chunk.succeed({}, 150)

    def test_one_that_goes_wrong_too_often_ends_the_job(self, alice, now):
        job = laid_out(alice, now)
        chunk = chunk_of(now)
        chunk.give_up("We could not.", "ffmpeg's last words", now)
        job.refresh_from_db()
        video = Video.objects.get()
        assert (job.state, job.detail, video.failure) == (
            Job.State.FAILED,
            "ffmpeg's last words",
            "We could not.",
        )
        assert not Chunk.objects.exists()

    def test_progress_is_that_of_all_who_work_on_it(self, alice, now):
        job = laid_out(alice, now)
        job.renew(now + LEASE, 150)
        first, second = chunk_of(now, "w1"), chunk_of(now, "w2")
        first.succeed({}, 150)
        second.renew(now + LEASE, 75)
        job.report(now + timedelta(seconds=50))
        video = Video.objects.get()
        assert video.progress == 5 + int(90 * 375 / 600)
        assert video.eta_at == now + timedelta(seconds=50 + 50 * 225 / 375)

    def test_its_end_waits_for_the_slowest_of_them(self, alice, now):
        job, later = laid_out(alice, now), now + timedelta(seconds=50)
        job.renew(later + LEASE, 300)
        first, second = chunk_of(now, "w1"), chunk_of(now, "w2")
        first.succeed({}, 150)
        second.renew(later + LEASE, 15)
        job.report(later)
        assert Video.objects.get().eta_at == later + timedelta(seconds=50 * 135 / 15)

    def test_who_lost_its_lease_drops_nothing(self, alice, now):
        job = laid_out(alice, now)
        job.wait({})
        stale = chunk_of(now)
        Chunk.objects.exclude(pk=stale.pk).delete()
        chunk_of(now + LEASE, "w2")
        with pytest.raises(LeaseLost):
            stale.begin_anew(Job.Way.WHOLE, "it hung", now)
        with pytest.raises(LeaseLost):
            stale.give_up("We could not.", "", now)
        job.refresh_from_db()
        assert (job.state, job.chunks.count()) == (Job.State.WAITING, 1)
