"""What of six speakers is heard on the left and on the right: ITU-R BS.775, annex 4."""

from __future__ import annotations

from array import array
from math import cos, hypot, log10, pi, sin
from pathlib import Path

import pytest

from tests.transcode import encoding

pytestmark = pytest.mark.ffmpeg

HERTZ, LOUD = 48_000, 0.1
# A tone of its own for each speaker, in the order of the layout; each fits into a second a whole number of times.
TONES = {"FL": 500, "FR": 700, "FC": 900, "LFE": 60, "SL": 1100, "SR": 1300}
SIX = "aevalsrc='" + "|".join(f"{LOUD}*sin({hertz}*2*PI*t)" for hertz in TONES.values()) + "':s=48000:d=3"
SILENT = -40.0
# Speaker, and how loud it is on the left and on the right, in decibels beside how loud it was.
LEVELS = [
    ("FL", 0.0, None),
    ("FR", None, 0.0),
    ("FC", -3.0, -3.0),
    ("SL", -3.0, None),
    ("SR", None, -3.0),
    # What two small speakers cannot play the standard leaves out.
    ("LFE", None, None),
]


# As discs, broadcasts and phones have it; where AC-3 says "side", the others say "back". AC-3 also says how loud its centre
# and its surround are to be (ATSC A/52, 5.4.2.4), and is taken at its word; ffmpeg's own would be 4.5 and 6 dB less.
USUAL = ("-center_mixlev", "0.707", "-surround_mixlev", "0.707")
CODECS = {
    "flac": ("5.1", ("-c:a", "flac")),
    "ac3": ("5.1(side)", ("-c:a", "ac3", "-b:a", "640k", *USUAL)),
    "aac": ("5.1", ("-c:a", "aac", "-b:a", "512k")),
}


@pytest.fixture(scope="module", params=CODECS)
def sides(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> list[array[float]]:
    """The second second of the left, and of the right."""
    folder = tmp_path_factory.mktemp("six")
    layout, codec = CODECS[request.param]
    options, tone = ("-c:v", "libx264", "-preset", "ultrafast", *codec), f"{SIX}:c={layout}"
    made = encoding.encode(
        encoding.clip(folder, "a.mkv", *options, picture="testsrc2=d=3:s=64x48", tone=tone)
    )
    return samples(made.whole("audio"))


def samples(path: Path) -> list[array[float]]:
    encoding.run(path.parent, "-ss", "1", "-t", "1", "-i", path.name, "-f", "f32le", "samples")
    both = array("f", (path.parent / "samples").read_bytes())
    return [both[side::2] for side in (0, 1)]


def decibels(side: array[float], hertz: int) -> float:
    """Return how loud a tone is, beside how loud it was."""
    turns = [2 * pi * hertz * n / HERTZ for n in range(len(side))]
    real = sum(sample * cos(turn) for sample, turn in zip(side, turns, strict=True))
    imaginary = sum(sample * sin(turn) for sample, turn in zip(side, turns, strict=True))
    return 20 * log10(max(1e-9, 2 * hypot(real, imaginary) / len(side)) / LOUD)


class DownMixTests:
    @pytest.mark.parametrize(("speaker", "left", "right"), LEVELS, ids=[level[0] for level in LEVELS])
    def test_puts_each_speaker_where_it_stood(self, sides, speaker, left, right):
        for side, wanted in zip(sides, (left, right), strict=True):
            found = decibels(side, TONES[speaker])
            assert found < SILENT if wanted is None else found == pytest.approx(wanted, abs=0.5)
