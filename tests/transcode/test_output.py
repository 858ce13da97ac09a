"""What a worker reads of what ffmpeg left, which may have been written by somebody who took ffmpeg over."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.transcode.boxes import box, fragment, init
from transcode import encoding
from transcode.encoding import Bench

PREFIX = "c0a1-"


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    (tmp_path / "attempt" / "720p").mkdir(parents=True)
    return Bench(tmp_path / "attempt", PREFIX, 1000, lambda frames: None)


@pytest.fixture
def track(bench: Bench) -> Path:
    return bench.folder / "720p"


def listing(segment: str, first: str = f"{PREFIX}init.mp4") -> str:
    return f'#EXTM3U\n#EXT-X-MAP:URI="{first}"\n#EXTINF:2.0,\n{segment}\n#EXT-X-ENDLIST\n'


class OutputTests:
    def test_is_what_the_playlist_names(self, bench, track):
        (track / "media.m3u8").write_text(listing(f"{PREFIX}00000.m4s"))
        (track / f"{PREFIX}init.mp4").write_bytes(init())
        (track / f"{PREFIX}00000.m4s").write_bytes(box(b"styp") + fragment([7, 7]))
        found = encoding.output("720p", bench)
        assert found.header.codec == "avc1.64001f" and found.frames == 2

    @pytest.mark.parametrize("is_absolute", [True, False])
    def test_reads_no_file_of_others(self, bench, track, is_absolute):
        theirs = bench.folder.parent / "00000.m4s"
        theirs.write_bytes(box(b"styp") + fragment([7, 7]))
        (track / "media.m3u8").write_text(listing(str(theirs) if is_absolute else "../../00000.m4s"))
        found = encoding.output("720p", bench)
        assert not found.files and not found.playlist.segments

    @pytest.mark.parametrize("is_absolute", [True, False])
    def test_writes_no_file_of_others(self, bench, track, is_absolute):
        """What lies behind an init segment goes into the first segment, which is the one that the playlist names."""
        theirs = bench.folder.parent / "theirs.pth"
        (track / "media.m3u8").write_text(listing(str(theirs) if is_absolute else "../../theirs.pth"))
        (track / f"{PREFIX}init.mp4").write_bytes(init() + b"import os")
        encoding.output("720p", bench)
        assert not theirs.exists()

    def test_reads_no_init_segment_of_others(self, bench, track):
        (bench.folder.parent / "init.mp4").write_bytes(init())
        (track / "media.m3u8").write_text(listing(f"{PREFIX}00000.m4s", "../../init.mp4"))
        assert encoding.output("720p", bench).init is None

    @pytest.mark.parametrize("text", [b"\xff\xfe\x00", b"#EXTINF:never,\nx\n", b'#EXT-X-MAP:URI="'])
    def test_is_nothing_where_the_playlist_is_none(self, bench, track, text):
        (track / "media.m3u8").write_bytes(text)
        assert not encoding.output("720p", bench).files

    def test_has_no_more_in_memory_than_a_segment_takes(self, bench, track):
        (track / "media.m3u8").write_text(listing(f"{PREFIX}00000.m4s"))
        with (track / f"{PREFIX}00000.m4s").open("wb") as file:
            file.truncate(encoding.MOST_FILE_BYTES + 1)
        assert not encoding.output("720p", bench).files[f"{PREFIX}00000.m4s"].fragments
