"""Picture and sound within 20 ms of each other from start to end, whatever the source."""

from __future__ import annotations

from typing import Any

import pytest

from tests.transcode import encoding, flashbeep

pytestmark = pytest.mark.ffmpeg

AAC = ("-c:a", "aac")
MOST = 0.020
SOURCES: dict[str, tuple[str, dict[str, Any], tuple[str, ...]]] = {
    "constant": ("a.mp4", {}, AAC),
    "ntsc": ("a.mp4", {"rate": "30000/1001"}, AAC),
    "120 frames a second": ("a.mp4", {"rate": "120"}, AAC),
    "variable": ("a.mp4", {"rate": "30"}, ("-vf", "select='not(eq(mod(n,7),3))'", "-fps_mode", "vfr", *AAC)),
    "a pause in the picture": (
        "a.mp4",
        {"seconds": 8},
        ("-vf", "select='not(between(t,1.7,4.2))'", "-fps_mode", "vfr", *AAC),
    ),
    "late sound": ("a.mp4", {}, ("-af", "atrim=start=0.237", *AAC)),
    "late sound, variable": (
        "a.mkv",
        {"rate": "60"},
        (
            "-vf",
            "select='not(eq(mod(n,7),3))'",
            "-fps_mode",
            "vfr",
            "-af",
            "atrim=start=0.237",
            "-c:a",
            "libopus",
        ),
    ),
    "late picture": ("a.mp4", {}, ("-vf", "trim=start=0.2", *AAC)),
    "a clock that stood at 100": ("a.mkv", {}, ("-output_ts_offset", "100", *AAC)),
    # Their muxer makes up for frames that come late by a gap behind the first packet of sound.
    "fragments without an edit list": (
        "a.mp4",
        {},
        ("-bf", "2", *AAC, "-movflags", "frag_keyframe+empty_moov"),
    ),
    "the same of film": (
        "a.mp4",
        {"rate": "24"},
        ("-bf", "2", *AAC, "-movflags", "frag_keyframe+empty_moov"),
    ),
    "a small hole in the sound": (
        "a.mkv",
        {},
        ("-af", "aselect='not(between(t,1.6,1.66))'", "-c:a", "pcm_s16le"),
    ),
    "a hole in the sound": ("a.mkv", {}, ("-af", "aselect='not(between(t,0.6,1.1))'", "-c:a", "pcm_s16le")),
    "transport stream": ("a.ts", {"hertz": 44_100}, ("-c:a", "mp2")),
    "program stream": ("a.mpg", {}, ("-c:v", "mpeg2video", "-c:a", "mp2")),
    "windows media": ("a.wmv", {}, ("-c:v", "wmv2", "-c:a", "wmav2")),
    "telephone": ("a.3gp", {"hertz": 8000}, ("-c:a", "libopencore_amrnb", "-ac", "1", "-b:a", "12.2k")),
    "96 kHz": ("a.mkv", {"hertz": 96_000}, ("-c:a", "flac")),
    "surround": ("a.mp4", {}, ("-af", "pan=5.1|FC=c0|FL=0*c0|FR=0*c0|LFE=0*c0|BL=0*c0|BR=0*c0", *AAC)),
}


def offsets(made: encoding.Encoded) -> list[float]:
    """Return by how much each beep follows its flash, in seconds."""
    heard = flashbeep.beeps(made.folder)
    return [min((beep - flash for beep in heard), key=abs) for flash in flashbeep.flashes(made.folder, "90p")]


class LipSyncTests:
    @pytest.mark.parametrize("kind", SOURCES)
    def test_is_kept_from_start_to_end(self, tmp_path, kind):
        name, options, more = SOURCES[kind]
        made = encoding.encode(flashbeep.make(tmp_path, name, *more, **options))
        found = offsets(made)
        assert len(found) >= 4 and max(map(abs, found)) <= MOST

    @pytest.mark.parametrize("hertz", [44_100, 48_000])
    @pytest.mark.parametrize("b_frames", ["0", "2"])
    def test_is_kept_where_both_are_copied(self, tmp_path, hertz, b_frames):
        source = flashbeep.make(tmp_path, "a.mp4", "-bf", b_frames, "-g", "25", *AAC, hertz=hertz)
        made = encoding.encode(source, is_kept=True)
        found = offsets(made)
        assert made.plan.sounds[0].is_kept and len(found) >= 4 and max(map(abs, found)) <= MOST

    def test_is_kept_where_an_edit_list_cuts(self, tmp_path):
        flashbeep.make(tmp_path, "whole.mp4", "-g", "50", "-bf", "2", *AAC, rate="50", seconds=6)
        encoding.run(tmp_path, "-ss", "1.3", "-i", "whole.mp4", "-c", "copy", "cut.mp4")
        made = encoding.encode(tmp_path / "cut.mp4")
        assert max(map(abs, offsets(made))) <= MOST
        # Not from the keyframe at 1.0, which the edit list hides.
        assert flashbeep.flashes(made.folder, "90p")[0] == pytest.approx(0.1, abs=0.021)

    def test_is_measured_from_a_first_picture_at_zero(self, tmp_path):
        made = encoding.encode(flashbeep.make(tmp_path, "a.mkv", "-output_ts_offset", "100", *AAC))
        times = sorted(flashbeep._picture_times(made.whole("90p").read_bytes()))
        assert times[0] == 0 and times[-1] == pytest.approx(3.96)
