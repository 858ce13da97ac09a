"""What ffprobe is asked in, and whose fault it is when it gives up."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from django.conf import settings as django_settings

from tests.attacks import bombs
from tests.attacks.payloads import ffmpeg
from tests.transcode.conftest import make_clip
from tests.transcode.local import bench_in
from transcode import probing
from transcode.core import gate
from transcode.core.media import Media, Refused
from transcode.process import CommandFailed
from transcode.sandbox import SMALL, Box

pytestmark = pytest.mark.ffmpeg
MIB = 1024**2


def probe(folder: Path, *boxes: Box) -> Media:
    return probing.probe(bench_in(folder), boxes or probing.PROBE_BOXES)


def keep(path: Path) -> Path:
    """Have a file be the source, alone in its folder."""
    folder = path.parent / "attempt"
    folder.mkdir()
    shutil.move(path, folder / "source")
    return folder


class MemoryTests:
    @pytest.fixture
    def roomy(self, tmp_path) -> Path:
        """A good video that takes 300 MiB to look into, for the font that comes with it."""
        (tmp_path / "font.ttf").write_bytes(bytes(64 * MIB))
        font = ("-attach", "font.ttf", "-metadata:s:t", "mimetype=application/x-truetype-font")
        ffmpeg(tmp_path, "-f", "lavfi", "-i", "testsrc2=d=1:s=64x48:r=5", *font, "roomy.mkv")
        return keep(tmp_path / "roomy.mkv")

    def test_is_refused_by_us_and_not_for_the_file(self, roomy):
        small = Box(memory_bytes=200 * MIB)
        with pytest.raises(Refused):
            probe(roomy, small)
        assert probe(roomy, small, SMALL).width == 64

    @pytest.mark.parametrize("mebibytes", [8, 32, 52, 54, 55, 56, 57, 58, 59, 60, 64])
    def test_that_is_too_little_never_costs_a_good_video(self, tmp_path, mebibytes):
        folder = keep(make_clip(tmp_path, "clip.mp4", seconds=1, size="1280x720"))
        small = Box(memory_bytes=mebibytes * MIB)
        try:
            assert probe(folder, small, SMALL).width == 1280
        except CommandFailed as error:
            assert error.is_killed

    def test_is_the_files_fault_where_no_box_would_do(self, tmp_path):
        (tmp_path / "hungry.mxf").write_bytes(bombs.hungry(tmp_path))
        with pytest.raises(Refused) as refused:
            probe(keep(tmp_path / "hungry.mxf"))
        assert str(refused.value) == gate.TOO_HUNGRY


class FfprobeTests:
    def test_that_misses_a_library_says_nothing_of_the_file(self, tmp_path, settings):
        folder = keep(make_clip(tmp_path, "clip.mp4", seconds=1, size="64x48"))
        program = Path(django_settings.FFMPEG).read_bytes()
        settings.FFPROBE = str(tmp_path / "ffprobe")
        Path(settings.FFPROBE).write_bytes(program.replace(b"\0libm.so.6\0", b"\0libX.so.6\0"))
        Path(settings.FFPROBE).chmod(0o755)
        with pytest.raises(CommandFailed) as failed:
            probe(folder)
        assert (failed.value.status, "libX.so.6" in failed.value.stderr) == (127, True)
