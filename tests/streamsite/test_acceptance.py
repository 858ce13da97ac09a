"""The parts of `make demo` that decide and read, without a site."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from streamsite.acceptance import listing
from streamsite.acceptance.clips import NoClips, clips_in, folder_name
from streamsite.acceptance.report import Report
from streamsite.acceptance.viewer import _Player

MULTIVARIANT = """#EXTM3U
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",NAME="Sound",URI="audio/media.m3u8"
#EXT-X-STREAM-INF:BANDWIDTH=900,CODECS="avc1.64001f,mp4a.40.2",RESOLUTION=1280x720,AUDIO="audio"
720p/media.m3u8
#EXT-X-STREAM-INF:BANDWIDTH=500,RESOLUTION=640x360,AUDIO="audio"
360p/media.m3u8
#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=90,RESOLUTION=1280x720,URI="720p/iframes.m3u8"
"""
MEDIA = """#EXTM3U
#EXT-X-MAP:URI="init.mp4"
#EXTINF:6.000000,
00000.m4s

#EXTINF:1.600000,
00001.m4s
#EXT-X-ENDLIST
"""
KEYS = [
    *(
        "file",
        "status",
        "reason",
        "duration_s",
        "renditions",
        "segments",
        "watchable_after_s",
        "ready_after_s",
    ),
    *("source_bytes", "stored_bytes", "refused_without_cookies"),
]
VIDEO = {
    "id": "an id",
    "status": "ready",
    "failure": "",
    "duration_seconds": 5.28,
    "renditions": [{"name": "360p", "width": 640, "height": 360, "kbps": 531}],
}


class ListingTests:
    def test_names_the_variants_and_the_sound_of_a_multivariant_playlist(self):
        found = listing.parse(MULTIVARIANT)
        assert found.lines == ("720p/media.m3u8", "360p/media.m3u8")
        assert found.attributes == ("audio/media.m3u8", "720p/iframes.m3u8")
        assert found.sounds == ("Sound",)
        assert found.resolutions == ((1280, 720), (640, 360))

    def test_names_the_segments_and_the_init_of_a_media_playlist(self):
        assert listing.parse(MEDIA) == listing.Listing(("00000.m4s", "00001.m4s"), ("init.mp4",), (), True)

    def test_says_that_a_cut_off_playlist_has_not_ended(self):
        assert not listing.parse(MEDIA.removesuffix("#EXT-X-ENDLIST\n")).ended

    def test_does_not_take_a_group_id_or_a_name_for_an_address(self):
        assert listing.parse('#EXT-X-MEDIA:NAME="URI=x",GROUP-ID="a"').attributes == ()

    def test_names_each_sheet_of_a_storyboard_once(self):
        cues = ["a-000.jpg#xywh=0,0,160,90", "a-000.jpg#xywh=160,0,160,90", "a-001.jpg#xywh=0,0,160,90"]
        assert listing.sheets("WEBVTT\n\n" + "\n\n".join(cues)) == ("a-000.jpg", "a-001.jpg")


class PlayerTests:
    def test_is_found_by_its_storyboard(self):
        page = '<img src="a.png"><stream-player src="/m.m3u8" poster="/p.jpg" storyboard="/s.vtt"><video src="/m.m3u8">'
        player = _Player()
        player.feed(page)
        assert player.found == {"src": "/m.m3u8", "poster": "/p.jpg", "storyboard": "/s.vtt"}


class ReportTests:
    def test_has_its_keys_in_their_order(self):
        assert list(json.loads(Report("clip.mp4").as_json())) == KEYS

    def test_of_a_ready_video_is_what_the_api_tells(self):
        report = Report("a clip.mp4")
        report.describe(VIDEO)
        assert (report.status, report.reason, report.duration_s) == ("ready", None, 5.28)
        assert report.renditions == [{"width": 640, "height": 360, "kbps": 531}]

    def test_of_a_failed_video_has_the_reason_and_no_numbers(self):
        failed = {**VIDEO, "status": "failed", "failure": "No.", "duration_seconds": None, "renditions": []}
        report = Report("a.txt")
        report.describe(failed)
        assert (report.status, report.reason, report.duration_s) == ("failed", "No.", None)
        assert (report.renditions, report.segments, report.ready_after_s) == ([], 0, None)

    @pytest.mark.parametrize("name", ['a "quoted" \n name', "für.mp4", os.fsdecode(b"not-utf-8-\xff.mp4")])
    def test_is_one_line_of_ascii_whatever_the_name(self, name):
        line = Report(name).as_json()
        assert line.isascii() and "\n" not in line and json.loads(line)["file"] == name


class ClipsTests:
    def test_of_a_file_are_the_file(self, tmp_path: Path):
        (tmp_path / "README.mp4").touch()
        assert clips_in(tmp_path / "README.mp4") == (tmp_path / "README.mp4",)

    def test_of_a_folder_are_its_files_by_name_but_for_readme_and_manifest(self, tmp_path: Path):
        names = ["b it's.mp4", 'a "b".mp4', ".hidden", "README.md", "README", "MANIFEST.tsv"]
        for name in names:
            (tmp_path / name).touch()
        (tmp_path / "folder").mkdir()
        assert [clip.name for clip in clips_in(tmp_path)] == [".hidden", 'a "b".mp4', "b it's.mp4"]

    def test_are_missing_in_an_empty_folder(self, tmp_path: Path):
        with pytest.raises(NoClips, match="no file to try"):
            clips_in(tmp_path)

    def test_are_missing_where_nothing_is(self, tmp_path: Path):
        with pytest.raises(NoClips, match="no file or folder"):
            clips_in(tmp_path / "nothing")


class FolderNameTests:
    @pytest.mark.parametrize(
        ("name", "folder"),
        [
            pytest.param('a "b" it\'s.mp4', '3-a "b" it\'s.mp4', id="quotes and spaces stay"),
            pytest.param("..", "3-..", id="never one of the file system's own"),
            pytest.param("a/../b\x00\n.mp4", "3-a_.._b__.mp4", id="no slashes, no control characters"),
            pytest.param("ü" * 127, "3-" + "ü" * 100, id="short enough, at a whole character"),
        ],
    )
    def test_is_safe(self, name, folder):
        assert folder_name(3, name) == folder
