"""No rung takes more bytes than the picture it was made of, whatever lies beside that and whatever the file claims."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from tests.transcode import encoding

pytestmark = pytest.mark.ffmpeg

# Grain, which an encoder can spend any number of bits on, beside sound that takes ten times as much as it does.
THIN = ("-c:v", "libx264", "-preset", "veryfast", "-b:v", "90k", "-maxrate", "90k", "-bufsize", "90k")
GRAIN = "testsrc2=d=5:s=480x360:r=25,noise=alls=20:allf=t,format=yuv420p"
NOISE = "anoisesrc=d=5:r=48000"
FLAC, AAC = ("-c:a", "flac", "-ac", "2"), ("-c:a", "aac", "-b:a", "320k", "-ac", "2")
DURATION = b"\x44\x89\x88"
SOURCES = {
    "mp4 with flac": ("a.mp4", FLAC),
    "mp4 with aac": ("a.mp4", AAC),
    "fragments": ("a.mp4", (*AAC, "-movflags", "frag_keyframe+empty_moov")),
    "matroska with flac": ("a.mkv", FLAC),
    "matroska with aac": ("a.mkv", AAC),
    "matroska without tags": ("a.mkv", (*AAC, "-fflags", "+bitexact")),
    "matroska as it is broadcast": ("a.mkv", (*FLAC, "-live", "1")),
    "flash": ("a.flv", (*AAC, "-ar", "44100")),
    "transport stream": ("a.ts", AAC),
}


def thin(folder: Path, name: str, *options: str) -> Path:
    return encoding.clip(folder, name, *THIN, *options, picture=GRAIN, tone=NOISE)


def picture_bytes(source: Path) -> int:
    encoding.run(source.parent, "-i", source.name, "-map", "0:v", "-c", "copy", "-f", "data", "picture")
    return (source.parent / "picture").stat().st_size


def rung_bytes(made: encoding.Encoded) -> list[int]:
    folders = (made.folder / rendition.name for rendition in made.plan.renditions)
    return [sum(path.stat().st_size for path in folder.glob("*.m*4*")) for folder in folders]


class RungTests:
    @pytest.mark.parametrize("kind", SOURCES)
    def test_takes_no_more_bytes_than_the_picture_of_its_source(self, tmp_path, kind):
        source = thin(tmp_path, SOURCES[kind][0], *SOURCES[kind][1])
        most = picture_bytes(source)
        assert max(rung_bytes(encoding.encode(source))) <= most

    def test_takes_no_more_bytes_for_a_length_that_nobody_believes(self, tmp_path):
        source = thin(tmp_path, "a.mkv", *FLAC, "-fflags", "+bitexact")
        most, data = picture_bytes(source), source.read_bytes()
        at = data.index(DURATION) + len(DURATION)
        source.write_bytes(data[:at] + struct.pack(">d", 1e9) + data[at + 8 :])
        assert max(rung_bytes(encoding.encode(source))) <= most

    def test_has_the_rate_of_its_source_and_not_less(self, tmp_path):
        made = encoding.encode(thin(tmp_path, "a.ts", *AAC))
        assert made.media.video_kbps == pytest.approx(90, rel=0.2)
