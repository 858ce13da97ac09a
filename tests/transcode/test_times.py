"""Sources whose clocks are wrong: out of order, beginning anew, slow, or with none at all."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from tests.transcode import encoding, flashbeep
from tests.transcode.local import produce
from transcode.core.playlist import parse_media_playlist

pytestmark = pytest.mark.ffmpeg

PICTURE = "testsrc2=d=2:s=176x144:r=25"
PLAIN = ("-c:v", "libx264", "-preset", "ultrafast", "-bf", "0", "-an")
TICKS = "/25/TB"
# Each pair of frames says it is shown the other way around.
SWAPPED = f"setts=pts=(N+1-2*mod(N\\,2)){TICKS}:dts=(N-2){TICKS}"


def joined(folder: Path) -> Path:
    """A second, and another that begins at the same time as the first."""
    one = encoding.clip(folder, "one.ts", *PLAIN, picture=encoding.PICTURE)
    (folder / "source.ts").write_bytes(one.read_bytes() * 2)
    return folder / "source.ts"


def source(folder: Path, kind: str) -> Path:
    if kind == "a clock that begins anew":
        return joined(folder)
    name, *options = {
        "swapped in matroska": ("a.mkv", *PLAIN, "-bsf:v", SWAPPED),
        "swapped in a transport stream": ("a.ts", *PLAIN, "-bsf:v", SWAPPED),
        "frames out of order, and no clock": ("a.avi", "-c:v", "mpeg4", "-bf", "2", "-an"),
    }[kind]
    return encoding.clip(folder, name, *options, picture=PICTURE)


def times(folder: Path) -> list[float]:
    """Return when each frame is shown, in order."""
    return sorted(flashbeep._picture_times(encoding.whole(folder, "144p").read_bytes()))


class UnorderedTests:
    @pytest.mark.parametrize(
        "kind",
        [
            "swapped in matroska",
            "swapped in a transport stream",
            "frames out of order, and no clock",
            "a clock that begins anew",
        ],
    )
    def test_come_out_in_order_from_0_and_as_long_as_they_were(self, tmp_path, kind):
        source(tmp_path, kind).rename(tmp_path / "source")
        made = produce(tmp_path)
        frames, published = made.frames, made.published
        assert times(tmp_path) == [pytest.approx(n / 25, abs=0.001) for n in range(frames)]
        # Where the order is wrong, ffmpeg may give up a frame or two at each end.
        assert frames == pytest.approx(50, abs=3) and published.duration_ms == frames * 40


class SlowTests:
    """10.4 frames a second: a second has no whole number of frames, and neither has a segment."""

    def test_is_cut_at_the_first_frame_after_six_seconds(self, tmp_path):
        slow = "testsrc2=d=15:s=176x144:r=52/5"
        made = encoding.encode(encoding.clip(tmp_path, "a.mp4", *PLAIN, picture=slow))
        listed = parse_media_playlist((tmp_path / "144p" / "media.m3u8").read_text()).segments
        assert [seconds for _, seconds in listed] == pytest.approx(
            [63 / 10.4, 63 / 10.4, 30 / 10.4], abs=0.002
        )
        assert made.plan.frame_rate == Fraction(52, 5) and len(times(made.folder)) == 156
