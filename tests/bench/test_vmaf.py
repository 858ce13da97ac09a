from __future__ import annotations

from pathlib import Path

import pytest

from bench import ours, vmaf
from tests.transcode import encoding

pytestmark = pytest.mark.ffmpeg


class ScoreTests:
    @pytest.mark.parametrize("size", ["1280x720", "320x180"])
    def test_of_a_fine_copy_is_high_where_the_source_has_no_tags(self, tmp_path: Path, size: str):
        # As HD and as SD, whose missing tags mean different colours.
        made = ("-c:v", "libx264", "-preset", "ultrafast", "-crf", "10", "-pix_fmt", "yuv420p", "-an")
        source = encoding.clip(tmp_path, "source.mp4", *made, picture=f"testsrc2=d=0.5:s={size}:r=30")
        copy = ours.encode(source, tmp_path / "copy", ours.effort(), crf=10)
        best = copy.plan.renditions[0]
        file = copy.joined(best.name)
        assert vmaf.score(file, source, (best.width, best.height), copy.plan, tmp_path) > 95
