"""Which pictures may be the top rung as they are."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import m3u8
import pytest
from django.utils import timezone

from tests.transcode.boxes import box
from tests.transcode.encoding import clip, run
from tests.transcode.local import bench_in
from tests.transcode.test_engine import NOTHING
from tests.transcode.test_plan import media
from tests.transcode.test_work import read
from transcode import keeping, probing, work
from transcode.core import keep, moov, mp4
from transcode.core.media import Colour, Sound
from transcode.core.moov import Edit, Track
from transcode.core.plan import Plan, plan_encode
from transcode.core.turn import Turn
from transcode.models import Job

STANDARD = media(
    video_codec="h264",
    video_kbps=4000,
    profile="High",
    is_mp4=True,
)
SECOND = Fraction(1)
PLAIN = Track(
    ("avc1",), 60 * SECOND, Fraction(25), SECOND / 25, (Edit(60 * SECOND - SECOND / 25, SECOND / 25),), False
)


class StandardTests:
    def test_picture_is_kept(self):
        assert keep.why_not(STANDARD, PLAIN, 2160) == ""

    @pytest.mark.parametrize(
        "changes",
        [
            {"video_codec": "hevc"},
            {"pixel_format": "yuv422p"},
            {"pixel_format": "yuv420p10le"},
            {"pixel_format": "yuvj420p"},
            {"profile": "High 10"},
            {"has_fields": True},
            {"turn": Turn(("transpose=1",), True)},
            {"stretch": Fraction(4, 3)},
            {"height": 1079, "coded_height": 1079},
            {"width": 1919, "coded_width": 1919},
            {"colour": Colour(transfer="smpte2084")},
            {"colour": Colour(primaries="bt2020")},
            {"colour": Colour(full_range=True)},
            {"frame_rate": Fraction(100)},
            {"video_kbps": 9000},
            {"video_kbps": None},
            {"picture_at": Fraction(1, 2)},
        ],
        ids=str,
    )
    def test_no_other_picture_is(self, changes: dict[str, Any]):
        assert keep.why_not(replace(STANDARD, **changes), PLAIN, 2160)

    def test_one_with_a_few_lines_more_than_its_rung_is_kept_with_all_of_them(self):
        tall = replace(STANDARD, height=1088, coded_height=1088)
        assert keep.why_not(tall, PLAIN, 2160) == ""
        best, below, *_ = plan_encode(tall, keeps_top=True).renditions
        assert (best.name, best.width, best.height, below.height) == ("1080p", 1920, 1088, 720)

    def test_one_above_the_ladder_is_not(self):
        assert keep.why_not(STANDARD, PLAIN, 720)

    @pytest.mark.parametrize(
        "changes",
        [
            {"descriptions": ("avc1", "avc1")},
            {"descriptions": ("avc3",)},
            {"is_fragmented": True},
            {"rate": None},
            {"rate": Fraction(24)},
            {"edits": (Edit(50 * SECOND, SECOND),)},
            {"edits": (Edit(30 * SECOND, SECOND / 25),)},
            {"edits": (Edit(SECOND, None), *PLAIN.edits)},
            {"edits": PLAIN.edits * 2},
            {"edits": ()},
        ],
        ids=str,
    )
    def test_one_is_not_that_a_copy_would_show_otherwise(self, changes: dict[str, Any]):
        assert keep.why_not(STANDARD, replace(PLAIN, **changes), 2160)


AAC = Sound(1, 2, codec="aac", profile="LC", hertz=48_000, kbps=128)
FRAME = Fraction(1024, 48_000)
HEARD = Track(("mp4a",), 60 * SECOND, 1 / FRAME, Fraction(0), (Edit(60 * SECOND - FRAME, FRAME),), False)


class SoundTests:
    def test_aac_is_kept(self):
        assert keep.may_keep_sound(AAC, HEARD)
        assert keep.may_keep_sound(AAC, replace(HEARD, edits=()))

    @pytest.mark.parametrize(
        "changes",
        [
            {"codec": "mp3"},
            {"profile": "HE-AAC"},
            {"channels": 6},
            {"hertz": 96_000},
            {"kbps": 512},
            {"kbps": 0},
        ],
        ids=str,
    )
    def test_no_other_is(self, changes: dict[str, Any]):
        assert not keep.may_keep_sound(replace(AAC, **changes), HEARD)

    @pytest.mark.parametrize(
        "changes",
        [
            {"descriptions": ("mp4a", "mp4a")},
            {"rate": None},
            {"rate": Fraction(48_000, 960)},
            {"edits": (Edit(59 * SECOND, SECOND),)},
            {"edits": (Edit(30 * SECOND, FRAME),)},
            {"edits": (Edit(SECOND, None), *HEARD.edits)},
        ],
        ids=str,
    )
    def test_none_is_of_which_a_copy_would_let_hear_more_or_less(self, changes: dict[str, Any]):
        assert not keep.may_keep_sound(AAC, replace(HEARD, **changes))


@pytest.mark.ffmpeg
class FileTests:
    """The same, of files that ffmpeg wrote."""

    H264 = ("-c:v", "libx264", "-bf", "2", "-g", "50", "-b:v", "300k", "-c:a", "aac")
    PICTURE = "testsrc2=d=4:s=640x360:r=25"

    def why_not(self, folder: Path) -> str:
        return keeping.why_not(probing.probe(bench_in(folder)), folder, 2160)

    @pytest.fixture
    def plain(self, tmp_path: Path) -> Path:
        return clip(tmp_path, "plain.mp4", *self.H264, picture=self.PICTURE, tone="sine=d=4")

    def test_plain_one_is_kept(self, plain, tmp_path):
        plain.rename(tmp_path / "source")
        assert self.why_not(tmp_path) == ""

    def test_sound_of_a_plain_one_is_kept_too(self, plain, tmp_path):
        plain.rename(tmp_path / "source")
        assert keeping.sounds(probing.probe(bench_in(tmp_path)), tmp_path) == {1}

    def test_sound_that_says_elsewhere_what_is_padding_is_not(self, plain, tmp_path):
        gapless = "iTunSMPB= 00000000 00000840 000001CA 00000000003F31F6"
        run(
            tmp_path,
            "-i",
            plain.name,
            "-c",
            "copy",
            "-metadata",
            gapless,
            "-movflags",
            "use_metadata_tags",
            "-f",
            "mp4",
            "source",
        )
        assert keeping.sounds(probing.probe(bench_in(tmp_path)), tmp_path) == frozenset()

    def test_sound_with_a_broken_box_is_not_and_costs_the_picture_nothing(self, plain, tmp_path):
        data = bytearray(plain.read_bytes())
        at = data.rindex(b"elst")
        data[at + 8 : at + 12] = (9).to_bytes(4)
        (tmp_path / "source").write_bytes(data)
        media = probing.probe(bench_in(tmp_path))
        assert keeping.sounds(media, tmp_path) == frozenset() and keeping.why_not(media, tmp_path, 2160) == ""

    def test_sound_that_an_edit_list_cuts_is_not(self, tmp_path):
        clip(tmp_path, "whole.mp4", *self.H264, picture=self.PICTURE, tone="sine=d=4")
        run(
            tmp_path,
            "-i",
            "whole.mp4",
            "-ss",
            "1.1",
            "-i",
            "whole.mp4",
            "-map",
            "0:v",
            "-map",
            "1:a",
            "-c",
            "copy",
            "-f",
            "mp4",
            "source",
        )
        assert keeping.sounds(probing.probe(bench_in(tmp_path)), tmp_path) == frozenset()

    def test_one_with_its_index_at_the_front_is_kept(self, plain, tmp_path):
        run(tmp_path, "-i", plain.name, "-c", "copy", "-movflags", "faststart", "-f", "mp4", "source")
        assert self.why_not(tmp_path) == ""

    def test_one_whose_beginning_was_cut_by_an_edit_list_is_not(self, plain, tmp_path):
        run(tmp_path, "-ss", "1.1", "-i", plain.name, "-c", "copy", "-f", "mp4", "source")
        assert "edit list" in self.why_not(tmp_path)

    def test_one_that_dropped_frames_on_the_way_is_not(self, tmp_path):
        options = ("-vf", "select='not(eq(n,40))'", "-fps_mode", "vfr", *self.H264, "-f", "mp4")
        clip(tmp_path, "source", *options, picture=self.PICTURE, tone="sine=d=4")
        assert "one length" in self.why_not(tmp_path)

    def test_one_whose_keyframes_need_what_goes_before_them_is_not(self, tmp_path):
        options = (*self.H264, "-x264-params", "open-gop=1", "-f", "mp4")
        clip(tmp_path, "source", *options, picture=self.PICTURE, tone="sine=d=4")
        assert self.why_not(tmp_path) == "frame 48 needs others before it"

    def test_one_with_keyframes_far_apart_is_not(self, tmp_path):
        options = (*self.H264, "-g", "400", "-f", "mp4")
        clip(tmp_path, "source", *options, picture="testsrc2=d=20:s=640x360:r=25", tone="sine=d=4")
        assert self.why_not(tmp_path) == "its keyframes are up to 16.0 s apart"

    def test_one_with_a_single_keyframe_is_not(self, tmp_path):
        options = (*self.H264, "-g", "9999", "-f", "mp4")
        clip(tmp_path, "source", *options, picture="testsrc2=d=20:s=640x360:r=25", tone="sine=d=4")
        assert self.why_not(tmp_path) == "its keyframes are up to 20.0 s apart"

    def test_fragments_are_not(self, plain, tmp_path):
        run(tmp_path, "-i", plain.name, "-c", "copy", "-movflags", "frag_keyframe", "-f", "mp4", "source")
        assert self.why_not(tmp_path)

    def test_another_container_is_not(self, plain, tmp_path):
        run(tmp_path, "-i", plain.name, "-c", "copy", "-f", "matroska", "source")
        assert "container" in self.why_not(tmp_path)

    def test_one_that_ends_before_its_tables_is_not(self, plain, tmp_path):
        data = plain.read_bytes()
        (tmp_path / "source").write_bytes(data)
        media = probing.probe(bench_in(tmp_path))
        (tmp_path / "source").write_bytes(data[: data.index(b"moov") + 40])
        assert keeping.why_not(media, tmp_path, 2160) == "no movie box that can be read"


@pytest.mark.ffmpeg
class JobTests:
    """The same, of what goes all the way from an upload to a published version."""

    H264 = ("-c:v", "libx264", "-preset", "veryfast", "-bf", "2", "-b:v", "200k", "-c:a", "aac")
    OPEN = ("-g", "50", "-x264-params", "open-gop=1")

    def make(self, folder: Path, name: str, seconds: int, *options: str) -> bytes:
        picture = f"testsrc2=d={seconds}:s=320x240:r=25"
        return clip(
            folder, name, *self.H264, *options, picture=picture, tone=f"sine=d={seconds}"
        ).read_bytes()

    def work_off(self, job: Job) -> Job:
        work.work_until_idle(timezone.now, NOTHING)
        job.refresh_from_db()
        assert job.state == "succeeded", job.detail
        return job

    @pytest.mark.parametrize("options", [OPEN, ("-g", "400")], ids=["open groups", "long groups"])
    def test_shows_no_copy_of_what_cannot_be_cut(self, job_of, tmp_path, options):
        job = self.work_off(job_of(self.make(tmp_path, "a.mp4", 20, *options)))
        assert job.plan is not None and not Plan.from_json(job.plan).keeps_top
        # Nothing was taken back: it is the first version, and all segments are of our own two seconds.
        segments = m3u8.loads(read(job, "240p/media.m3u8").decode()).segments
        assert (job.version, {segment.duration for segment in segments}) == ("a1", {2.0})


class MoovTests:
    @pytest.mark.parametrize(
        "content",
        [b"", box(b"mvhd"), box(b"mvhd", b"\0"), box(b"free") * 2000],
        ids=["none", "empty", "short", "many"],
    )
    def test_that_says_too_little_or_too_much_is_broken(self, content):
        with pytest.raises(mp4.Broken):
            moov.track(content, 1)
