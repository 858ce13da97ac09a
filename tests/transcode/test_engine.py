"""Long videos through the whole service: in chunks, kept, and when things go wrong in between."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import m3u8
import pytest
from django.conf import settings as django_settings
from django.utils import timezone

from tests.transcode.conftest import make_clip, media_keys
from tests.transcode.encoding import run
from tests.transcode.test_work import read
from transcode import fetch, growing, pipeline, process, queue, sweep, work
from transcode.core import ledger
from transcode.models import Chunk, Job
from videos import storage
from videos.models import GrowingPlaylist, Video

pytestmark = pytest.mark.ffmpeg
SMALL = ("-vf", "scale=128:96", "-tune", "animation", "-g", "100")
NOTHING = lambda: None  # noqa: E731 (nobody is woken)


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """44 seconds: a first span, and two chunks."""
    folder = tmp_path_factory.mktemp("long")
    return make_clip(folder, "long.mkv", seconds=44, extra=SMALL).read_bytes()


@pytest.fixture(scope="module")
def standard(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A picture that may stay as it is."""
    folder = tmp_path_factory.mktemp("standard")
    extra = (
        "-preset",
        "veryfast",
        "-tune",
        "animation",
        "-b:v",
        "300k",
        "-maxrate",
        "400k",
        "-bufsize",
        "800k",
    )
    return make_clip(folder, "standard.mp4", seconds=24, extra=(*extra, "-g", "75")).read_bytes()


def next_one(worker: str = "w1") -> queue.Work:
    lease = timedelta(seconds=django_settings.LEASE_SECONDS)
    taken = queue.claim(now=timezone.now(), lease=lease, worker=worker)
    assert taken is not None
    return taken


def work_once(worker: str = "w1") -> queue.Work:
    held = next_one(worker)
    work._work(held, timezone.now, NOTHING)
    return held


def decoded_frames(folder: Path, job: Job, track: str) -> int:
    listed = m3u8.loads(read(job, f"{track}/media.m3u8").decode())
    names = [listed.segment_map[0].uri, *(segment.uri for segment in listed.segments)]
    (folder / "joined.mp4").write_bytes(b"".join(read(job, f"{track}/{name}") for name in names))
    command = (
        django_settings.FFMPEG,
        "-v",
        "error",
        "-xerror",
        "-i",
        "joined.mp4",
        "-f",
        "framecrc",
        "pipe:1",
    )
    printed = process.run(command, folder, silence=60)
    return sum(line.startswith("0,") for line in printed.splitlines())


class ChunkedTests:
    def test_video_can_be_watched_after_its_first_span(self, job_of, long):
        job_of(long)
        work_once()
        video = Video.objects.get()
        assert (video.playable, video.status, video.watchable_ms) == ("growing", "processing", 8000)
        listed = m3u8.loads(GrowingPlaylist.objects.get(name="96p/media.m3u8").text)
        assert [segment.duration for segment in listed.segments] == [2, 2, 2, 2]
        assert not listed.is_endlist

    def test_video_grows_with_each_chunk_and_names_no_object_that_is_not_there(self, job_of, long):
        job = job_of(long)
        watchable = []
        while Video.objects.get().status == "processing":
            work_once()
            watchable.append(Video.objects.get().watchable_ms)
            for playlist in GrowingPlaylist.objects.filter(name__contains="/"):
                folder = playlist.name.partition("/")[0]
                named = {f"a1/{folder}/{segment.uri}" for segment in m3u8.loads(playlist.text).segments}
                assert named <= set(media_keys(job))
        assert watchable == [8000, 20000, 44000, None]

    def test_video_is_whole_in_the_end(self, job_of, long, tmp_path):
        job = job_of(long)
        assert work.work_until_idle(timezone.now, NOTHING) == 4
        video = Video.objects.get()
        job.refresh_from_db()
        assert (video.status, video.playable, video.duration_ms, job.way) == (
            "ready",
            "final",
            44_000,
            "keep",
        )
        assert decoded_frames(tmp_path, job, "96p") == 1100

    def test_worker_that_died_at_the_beginning_costs_the_others_nothing(self, job_of, long):
        job = job_of(long)
        first = next_one("dead")
        assert isinstance(first, Job)
        with pipeline._bench(first, timezone.now) as bench, pytest.raises(ZeroDivisionError):
            pipeline._go_on(first, bench, timezone.now, lambda: 1 / 0)
        chunk = work_once("w2")
        Job.objects.update(leased_until=timezone.now())
        work.work_until_idle(timezone.now, NOTHING)
        job.refresh_from_db()
        assert isinstance(chunk, Chunk) and Chunk.objects.get(pk=chunk.pk).attempt == 1
        assert (job.state, job.version, Video.objects.get().status) == ("succeeded", "a1", "ready")

    def test_deletion_in_the_middle_leaves_nothing(self, job_of, long):
        job = job_of(long)
        work_once()
        Video.objects.get().delete_soon(timezone.now())
        assert queue.claim(now=timezone.now(), lease=timedelta(seconds=5), worker="w") is None
        sweep.sweep(timezone.now() + timedelta(minutes=1), NOTHING)
        assert media_keys(job) == [] and not Video.objects.exists()

    def test_what_attempts_left_is_removed_with_the_end(self, job_of, long):
        job = job_of(long)
        work_once()
        lost = next_one()
        assert isinstance(lost, Chunk)
        pipeline.encode(lost, timezone.now)
        Chunk.objects.filter(pk=lost.pk).update(state="queued", made=None)
        Job.objects.update(chunks_left=2)
        work.work_until_idle(timezone.now, NOTHING)
        job.refresh_from_db()
        assert job.state == "succeeded"
        sweep.sweep(timezone.now() + timedelta(minutes=1), NOTHING)
        assert not any("c1a1-" in key for key in media_keys(job))
        assert any("c1a2-" in key for key in media_keys(job))

    def test_what_is_part_of_the_video_stays_when_the_answer_that_it_is_was_lost(self, job_of, long):
        job = job_of(long)
        first, second = work_once(), work_once()
        # Nobody was shown any of it, as when a video that plays is made once more.
        Video.objects.update(version="a0")
        before = media_keys(job)
        for held in (first, second):
            work._remove_output(held)
        assert media_keys(job) == before

    def test_playlists_that_grew_end_although_nobody_told_of_the_last_chunk(self, job_of, long):
        job_of(long)
        work_once()
        lead = list(GrowingPlaylist.objects.values("video_id", "name", "text", "written_at"))
        work_once(), work_once()
        GrowingPlaylist.objects.all().delete()
        GrowingPlaylist.objects.bulk_create(GrowingPlaylist(**row) for row in lead)
        Video.objects.update(watchable_ms=8000)
        work_once()
        assert Video.objects.get().status == "ready"
        for text in GrowingPlaylist.objects.filter(name__contains="/").values_list("text", flat=True):
            listed = m3u8.loads(text)
            assert listed.is_endlist and sum(one.duration for one in listed.segments) == pytest.approx(
                44, 0.01
            )

    def test_worker_that_was_overtaken_shows_nothing(self, job_of, long):
        job_of(long)
        work_once()
        stale = Job.objects.get()
        plan = pipeline._plan_of(stale)
        assert stale.made
        lead = ledger.load_all(stale.made)
        Job.objects.update(attempt=2)
        GrowingPlaylist.objects.all().delete()
        assert not growing.show(stale, plan, lead, timezone.now())
        assert not GrowingPlaylist.objects.exists()

    def test_segments_of_a_sound_that_was_left_out_are_removed_with_the_end(self, job_of, long, tmp_path):
        job = job_of(long)
        work_once()
        job.refresh_from_db()
        (tmp_path / "left.m4s").write_bytes(b"sound")
        storage.store(f"{job.prefix}audio-2/c0a1-00000.m4s", tmp_path / "left.m4s")
        work.work_until_idle(timezone.now, NOTHING)
        sweep.sweep(timezone.now() + timedelta(minutes=1), NOTHING)
        assert not any("audio-2" in key for key in media_keys(job))
        assert any("audio/c0a1-" in key for key in media_keys(job))

    def test_chunks_that_do_not_fit_are_made_again_in_one_piece(self, job_of, long, tmp_path):
        job = job_of(long)
        work_once()
        chunk = next_one()
        assert isinstance(chunk, Chunk)
        # As of a file whose index is wrong: what comes is not what was planned.
        Chunk.objects.filter(pk=chunk.pk).update(span={**chunk.span, "frames": 5000})
        chunk.refresh_from_db()
        work._work(chunk, timezone.now, NOTHING)
        job.refresh_from_db()
        assert (job.way, job.state) == (Job.Way.WHOLE, Job.State.QUEUED)
        work.work_until_idle(timezone.now, NOTHING)
        job.refresh_from_db()
        assert (job.state, Video.objects.get().status) == ("succeeded", "ready")
        assert decoded_frames(tmp_path, job, "96p") == 1100


class KeptTests:
    def test_picture_is_watchable_in_whole_before_anything_is_encoded(self, job_of, standard):
        job_of(standard)
        work_once()
        video = Video.objects.get()
        assert (video.playable, video.watchable_ms) == ("growing", 24_000)
        assert m3u8.loads(GrowingPlaylist.objects.get(name="360p/media.m3u8").text).is_endlist
        assert not GrowingPlaylist.objects.filter(name__startswith="240p")

    def test_picture_gets_the_other_rungs_beside_it(self, job_of, standard, tmp_path):
        job = job_of(standard)
        work.work_until_idle(timezone.now, NOTHING)
        job.refresh_from_db()
        assert Video.objects.get().status == "ready"
        top, low = (m3u8.loads(read(job, f"{name}/media.m3u8").decode()) for name in ("360p", "240p"))
        assert [one.duration for one in top.segments] == [one.duration for one in low.segments]
        assert {one.uri[:4] for one in top.segments} == {"c0a1"}
        assert decoded_frames(tmp_path, job, "360p") == decoded_frames(tmp_path, job, "240p") == 600

    def test_picture_is_encoded_where_keeping_is_switched_off(self, job_of, standard, settings):
        settings.KEEP_TOP = False
        job_of(standard)
        work_once()
        assert GrowingPlaylist.objects.filter(name="240p/media.m3u8").exists()

    def test_picture_of_a_worker_that_died_at_the_end_is_made_once_more(self, job_of, standard):
        job = job_of(standard)
        first = next_one("dead")
        assert isinstance(first, Job)
        nothing = lambda: None  # noqa: E731
        with (
            pipeline._bench(first, timezone.now) as bench,
            fetch.arriving(first, bench.folder, nothing) as arrival,
        ):
            pipeline._begin(first, bench, arrival, timezone.now, nothing)
        Job.objects.update(leased_until=timezone.now())
        work.work_until_idle(timezone.now, NOTHING)
        job.refresh_from_db()
        assert (job.state, job.version, Video.objects.get().status) == ("succeeded", "a1", "ready")


class OnlyAnnouncedTests:
    """A track of sound that the file announces, and that holds none."""

    def test_sound_is_not_shown_while_the_picture_grows(self, job_of, long, tmp_path):
        job_of(without_samples_of_sound(tmp_path, long))
        work_once()
        shown = GrowingPlaylist.objects.get(name="multivariant.m3u8").text
        assert Video.objects.get().playable == "growing"
        assert not m3u8.loads(shown).media


def without_samples_of_sound(folder: Path, data: bytes) -> bytes:
    (folder / "whole").write_bytes(data)
    run(folder, "-i", "whole", "-c", "copy", "-bsf:a", "noise=drop=1", "announced.mkv")
    return (folder / "announced.mkv").read_bytes()


class EpochTests:
    def test_left_on_the_way_begins_anew_in_the_other(self, job_of, long):
        job = job_of(long)
        work_once()
        Video.objects.update(epoch="0123456789abcdef")
        work.work_until_idle(timezone.now, NOTHING)
        job.refresh_from_db()
        assert (job.state, job.epoch, job.version) == ("succeeded", "0123456789abcdef", "a2")
        assert Video.objects.get().status == "ready"


class WakeTests:
    def test_brings_another_worker_while_there_is_more(self, job_of, long, settings):
        settings.MOST_WAKES = 0
        job_of(long)
        heard: list[int] = []
        work.work_until_idle(
            timezone.now, lambda: heard.append(Chunk.objects.claimable(timezone.now()).count())
        )
        # With the job all was taken, with each of its chunks there was one less.
        assert heard == [1]
