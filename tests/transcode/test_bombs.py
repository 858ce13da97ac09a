"""Work that a small file makes: how much of it is done, and who waits for it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from fractions import Fraction
from socket import gethostname

import pytest
from django.utils import timezone

from tests import factories
from tests.attacks import bombs, workbench
from tests.attacks.payloads import READY
from tests.transcode.test_plan import media
from transcode import queue, work, workshop
from transcode.core import patience
from transcode.core.gate import Limits
from transcode.core.plan import plan_encode
from transcode.models import Job
from videos.models import Video

LEASE = timedelta(seconds=30)


@pytest.mark.ffmpeg
class RepeatedStillTests:
    """AV1 that repeats one still 60 times a second: six minutes of it in 4K are one megabyte.

    What is encoded here is scaled down, for a real one may take hours; of that, only the bound of its plan is looked at.
    """

    def test_is_a_few_bytes_a_frame(self, tmp_path):
        assert len(bombs.looped(tmp_path, "3840x2160", 6)) < 40_000

    def test_is_finished_where_its_plan_is_worth_the_work(self, tmp_path):
        data = bombs.looped(tmp_path, "640x360", 2)
        assert workbench.run(data, tmp_path / "job").end == READY

    def test_of_real_size_may_take_a_few_times_what_such_a_film_is_worth_and_no_more(self, settings):
        film = media(3840, 2160, seconds=360.0, frame_rate=Fraction(60))
        found = patience.patience_for(plan_encode(film), 1024**2, Limits(), settings.MAX_WORK)
        # A day of one core: a quarter of that is what such a film is expected to take, were each picture another.
        assert found.cpu_seconds < 30 * 3600 and found.frames <= 60 * (4 * 360 + patience.LEAST_SECONDS)

    def test_of_a_small_size_is_ended_with_a_sentence_where_it_takes_more(self, tmp_path, settings):
        # A second of CPU, instead of some minutes.
        settings.MAX_WORK = 0.01
        data = bombs.looped(tmp_path, "1280x720", 4)
        assert workbench.run(data, tmp_path / "job").end == patience.TOO_MUCH_WORK


class TurnTests:
    """Two workers; one owner sent many bombs before anybody else came."""

    @pytest.fixture
    def bombs_of(self, alice, now) -> list[Job]:
        return [factories.job(processing(alice), queued_at=now) for _ in range(20)]

    def claim(self, now) -> Job:
        job = queue.claim(now=now, lease=LEASE, worker="w")
        assert isinstance(job, Job)
        return job

    def test_comes_for_others_with_the_next_worker_that_is_free(self, bombs_of, alice, charlie, now):
        first = self.claim(now)
        theirs = factories.job(processing(charlie), queued_at=now + LEASE / 2)
        assert (first.video.owner, self.claim(now)) == (alice, theirs)

    def test_comes_for_everybody_before_it_comes_again(self, bombs_of, alice, now):
        others = [factories.user(f"person{number}") for number in range(5)]
        theirs = {factories.job(processing(one), queued_at=now + timedelta(hours=1)).pk for one in others}
        taken = [self.claim(now) for _ in range(6)]
        assert taken[0].video.owner == alice and {job.pk for job in taken[1:]} == theirs


def processing(owner) -> Video:
    return factories.video(owner, status=Video.Status.PROCESSING)


@pytest.mark.ffmpeg
class SlotTests:
    def test_goes_to_others_after_the_one_bomb_that_runs(self, job_of, charlie, tmp_path):
        """One slot: they wait for one encode of somebody else's, whatever stands before them in the queue."""
        bomb = bombs.looped(tmp_path, "320x180", 1)
        jobs = [job_of(bomb) for _ in range(3)]
        Video.objects.filter(pk=jobs[2].video_id).update(owner=charlie)
        Job.objects.filter(pk=jobs[0].pk).update(state="running", leased_until=timezone.now() + 100 * LEASE)
        work.work_until_idle(timezone.now, lambda: None)
        ended = Job.objects.exclude(finished_at=None).order_by("finished_at").values_list("pk", flat=True)
        assert list(ended) == [jobs[2].pk, jobs[1].pk]


@pytest.mark.ffmpeg
class SpareSlotTests:
    """The one slot of a host is taken, by a worker that has been at it for a while."""

    @pytest.fixture
    def bomb(self, job_of, tmp_path, settings) -> Iterator[Job]:
        settings.ENCODE_SLOTS = 1
        job = job_of(bombs.looped(tmp_path, "320x180", 1))
        with workshop.slot() as free:
            assert free
            yield job

    def hold(self, bomb: Job, minutes: int, host: str) -> None:
        now = timezone.now()
        begun = now - timedelta(minutes=minutes)
        Job.objects.filter(pk=bomb.pk).update(
            state="running", leased_until=now + LEASE, worker=f"{host}:1", started_at=begun
        )

    def theirs(self, job_of, clip, charlie) -> Job:
        job: Job = job_of(clip.read_bytes())
        Video.objects.filter(pk=job.video_id).update(owner=charlie)
        return job

    def test_is_for_others_when_something_takes_long(self, bomb, job_of, clip, charlie):
        self.hold(bomb, 6, gethostname())
        theirs = self.theirs(job_of, clip, charlie)
        assert work.work_until_idle(timezone.now, lambda: None) == 1
        theirs.refresh_from_db()
        assert theirs.state == Job.State.SUCCEEDED

    def test_is_not_for_more_of_the_same_owner(self, bomb, job_of, clip):
        self.hold(bomb, 6, gethostname())
        job_of(clip.read_bytes())
        assert work.work_until_idle(timezone.now, lambda: None) == 0

    @pytest.mark.parametrize(("minutes", "host"), [(1, gethostname()), (6, "elsewhere")])
    def test_stays_free_while_nothing_here_takes_long(self, bomb, job_of, clip, charlie, minutes, host):
        self.hold(bomb, minutes, host)
        self.theirs(job_of, clip, charlie)
        assert work.work_until_idle(timezone.now, lambda: None) == 0
