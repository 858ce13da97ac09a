"""Sources that end before their time, and those that only look as if they did."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.transcode import encoding
from tests.transcode.local import produce
from transcode.core import check
from transcode.core.media import Refused

pytestmark = pytest.mark.ffmpeg

PICTURE = "testsrc2=d=20:s=128x96:r=10"
PLAIN = ("-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac", "-ar", "44100")
UNTAGGED = ("-fflags", "+bitexact")
CLIPS = {
    "flash": ("a.flv", ()),
    "matroska": ("a.mkv", ()),
    "matroska without tags": ("a.mkv", UNTAGGED),
    "windows media": ("a.wmv", ("-c:v", "wmv2", "-c:a", "wmav2")),
}


def source(folder: Path, name: str, *options: str, tone: str = "sine=d=20") -> Path:
    return encoding.clip(folder, name, *PLAIN, *options, picture=PICTURE, tone=tone).rename(folder / "source")


class CutTests:
    # Of windows media that was cut ffprobe tells no length at all.
    @pytest.mark.parametrize("kind", list(CLIPS)[:3])
    @pytest.mark.parametrize("part", [0.3, 0.8])
    def test_is_refused_and_not_published_short(self, tmp_path, kind, part):
        path = source(tmp_path, CLIPS[kind][0], *CLIPS[kind][1])
        path.write_bytes(path.read_bytes()[: int(path.stat().st_size * part)])
        with pytest.raises(Refused) as refused:
            produce(tmp_path)
        assert str(refused.value) == check.CUT_SHORT

    @pytest.mark.parametrize("kind", CLIPS)
    def test_is_not_what_a_whole_file_looks_like(self, tmp_path, kind):
        source(tmp_path, CLIPS[kind][0], *CLIPS[kind][1])
        assert produce(tmp_path).published.duration_ms == pytest.approx(20_000, abs=150)

    @pytest.mark.parametrize("kind", CLIPS)
    def test_is_not_a_picture_that_its_sound_outlasts(self, tmp_path, kind):
        source(tmp_path, CLIPS[kind][0], *CLIPS[kind][1], tone="sine=d=30")
        assert produce(tmp_path).published.duration_ms == pytest.approx(20_000, abs=150)


class EndTests:
    def test_is_that_of_the_longest_track_where_the_pictures_is_not_known(self):
        check.check_end(9.5, 10)
        check.check_end(2, None)
        with pytest.raises(Refused, match="too early"):
            check.check_end(8, 10)
