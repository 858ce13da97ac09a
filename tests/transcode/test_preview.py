"""What is shown of a source before all of it is here."""

from __future__ import annotations

from datetime import timedelta
from itertools import count
from pathlib import Path

import m3u8
import pytest
from django.utils import timezone

from tests.factories import AT
from tests.transcode.conftest import make_clip, media_keys
from tests.transcode.encoding import run
from tests.transcode.test_engine import NOTHING, next_one, work_once
from tests.transcode.test_work import read
from transcode import fetch, pipeline, preview, ways, work
from transcode.core import mp4
from transcode.core.playlist import MULTIVARIANT
from transcode.models import Clock, Job
from videos.models import GrowingPlaylist, Video

pytestmark = pytest.mark.ffmpeg
STANDARD = (
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
    "-g",
    "75",
)


@pytest.fixture(scope="module", params=["index at the end", "index at the start"])
def source(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("standard")
    extra = (*STANDARD, "-movflags", "faststart") if "start" in request.param else STANDARD
    return make_clip(folder, "standard.mp4", seconds=48, extra=extra).read_bytes()


class MostHere(fetch.Arrival):
    """A source of which the last tenth does not come."""

    def read_ahead(self, start: int, end: int) -> None:
        pass

    def wait(self, there: int | None = None) -> None:
        pass

    @property
    def is_whole(self) -> bool:
        return False


def most_of(job: Job, folder: Path, data: bytes) -> MostHere:
    path = folder / "source"
    index = mp4.find_index(data[: preview.HEAD_BYTES])
    assert index is not None
    behind = data[index.start :] if index.end is None else b""
    path.write_bytes(data[: len(data) * 9 // 10].ljust(len(data) - len(behind), b"\0") + behind)
    return MostHere(job, path, len(data) * 9 // 10, NOTHING)


def preview_of(job: Job, data: bytes, clock: Clock = timezone.now) -> bool:
    """Show what there is of a source of which the end is missing; False if nothing can be."""
    with pipeline._bench(job, clock) as bench:
        arrival = most_of(job, bench.folder, data)
        return pipeline._show_early(job, bench, arrival, clock) is not None


def shown_objects(job: Job) -> dict[str, dict[str, bytes]]:
    """Return all objects that a viewer may have by now, by track."""
    found = {}
    for growing in GrowingPlaylist.objects.exclude(name=MULTIVARIANT):
        track = growing.name.partition("/")[0]
        listed = m3u8.loads(growing.text)
        assert not listed.is_endlist
        names = [*(each.uri for each in listed.segment_map), *(each.uri for each in listed.segments)]
        found[track] = {name: read(job, f"{track}/{name}") for name in names}
    return found


class PreviewTests:
    @pytest.mark.parametrize(
        ("keeps", "tracks"),
        [(True, {"360p", "audio"}), (False, {"360p", "240p", "audio"})],
        ids=["kept", "encoded"],
    )
    def test_shows_the_beginning_with_the_files_that_will_stay(self, job_of, source, settings, keeps, tracks):
        settings.KEEP_TOP, settings.PREVIEW_BYTES = keeps, 0
        job = next_one_of(job_of(source))
        assert preview_of(job, source)
        early = shown_objects(job)
        video = Video.objects.get()
        assert video.playable == "growing" and 6000 <= (video.watchable_ms or 0) <= 38_000
        # An init segment and three others.
        assert early.keys() == tracks and all(len(objects) >= 4 for objects in early.values())
        Job.objects.update(state="queued", leased_until=None, attempt=0)
        work.work_until_idle(timezone.now, NOTHING)
        job.refresh_from_db()
        assert (job.state, job.version) == ("succeeded", "a1"), job.detail
        assert {
            track: {name: read(job, f"{track}/{name}") for name in early[track]} for track in early
        } == early

    @pytest.mark.parametrize("keeps", [True, False], ids=["kept", "encoded"])
    def test_of_a_silent_video_does_not_say_that_it_ends(self, job_of, source, settings, tmp_path, keeps):
        (tmp_path / "loud.mp4").write_bytes(source)
        run(tmp_path, "-i", "loud.mp4", "-an", "-c", "copy", "silent.mp4")
        data = (tmp_path / "silent.mp4").read_bytes()
        settings.KEEP_TOP, settings.PREVIEW_BYTES = keeps, 0
        preview_of(next_one_of(job_of(data)), data)
        texts = list(GrowingPlaylist.objects.values_list("text", flat=True))
        assert texts and not any("#EXT-X-ENDLIST" in text for text in texts)

    def test_is_not_made_of_fragments(self, job_of, source, settings, tmp_path):
        (tmp_path / "whole.mp4").write_bytes(source)
        options = ("-movflags", "frag_keyframe+empty_moov+global_sidx")
        run(tmp_path, "-i", "whole.mp4", "-c", "copy", *options, "fragments.mp4")
        data = (tmp_path / "fragments.mp4").read_bytes()
        settings.PREVIEW_BYTES = 0
        assert not preview_of(next_one_of(job_of(data)), data)

    def test_says_nothing_of_frames_that_are_only_copied(self, job_of, source, settings):
        settings.PREVIEW_BYTES = 0
        seconds = count()
        # So that each beat is heard.
        preview_of(next_one_of(job_of(source)), source, lambda: AT + timedelta(seconds=2 * next(seconds)))
        job = Job.objects.get()
        assert job.leased_until is not None and job.leased_until > AT + timedelta(seconds=30)
        assert job.frames_done == 0

    @pytest.mark.parametrize("keeps", [True, False], ids=["kept", "encoded"])
    def test_changes_nothing_of_what_is_published(self, job_of, source, settings, keeps):
        settings.KEEP_TOP, settings.PREVIEW_BYTES = keeps, 0
        job = job_of(source)
        work.work_until_idle(timezone.now, NOTHING)
        job.refresh_from_db()
        assert (job.state, job.version) == ("succeeded", "a1"), job.detail
        assert Video.objects.get().duration_ms == pytest.approx(48_000, abs=50)

    def test_is_not_made_of_what_is_small(self, job_of, source):
        job = job_of(source)
        work_once()
        assert Video.objects.get().playable == "growing" and media_keys(job)


def next_one_of(job: Job) -> Job:
    taken = next_one()
    assert isinstance(taken, Job) and taken.pk == job.pk
    return taken


# Noise, so that half a minute of it is more than what is looked at first.
NOISE = ("-vf", "noise=alls=40:allf=t", "-qp", "14", "-g", "75")
IN_ORDER = {
    "a.mkv": (*NOISE, "-bf", "2"),
    "b.mkv": (*NOISE, "-bf", "2", "-x264-params", "open-gop=1", "-c:a", "libopus"),
    "a.webm": (
        *("-vf", "noise=alls=40:allf=t", "-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "16"),
        *("-b:v", "4M", "-minrate", "4M", "-maxrate", "4M", "-c:a", "libopus"),
    ),
}


class Coming(fetch.Arrival):
    """A source that comes as far as it is waited for."""

    data = b""

    def read_ahead(self, start: int, end: int) -> None:
        with self.path.open("r+b") as file:
            file.seek(start)
            file.write(self.data[start:end])

    def wait(self, there: int | None = None) -> None:
        self.read_ahead(self.there, there or self.size)
        self.there = there or self.size

    @property
    def is_whole(self) -> bool:
        return self.there >= self.size


def coming(job: Job, folder: Path, data: bytes) -> Coming:
    with (folder / "source").open("wb") as file:
        file.truncate(len(data))
    arrival = Coming(job, folder / "source", 0, NOTHING)
    arrival.data = data
    return arrival


@pytest.fixture(scope="module", params=IN_ORDER)
def in_order(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder, extra = tmp_path_factory.mktemp("in-order"), IN_ORDER[request.param]
    return make_clip(folder, request.param, seconds=70, size="320x240", extra=extra).read_bytes()


class InOrderTests:
    """Matroska and WebM have their packets one after another, and their index behind them."""

    def test_are_shown_as_they_will_stay_before_the_rest_is_here(self, job_of, in_order, settings):
        settings.PREVIEW_BYTES = 0
        job = next_one_of(job_of(in_order))
        with pipeline._bench(job, timezone.now) as bench:
            arrival = coming(job, bench.folder, in_order)
            early = pipeline._show_early(job, bench, arrival, timezone.now)
            assert early is not None and arrival.there < len(in_order) * 0.95
            arrival.wait()
            assert ways.plan_for(job.way, bench, str(job)) == early
        objects = shown_objects(job)
        assert objects.keys() == {"240p", "audio"} and all(len(each) >= 4 for each in objects.values())

    def test_are_not_shown_by_what_is_not_here(self, job_of, in_order):
        job = next_one_of(job_of(in_order))
        with pipeline._bench(job, timezone.now) as bench:
            arrival = coming(job, bench.folder, in_order)
            arrival.wait(len(in_order) // 3)
            assert not preview._has_beginning(bench, arrival.there)


class IndexTests:
    def test_is_found_at_either_end(self, source):
        found = mp4.find_index(source[: preview.HEAD_BYTES])
        assert found is not None and source[found.start + 4 : found.start + 8] == b"moov"

    @pytest.mark.parametrize(
        "head", [b"", b"RIFF" * 9, bytes(64), b"\0\0\0\x10ftypisom" + bytes(60)], ids=repr
    )
    def test_is_not_found_in_anything_else(self, head):
        assert mp4.find_index(head) is None
