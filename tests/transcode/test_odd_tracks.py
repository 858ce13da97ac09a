"""Which picture of several is taken, and how fast, from files as ffprobe finds them."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from tests.transcode import encoding
from transcode.core import gate
from transcode.core.media import Refused

pytestmark = pytest.mark.ffmpeg

X264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")
FRAGMENTED = ("-movflags", "frag_keyframe+empty_moov")


def with_an_empty_track(folder: Path, name: str, place: int, *options: str) -> Path:
    """Make a source of two pictures, of which one, large and the default, announces frames and has none."""
    both = ("-map", "0:v", "-map", "0:v", "-map", "1:a", *X264, "-c:a", "aac")
    empty = (f"-filter:v:{place}", "scale=352:288", f"-bsf:v:{place}", "noise=drop=1")
    default = (f"-disposition:v:{place}", "default", f"-disposition:v:{1 - place}", "0")
    return encoding.clip(folder, name, *both, *empty, *default, *options)


class EmptyTrackTests:
    @pytest.mark.parametrize("place", [0, 1])
    @pytest.mark.parametrize(
        ("name", "options"),
        [("a.mkv", ()), ("b.mkv", ("-fflags", "+bitexact")), ("a.mov", FRAGMENTED), ("a.ts", ())],
        ids=["matroska", "matroska without statistics", "fragmented", "transport stream"],
    )
    def test_is_passed_over_wherever_it_stands(self, tmp_path, name, options, place):
        made = encoding.encode(with_an_empty_track(tmp_path, name, place, *options))
        assert made.media.video_index == 1 - place
        assert (made.media.width, made.media.height) == (176, 144)
        assert made.seconds("144p") == pytest.approx(1, abs=0.09)


class PauseTests:
    """A second of frames, five without, and another second."""

    @pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.ts"])
    @pytest.mark.parametrize("rate", ["25", "24000/1001", "30000/1001", "60"])
    def test_does_not_slow_what_moves(self, tmp_path, name, rate):
        pause = ("-vf", "setpts='PTS+5/TB*gte(T,1)'", "-fps_mode", "passthrough", "-an")
        made = encoding.encode(
            encoding.clip(tmp_path, name, *pause, *X264, picture=f"testsrc2=d=2:s=176x144:r={rate}")
        )
        assert made.plan.frame_rate == Fraction(rate)
        assert made.seconds("144p") == pytest.approx(7, abs=0.1)


class VariableTests:
    def test_of_a_screen_that_mostly_rests_is_fast_enough_for_what_moves(self, tmp_path):
        rests = ("-vf", "select='lt(random(1),0.01)+eq(n,0)'", "-fps_mode", "vfr", "-an")
        screen = "testsrc2=d=4:s=176x144:r=1000"
        made = encoding.encode(encoding.clip(tmp_path, "a.mp4", *rests, *X264, picture=screen))
        assert (made.media.claimed_rate or 0) < 15 and made.plan.frame_rate == 30


class UnknownSoundTests:
    """Beside a good picture, also where another track would do."""

    @pytest.mark.parametrize(
        ("name", "codec"),
        [
            ("a.mkv", ("dca", "-strict", "-2", "-ac:a:1", "2")),
            ("b.mkv", ("truehd", "-strict", "-2", "-ac:a:1", "2")),
            ("a.avi", ("adpcm_ms",)),
            ("a.mov", ("adpcm_ima_qt",)),
            ("c.mkv", ("pcm_f64le",)),
        ],
    )
    def test_is_named_as_what_is_wrong(self, tmp_path, name, codec):
        both = ("-map", "0:v", "-map", "1:a", "-map", "1:a", *X264, "-c:a:0", "aac", "-c:a:1", *codec)
        with pytest.raises(Refused) as refused:
            encoding.encode(encoding.clip(tmp_path, name, *both))
        assert str(refused.value) == gate.UNKNOWN_SOUND
