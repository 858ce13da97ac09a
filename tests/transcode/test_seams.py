"""Spans made apart are one video: nothing missing, nothing twice, nothing that a player could notice."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from django.conf import settings

from tests.transcode import encoding as clips
from tests.transcode import flashbeep
from tests.transcode.local import bench_in
from transcode import encoding, probing, process
from transcode.core import argv, check, keep, ledger, spans
from transcode.core.check import Output
from transcode.core.plan import Plan, plan_encode

pytestmark = pytest.mark.ffmpeg
# Eight bars that count frames in binary, so that each frame differs by a bar at least from those beside it.
COUNTING = "format=yuv420p,geq=lum='16+219*mod(floor(N/pow(2,floor(X/16))),2)':cb=128:cr=128"
SOURCES: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "constant": ("a.mp4", "r=25", ("-g", "70", "-bf", "3")),
    "ntsc": ("a.mp4", "r=30000/1001", ("-g", "250", "-bf", "2")),
    "open groups": ("a.mkv", "r=25", ("-g", "48", "-bf", "3", "-x264-params", "open-gop=1")),
    "a clock that stood at 100": ("a.mkv", "r=24", ("-output_ts_offset", "100")),
    "variable": ("a.mp4", "r=30", ("-vf", "select='not(eq(mod(n,7),3))'", "-fps_mode", "vfr")),
    "a pause": ("a.mp4", "r=25", ("-vf", "select='not(between(t,10,21))'", "-fps_mode", "vfr")),
    "transport stream": (
        "a.ts",
        "r=25",
        (
            "-g",
            "50",
        ),
    ),
}


def made(folder: Path, plan: Plan, span: spans.Span) -> dict[str, Output]:
    """Encode one span in a folder of its own, and name its files as nobody else does."""
    place = folder / str(span.number)
    place.mkdir()
    (place / "source").hardlink_to(folder / "source")
    bench = replace(bench_in(place), prefix=f"c{span.number}-")
    return encoding.make(plan, span, bench, {})


def made_at_once(folder: Path, plan: Plan) -> dict[str, Output]:
    """Encode everything in one span, sound too: what is read may decide when the picture begins."""
    place = folder / "once"
    place.mkdir()
    (place / "source").hardlink_to(folder / "source")
    return encoding.make(plan, spans.whole(plan)[0], bench_in(place), {})


def joined(parts: list[dict[str, Output]], name: str) -> Output:
    """Join a track as the worker that publishes does: from what was written down."""
    stored = [json.loads(json.dumps(ledger.dump_all(part))) for part in parts]
    return ledger.join([ledger.load(name, each[name]) for each in stored if name in each])


def write(folder: Path, output: Output, parts: int) -> Path:
    """Write a track as a player puts it together: one init segment, then all segments."""
    found = {path.name: path for n in range(parts) for path in (folder / str(n) / output.name).glob("*.m*4*")}
    names = [output.playlist.init, *(name for name, _ in output.playlist.segments)]
    whole = folder / f"{output.name}.mp4"
    whole.write_bytes(b"".join(found[name].read_bytes() for name in names))
    return whole


def write_alone(folder: Path, output: Output) -> Path:
    """The same, of a track that one span is all of."""
    names = [output.playlist.init, *(name for name, _ in output.playlist.segments)]
    whole = folder / f"{output.name}-alone.mp4"
    whole.write_bytes(b"".join((folder / output.name / name).read_bytes() for name in names))
    return whole


def decoded_times(folder: Path, whole: Path) -> list[Fraction]:
    command = (
        *(settings.FFPROBE, "-v", "error", "-show_entries", "frame=pts", "-show_entries", "stream=time_base"),
        *("-of", "json", f"file:{whole.name}"),
    )
    found = json.loads(process.run(command, folder, silence=60))
    tick = Fraction(found["streams"][0]["time_base"])
    return [frame["pts"] * tick for frame in found["frames"]]


WIDTH, HEIGHT = 64, 48
# So many frames before and behind each seam.
NEAR = 12
# Of 256 steps from black to white, on average over a picture: what two encodes of the same may differ by. One bar is 27 of them.
MOST_DIFFERENCE = 8


def pictures(folder: Path, whole: Path) -> list[bytes]:
    """Return the luma of each frame, made small."""
    options = ("-vf", f"scale={WIDTH}:{HEIGHT}:flags=area,format=gray", "-fps_mode", "passthrough")
    clips.run(folder, "-i", str(whole), *options, "-f", "rawvideo", "pictures")
    data = (folder / "pictures").read_bytes()
    return [data[at : at + WIDTH * HEIGHT] for at in range(0, len(data), WIDTH * HEIGHT)]


def difference(one: bytes, other: bytes) -> float:
    return sum(abs(a - b) for a, b in zip(one, other, strict=True)) / len(one)


def worst_near(seam: int, ones: list[bytes], others: list[bytes]) -> float:
    near = slice(max(0, seam - NEAR), seam + NEAR)
    return max(difference(one, other) for one, other in zip(ones[near], others[near], strict=False))


@pytest.fixture(params=SOURCES, ids=lambda name: name.replace(" ", "-"))
def source(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    name, rate, options = SOURCES[request.param]
    picture = f"color=d=44:s=128x96:{rate},{COUNTING}"
    options = ("-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac", *options)
    return clips.clip(tmp_path, name, *options, picture=picture, tone="sine=d=44").rename(tmp_path / "source")


class SeamTests:
    def test_shows_no_viewer_where_it_is(self, source):
        folder = source.parent
        plan = plan_encode(probing.probe(bench_in(folder)))
        cut = spans.on_grid(plan)
        parts = [made(folder, plan, span) for span in cut]
        whole = made_at_once(folder, plan)
        name = plan.renditions[-1].name
        output = joined(parts, name)
        assert len(cut) >= 2
        # At the end of what has no index, ffmpeg may show the last picture for one frame more.
        assert whole[name].frames - (not plan.is_indexed) <= output.frames <= whole[name].frames
        check.check_picture([output], output.frames, float(output.frames / plan.frame_rate))
        times = decoded_times(folder, write(folder, output, len(cut)))
        due = [n / plan.frame_rate for n in range(output.frames)]
        # The demuxer is late by the same everywhere, where composition offsets are negative.
        since = [time - times[0] for time in times]
        assert len(since) == len(due)
        assert all(abs(a - b) < Fraction(1, 1000) for a, b in zip(since, due, strict=True))
        joined_up = pictures(folder, write(folder, output, len(cut)))
        at_once = pictures(folder, write_alone(folder / "once", whole[name]))
        seams = [span.first for span in cut[1:]]
        assert max(worst_near(seam, joined_up, at_once) for seam in seams) < MOST_DIFFERENCE
        assert self.tells(joined_up, at_once, seams)

    def tells(self, joined_up: list[bytes], at_once: list[bytes], seams: list[int]) -> bool:
        """True if the bound would not be kept with one frame dropped behind a seam and another shown twice before it."""
        wrong = list(joined_up)
        for seam in seams:
            wrong[seam - NEAR : seam + NEAR] = [
                *(wrong[seam - NEAR :][:1] * 2),
                *wrong[seam - NEAR + 1 : seam],
                *wrong[seam + 1 : seam + NEAR],
            ]
        return any(worst_near(seam, wrong, at_once) > MOST_DIFFERENCE for seam in seams)

    @pytest.mark.parametrize("rate", ["25", "60"])
    def test_leaves_lips_and_sound_together(self, tmp_path, rate):
        flashbeep.make(tmp_path, "a.mp4", "-c:a", "aac", rate=rate, seconds=44).rename(tmp_path / "source")
        plan = plan_encode(probing.probe(bench_in(tmp_path)))
        cut = spans.on_grid(plan)
        parts = [made(tmp_path, plan, span) for span in cut]
        for name in (plan.renditions[-1].name, "audio"):
            (tmp_path / name).mkdir()
            whole = write(tmp_path, joined(parts, name), len(cut))
            whole.rename(tmp_path / name / "init.mp4")
        flashes = flashbeep.flashes(tmp_path, plan.renditions[-1].name)
        beeps = flashbeep.beeps(tmp_path)
        assert len(cut) == 3 and len(flashes) == len(beeps) >= 43
        assert [round(a - b, 3) for a, b in zip(flashes, beeps, strict=True) if abs(a - b) > 0.020] == []


class ThreadTests:
    def test_change_nothing_in_an_init_segment(self, tmp_path):
        """Chunks of one video are made on hosts with few cores and on hosts with many."""
        options = ("-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac")
        clips.clip(tmp_path, "a.mp4", *options, picture="testsrc2=d=4:s=640x360:r=25").rename(
            tmp_path / "source"
        )
        plan = plan_encode(probing.probe(bench_in(tmp_path)))
        digests = {self._digests(tmp_path, plan, threads) for threads in (1, 2, 4)}
        assert len(digests) == 1

    def _digests(self, folder: Path, plan: Plan, threads: int) -> tuple[str, ...]:
        place = folder / str(threads)
        place.mkdir()
        (place / "source").hardlink_to(folder / "source")
        names = encoding.track_names(plan, spans.whole(plan)[0])
        for name in names:
            (place / name).mkdir()
        effort, bench = argv.Effort(settings.ENCODE_PRESET, threads), bench_in(place)
        whole = spans.whole(plan)[0]
        command = argv.encode_argv(settings.FFMPEG, plan, whole, encoding.limits(), effort, bench.prefix)
        process.run(command, place, silence=60)
        return tuple(encoding.output(name, bench).header.digest for name in names)


class KeptTests:
    def test_rungs_are_cut_where_the_kept_one_is(self, tmp_path):
        options = (
            *("-c:v", "libx264", "-preset", "veryfast", "-g", "90", "-bf", "2", "-c:a", "aac"),
            *("-force_key_frames", "1.3,9.7,10.5,22"),
        )
        picture = "testsrc2=d=30:s=640x360:r=25"
        clips.clip(tmp_path, "a.mp4", *options, picture=picture, tone="sine=d=30").rename(tmp_path / "source")
        plan = plan_encode(probing.probe(bench_in(tmp_path)), keeps_top=True)
        kept = made(tmp_path, plan, spans.Span(segment_gops=3))
        starts = keep.starts(kept["360p"], plan.frame_rate)
        parts = [made(tmp_path, plan, span) for span in spans.along(plan, starts)]
        rungs = [kept["360p"], joined(parts, "240p")]
        check.check_picture(rungs, 750, 30.0)
        assert [round(piece.seconds, 3) for piece in rungs[1].segments] == [
            round(piece.seconds, 3) for piece in rungs[0].segments
        ]

    def test_picture_has_nothing_that_a_camera_wrote_beside_it(self, tmp_path):
        secret = "086f3693-b7b3-4f2c-9653-21492feee5b8+GPS at home"
        options = (
            "-c:v",
            "libx264",
            "-g",
            "50",
            "-bsf:v",
            f"h264_metadata=sei_user_data={secret}",
            "-c:a",
            "aac",
        )
        clips.clip(tmp_path, "a.mp4", *options, picture="testsrc2=d=8:s=640x360:r=25").rename(
            tmp_path / "source"
        )
        assert b"GPS at home" in (tmp_path / "source").read_bytes()
        plan = plan_encode(probing.probe(bench_in(tmp_path)), keeps_top=True)
        kept = made(tmp_path, plan, spans.Span(segment_gops=3))["360p"]
        files = [tmp_path / "0/360p" / name for name in (kept.playlist.init, *kept.files)]
        assert not any(b"GPS at home" in path.read_bytes() for path in files)
