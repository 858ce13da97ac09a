"""From a source in S3 to a published version, with the real ffmpeg."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.utils import timezone

from tests.transcode.conftest import make_clip, media_keys
from transcode import pipeline, process, queue, work
from transcode.chunks import Chunk
from transcode.core import check, media
from transcode.core.mp4 import boxes
from transcode.core.playlist import parse_media_playlist
from transcode.models import Job
from videos import keys, storage
from videos.models import Video

pytestmark = pytest.mark.ffmpeg


def work_off() -> int:
    return work.work_until_idle(timezone.now, lambda: None)


def read(job: Job, name: str) -> bytes:
    key = keys.version_prefix(job.video_id, job.video.epoch, job.version) + name
    return b"".join(storage.read_media(key, "").blocks)


def ended(job: Job) -> Video:
    work_off()
    job.refresh_from_db()
    return Video.objects.get(pk=job.video_id)


class PublishedVersionTests:
    @pytest.fixture
    def job(self, job_of, clip: Path) -> Job:
        job: Job = job_of(clip.read_bytes())
        ended(job)
        return job

    def test_is_what_viewers_are_pointed_at(self, job):
        video = Video.objects.get()
        assert (video.status, video.version, video.progress, video.duration_ms) == ("ready", "a1", 100, 2000)
        assert [(r.name, r.width, r.height) for r in video.renditions.all()] == [
            ("360p", 640, 360),
            ("240p", 426, 240),
        ]

    def test_lists_sound_and_picture_with_their_real_codecs(self, job):
        text = read(job, "multivariant.m3u8").decode()
        assert 'URI="audio/media.m3u8"' in text
        assert 'CODECS="avc1.6400' in text and "mp4a.40.2" in text
        assert "RESOLUTION=640x360,FRAME-RATE=25.000" in text

    def test_holds_every_file_its_playlists_name(self, job):
        stored = set(media_keys(job))
        for track in ("360p", "audio"):
            listed = parse_media_playlist(read(job, f"{track}/media.m3u8").decode())
            names = {listed.init, *(name for name, _ in listed.segments)}
            assert {f"a1/{track}/{name}" for name in names} <= stored

    def test_begins_at_zero_in_picture_and_sound(self, job):
        for track in ("360p", "audio"):
            segment = read(job, f"{track}/c0a1-00000.m4s")
            assert first_decode_time(segment) == 0

    def test_has_poster_and_storyboard(self, job):
        assert read(job, "poster.jpg")[:2] == read(job, "storyboard-000.jpg")[:2] == b"\xff\xd8"
        assert "storyboard-000.jpg#xywh=0,0,160,90" in read(job, "storyboard.vtt").decode()

    def test_counts_its_own_bytes(self, job):
        prefix = keys.version_prefix(job.video_id, job.video.epoch, job.version)
        sizes = [len(b"".join(storage.read_media(key, "").blocks)) for key in storage.list_media(prefix)]
        assert Video.objects.get().stored_bytes == sum(sizes)

    def test_leaves_nothing_on_the_workers_disk(self, job, work_dir):
        assert list((work_dir / "attempts").iterdir()) == []


def first_decode_time(segment: bytes) -> int:
    """Return baseMediaDecodeTime of the first fragment (ISO/IEC 14496-12, tfdt)."""
    at = segment.index(b"tfdt")
    version = segment[at + 4]
    return int.from_bytes(segment[at + 8 : at + (16 if version else 12)])


class LadderTests:
    def test_is_cut_at_the_same_places_in_every_rung(self, job_of, tmp_path):
        job = job_of(make_clip(tmp_path, "hd.mp4", seconds=13, size="1280x720").read_bytes())
        assert ended(job).status == Video.Status.READY
        cuts = [
            [
                seconds
                for _, seconds in parse_media_playlist(read(job, f"{name}/media.m3u8").decode()).segments
            ]
            for name in ("720p", "480p", "360p")
        ]
        assert cuts == [[2.0] * 6 + [1.0]] * 3

    def test_carries_no_tag_over(self, job_of, tmp_path):
        extra = ("-metadata", "location=+48.8584+002.2945/", "-metadata", "title=SECRET-TITLE")
        job = job_of(make_clip(tmp_path, "tagged.mp4", extra=extra).read_bytes())
        assert ended(job).status == Video.Status.READY
        everything = b"".join(read(job, key.removeprefix("a1/")) for key in media_keys(job))
        assert b"SECRET-TITLE" not in everything and b"48.8584" not in everything

    def test_shows_a_turned_phone_video_upright(self, job_of, tmp_path):
        flat = make_clip(tmp_path, "flat.mp4")
        command = (django_settings.FFMPEG, "-v", "error", "-display_rotation", "90", "-i", flat.name)
        process.run((*command, "-c", "copy", "turned.mp4"), tmp_path, silence=30)
        ended(job_of((tmp_path / "turned.mp4").read_bytes()))
        best, _ = Video.objects.get().renditions.all()
        assert (best.width, best.height) == (360, 640)

    def test_manages_without_sound(self, job_of, tmp_path):
        job = job_of(make_clip(tmp_path, "silent.mp4", extra=("-an",)).read_bytes())
        assert ended(job).status == Video.Status.READY
        assert "AUDIO" not in read(job, "multivariant.m3u8").decode()


class RefusedTests:
    @pytest.mark.parametrize(
        "data",
        [
            pytest.param(b"just some words, no video", id="text"),
            pytest.param(b"\x00" * 100_000, id="zeros"),
            pytest.param(b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n", id="a playlist"),
            pytest.param(b"ffconcat version 1.0\nfile /etc/passwd\n", id="a script"),
            pytest.param(b"<html><script>alert(1)</script></html>", id="a page"),
        ],
    )
    def test_are_files_that_are_no_video(self, job_of, data):
        video = ended(job_of(data))
        assert (video.status, video.failure) == (Video.Status.FAILED, media.NOT_A_VIDEO)
        assert Job.objects.get().failures == 0

    def test_is_sound_without_a_picture(self, job_of, tmp_path):
        make_clip(tmp_path, "sound.m4a", extra=("-vn",))
        assert ended(job_of((tmp_path / "sound.m4a").read_bytes())).failure == media.NO_PICTURE

    def test_is_a_file_that_ends_too_early(self, job_of, tmp_path):
        whole = make_clip(
            tmp_path, "w.mp4", seconds=10, extra=("-movflags", "faststart", "-g", "25")
        ).read_bytes()
        assert ended(job_of(whole[: len(whole) // 2])).failure == check.CUT_SHORT

    def test_leave_the_next_video_unaffected(self, job_of, clip):
        job_of(b"no video")
        good = job_of(clip.read_bytes())
        assert work_off() == 2
        assert Video.objects.get(pk=good.video_id).status == Video.Status.READY

    def test_leave_no_object_behind(self, job_of):
        job = job_of(b"no video")
        ended(job)
        assert media_keys(job) == []


class NoMemoryTests:
    def test_hands_a_video_back_without_a_try_and_says_what_it_needs(self, job_of, clip, settings, caplog):
        settings.MEMORY_MB = 64
        job = job_of(clip.read_bytes())
        assert ended(job).status == Video.Status.PROCESSING
        assert (job.state, job.failures, media_keys(job)) == (Job.State.QUEUED, 0, [])
        assert job.retry_at is not None and job.retry_at > timezone.now() - timedelta(minutes=1)
        assert "never fits here; set LADDER_TOP lower" in caplog.text

    def test_hands_a_chunk_back_and_another_host_makes_it(self, job_of, settings, tmp_path):
        job = job_of(make_clip(tmp_path, "long.mp4", seconds=44, size="320x240").read_bytes())
        held = queue.claim(now=timezone.now(), lease=timedelta(minutes=1), worker="larger")
        assert isinstance(held, Job)
        pipeline.work_on(held, timezone.now, lambda: None)
        settings.MEMORY_MB = 64
        work_off()
        assert set(Chunk.objects.values_list("state", "failures")) == {(Chunk.State.QUEUED, 0)}
        settings.MEMORY_MB = 0
        Chunk.objects.update(retry_at=None)
        assert ended(job).status == Video.Status.READY


class TryAgainTests:
    def test_follows_a_program_that_dies_of_a_signal(self, job_of, clip, settings, tmp_path):
        settings.FFMPEG = str(script(tmp_path, "kill -SEGV $$"))
        job = job_of(clip.read_bytes())
        assert ended(job).status == Video.Status.PROCESSING
        assert (job.state, job.failures) == (Job.State.QUEUED, 1)

    def test_ends_after_three_failures_with_a_sentence(self, job_of, clip, settings, tmp_path):
        settings.SANDBOX = False
        settings.FFMPEG = str(script(tmp_path, "echo the last words >&2; kill -SEGV $$"))
        settings.RETRY_SECONDS = 0.001
        job = job_of(clip.read_bytes())
        clock = Ticking()
        work.work_until_idle(clock, lambda: None)
        video = Video.objects.get()
        assert (video.status, video.failure) == (Video.Status.FAILED, work.OURS)
        job.refresh_from_db()
        assert job.attempt == 3 and "the last words" in job.detail

    def test_follows_output_that_a_full_disk_cut(self, job_of, clip, settings, tmp_path):
        # What ffmpeg's HLS muxer does on a full disk: files cut short, exit status 0.
        settings.SANDBOX = False
        settings.FFMPEG = str(
            script(
                tmp_path,
                f'{settings.FFMPEG} "$@" || exit; case "$*" in *-progress*) ;; *) exit 0;; esac; '
                "for f in */*00000.m4s; do truncate -s -100 $f; done",
            )
        )
        job = job_of(clip.read_bytes())
        assert ended(job).status == Video.Status.PROCESSING
        # S3 notices, too, if it happens while the file is on its way there.
        assert job.state == Job.State.QUEUED and job.detail.startswith(("Unfit", "ClientError"))

    def test_follows_a_source_that_arrived_damaged(self, job_of, clip):
        job = job_of(clip.read_bytes())
        Job.objects.update(part_size=1024**2, source_etag=job.source_etag.replace("-1", "-9"))
        ended(job)
        assert job.state == Job.State.QUEUED and job.failures == 1


class DeadlyTests:
    def test_file_is_given_up_after_it_took_many_workers_along(self, job_of, clip, settings):
        job = job_of(clip.read_bytes())
        Job.objects.update(deaths=settings.MAX_DEATHS)
        video = ended(job)
        assert (video.status, video.failure) == (Video.Status.FAILED, work.OURS)
        assert job.detail == f"{settings.MAX_DEATHS} workers died on it."


class NoRoomTests:
    def test_costs_no_try_and_leaves_the_others_to_other_hosts(self, job_of, clip):
        first, second = job_of(clip.read_bytes()), job_of(clip.read_bytes())
        Job.objects.filter(pk=first.pk).update(source_size=2**60)
        assert work_off() == 1
        first.refresh_from_db()
        second.refresh_from_db()
        assert [(job.state, job.failures) for job in (first, second)] == [(Job.State.QUEUED, 0)] * 2
        assert first.retry_at is not None and second.attempt == 0


class RemoveOutputTests:
    """After LeaseLost, which a lost answer to COMMIT looks like, too."""

    def test_leaves_what_viewers_see(self, job_of, clip):
        job = job_of(clip.read_bytes())
        ended(job)
        work._remove_output(job)
        assert "a1/multivariant.m3u8" in media_keys(job)

    def test_removes_what_nobody_was_pointed_at(self, job_of, clip):
        job = job_of(clip.read_bytes())
        ended(job)
        Video.objects.update(version="a2")
        Job.objects.update(version="a2")
        work._remove_output(job)
        assert media_keys(job) == []

    def test_has_the_sweep_look_once_more_at_a_job_that_is_over(self, job_of, clip):
        job = job_of(clip.read_bytes())
        ended(job)
        Job.objects.update(tidied=True)
        work._remove_output(job)
        assert not Job.objects.get().tidied


class NoSampleTests:
    def test_of_sound_leaves_the_picture_watchable(self, job_of, tmp_path):
        make_clip(tmp_path, "picture.mkv", extra=("-an",))
        command = (django_settings.FFMPEG, "-v", "error", "-i", "picture.mkv")
        nothing = (
            "-f",
            "lavfi",
            "-t",
            "1",
            "-i",
            "sine",
            "-map",
            "0",
            "-map",
            "1",
            "-c:v",
            "copy",
            "-c:a",
            "aac",
        )
        process.run((*command, *nothing, "-bsf:a", "noise=drop=1", "empty.mkv"), tmp_path, silence=30)
        job = job_of((tmp_path / "empty.mkv").read_bytes())
        assert ended(job).status == Video.Status.READY
        assert "AUDIO" not in read(job, "multivariant.m3u8").decode()

    def test_of_picture_for_the_last_seconds_is_no_damage(self, job_of, tmp_path):
        extra = ("-filter_complex", "[1]apad=whole_dur=8[a]", "-map", "0:v", "-map", "[a]", "-f", "matroska")
        job = job_of(make_clip(tmp_path, "late.mkv", seconds=2, extra=extra).read_bytes())
        assert ended(job).status == Video.Status.READY


class Ticking:
    """A clock that moves a minute each time it is looked at, from when the files of the tests were made."""

    def __init__(self) -> None:
        self.now = timezone.now()

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


class LostTests:
    def test_lease_stops_the_work_and_takes_its_output_along(self, job_of, clip, settings):
        job = job_of(clip.read_bytes())
        job.video.delete_soon(timezone.now())
        Job.objects.update(state=Job.State.RUNNING, leased_until=timezone.now(), attempt=1)
        job.refresh_from_db()
        work._work(job, Ticking(), lambda: None)
        assert media_keys(job) == []
        assert Job.objects.get().state == Job.State.RUNNING

    def test_attempt_is_handed_back_when_the_worker_stops(self, job_of, clip):
        job = job_of(clip.read_bytes())
        held = queue.claim(now=timezone.now(), lease=timedelta(seconds=30), worker="w")
        assert held is not None
        process.stopping.set()
        try:
            work._work(held, timezone.now, lambda: None)
        finally:
            process.stopping.clear()
        job.refresh_from_db()
        assert (job.state, job.failures) == (Job.State.QUEUED, 0)


class SilentTests:
    def test_program_is_ended_and_tried_again(self, job_of, clip, settings, tmp_path):
        settings.SANDBOX = False
        settings.FFMPEG = str(script(tmp_path, "sleep 600"))
        settings.SILENCE_SECONDS = 0.5
        job = job_of(clip.read_bytes())
        ended(job)
        assert job.state == Job.State.QUEUED and "Silent" in job.detail


def script(folder: Path, text: str) -> Path:
    path = folder / "ffmpeg"
    path.write_text(f"#!/bin/sh\nPATH=/usr/bin:/bin\n{text}\n")
    path.chmod(0o755)
    return path


class OwnOutputTests:
    def test_is_accepted_by_an_independent_reader(self, job_of, clip, tmp_path):
        job = job_of(clip.read_bytes())
        ended(job)
        (tmp_path / "joined.mp4").write_bytes(
            read(job, "360p/c0a1-init.mp4") + read(job, "360p/c0a1-00000.m4s")
        )
        command = (
            django_settings.FFPROBE,
            "-v",
            "error",
            "-count_frames",
            "-show_streams",
            "-of",
            "json",
            "joined.mp4",
        )
        (stream,) = json.loads(process.run(command, tmp_path, silence=30))["streams"]
        assert (stream["nb_read_frames"], stream["width"], stream["height"]) == ("50", 640, 360)

    def test_is_made_of_whole_boxes(self, job_of, clip):
        job = job_of(clip.read_bytes())
        ended(job)
        assert [kind for kind, _, _ in boxes(read(job, "360p/c0a1-init.mp4"))] == ["ftyp", "moov"]


class BrokenSoundTests:
    def test_does_not_cost_the_picture(self, job_of, tmp_path):
        make_clip(tmp_path, "good.mkv")
        command = (
            django_settings.FFMPEG,
            "-v",
            "error",
            "-i",
            "good.mkv",
            "-c",
            "copy",
            "-bsf:a",
            "noise=amount=1",
        )
        process.run((*command, "bad.mkv"), tmp_path, silence=30)
        job = job_of((tmp_path / "bad.mkv").read_bytes())
        assert ended(job).status == Video.Status.READY
        assert "AUDIO" not in read(job, "multivariant.m3u8").decode()


class LowRateTests:
    def test_source_in_h264_does_not_grow(self, job_of, tmp_path):
        make_clip(
            tmp_path,
            "low.mp4",
            seconds=6,
            size="480x480",
            extra=("-b:v", "40k", "-maxrate", "40k", "-bufsize", "40k"),
        )
        source = (tmp_path / "low.mp4").read_bytes()
        job = job_of(source)
        ended(job)
        names = [key.removeprefix("a1/") for key in media_keys(job) if key.startswith("a1/480p/")]
        assert sum(len(read(job, name)) for name in names) < len(source)
