"""Lip sync, measured: a source that flashes and beeps four tenths past each second, and when its output does.

Times come from the boxes of the output (tfdt, trun, edit list), as players take them; ffmpeg's own demuxer reports
pictures late where composition offsets are negative.
"""

from __future__ import annotations

import array
import struct
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from transcode import process
from transcode.core.mp4 import boxes

FLASH = "color=black:s=160x90:r={rate}:d={seconds},drawbox=c=white:t=fill:enable='lt(mod(t+0.6\\,1)\\,0.2)'"
BEEP = "aevalsrc='if(lt(mod(t+0.6,1),0.1),sin(2*PI*1000*t),0)':s={hertz}:d={seconds}"
SAMPLE_RATE = 48_000


# Where frames of every usual rate begin.
FIRST = 0.4


def make(
    folder: Path, name: str, *options: str, rate: str = "25", seconds: int = 4, hertz: int = 48_000
) -> Path:
    """Make a source; `options` come after both inputs, and end it up in MP4 unless they say otherwise."""
    command = (
        *(settings.FFMPEG, "-v", "error", "-y"),
        *("-f", "lavfi", "-i", FLASH.format(rate=rate, seconds=seconds)),
        *("-f", "lavfi", "-i", BEEP.format(hertz=hertz, seconds=seconds)),
        *("-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", *options, name),
    )
    process.run(command, folder, silence=60)
    return folder / name


def flashes(folder: Path, track: str) -> list[float]:
    """Return when the picture turns bright, in seconds."""
    whole = _joined(folder, track)
    command = ("-i", whole.name, "-vf", "scale=1:1,format=gray", "-fps_mode", "passthrough", "-f", "rawvideo")
    levels = _decoded(folder, *command)
    times = sorted(_picture_times(whole.read_bytes()))
    assert len(levels) == len(times)
    bright = [level > 100 for level in levels]
    return [times[n] for n in range(len(times)) if bright[n] and (n == 0 or not bright[n - 1])]


def beeps(folder: Path, track: str = "audio") -> list[float]:
    """Return when sound begins after silence, in seconds."""
    whole = _joined(folder, track)
    # All that is there, with what the edit list says to leave out, which is subtracted below.
    raw = ("-ignore_editlist", "1", "-flags2", "+skip_manual", "-i", whole.name, "-ac", "1")
    samples = array.array("f", _decoded(folder, *raw, "-ar", str(SAMPLE_RATE), "-f", "f32le"))
    data = whole.read_bytes()
    start = (_first_time(data) - _skipped(data)) / _timescale(data)
    found, quiet = [], SAMPLE_RATE
    for n, sample in enumerate(samples):
        if abs(sample) > 0.1:
            if quiet > SAMPLE_RATE // 5:
                found.append(start + n / SAMPLE_RATE)
            quiet = 0
        else:
            quiet += 1
    return found


def _joined(folder: Path, track: str) -> Path:
    path = folder / f"{track}.mp4"
    parts = [folder / track / "init.mp4", *sorted((folder / track).glob("*.m4s"))]
    path.write_bytes(b"".join(part.read_bytes() for part in parts))
    return path


def _decoded(folder: Path, *options: str) -> bytes:
    process.run((settings.FFMPEG, "-v", "error", "-y", *options, "decoded"), folder, silence=60)
    return (folder / "decoded").read_bytes()


def _find(data: bytes, path: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
    """Yield the content of every box at a path like `moof/traf/trun`."""
    name, _, rest = path.partition("/")
    for kind, begin, stop in boxes(data, start, end):
        if kind == name and rest:
            yield from _find(data, rest, begin, stop)
        elif kind == name:
            yield data[begin:stop]


def _timescale(data: bytes) -> int:
    header = next(_find(data, "moov/trak/mdia/mdhd"))
    return int.from_bytes(header[20:24] if header[0] else header[12:16])


def _skipped(data: bytes) -> int:
    """Return where in the track its timeline begins, by an edit list of one entry."""
    for edit in _find(data, "moov/trak/edts/elst"):
        assert int.from_bytes(edit[4:8]) == 1
        skipped: int = struct.unpack(">q", edit[16:24])[0] if edit[0] else struct.unpack(">i", edit[12:16])[0]
        return skipped
    return 0


def _first_time(data: bytes) -> int:
    header = next(_find(data, "moof/traf/tfdt"))
    return int.from_bytes(header[4:])


def _picture_times(data: bytes) -> Iterator[float]:
    """Yield the presentation time of every sample (ISO/IEC 14496-12: tfdt, trun, elst)."""
    timescale, skipped = _timescale(data), _skipped(data)
    usual = int.from_bytes(next(_find(data, "moov/mvex/trex"))[12:16])
    for fragment in _find(data, "moof/traf"):
        time = int.from_bytes(next(_find(fragment, "tfdt"))[4:])
        flags, duration = _defaults(next(_find(fragment, "tfhd")), usual)
        for run in _find(fragment, "trun"):
            for length, offset in _samples(run, duration):
                yield (time + offset - skipped) / timescale
                time += length


def _defaults(header: bytes, duration: int) -> tuple[int, int]:
    flags, at = int.from_bytes(header[1:4]), 8
    at += 8 * bool(flags & 0x1) + 4 * bool(flags & 0x2)
    return flags, int.from_bytes(header[at : at + 4]) if flags & 0x8 else duration


def _samples(run: bytes, duration: int) -> Iterator[tuple[int, int]]:
    """Yield duration and composition offset of each sample of a trun."""
    flags, count = int.from_bytes(run[1:4]), int.from_bytes(run[4:8])
    at = 8 + 4 * bool(flags & 0x1) + 4 * bool(flags & 0x4)
    for _ in range(count):
        length, offset = duration, 0
        if flags & 0x100:
            length, at = int.from_bytes(run[at : at + 4]), at + 4
        at += 4 * bool(flags & 0x200) + 4 * bool(flags & 0x400)
        if flags & 0x800:
            offset, at = struct.unpack(">i", run[at : at + 4])[0], at + 4
        yield length, offset
