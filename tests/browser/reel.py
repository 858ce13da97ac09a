"""A video that is made by hand, a little at a time, with the engine's own commands, plans and playlists."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.conf import settings

from streamsite.acceptance.stack import Stack
from transcode import encoding, keeping
from transcode.core import argv, growth, keep, ledger, playlist, spans
from transcode.core.check import Output
from transcode.core.gate import Limits
from transcode.core.media import parse_probe
from transcode.core.plan import Plan, plan_encode
from transcode.core.spans import Span

EFFORT = argv.Effort("ultrafast", 1)
PICTURES = ("poster.jpg", "storyboard-000.jpg", "storyboard.vtt")


class Reel:
    """Segments of a clip in one folder, and what a plan says of them."""

    def __init__(self, folder: Path, *, keeps_top: bool) -> None:
        """Plan the clip that lies there as `source`, and encode all of it."""
        self.folder = folder
        probe = argv.probe_argv(settings.FFPROBE, Limits())
        said = subprocess.run(probe, cwd=folder, check=True, capture_output=True, timeout=60).stdout
        media = parse_probe(json.loads(said))
        sounds = keeping.sounds(media, folder) if keeps_top else frozenset()
        self.plan: Plan = plan_encode(media, keeps_top=keeps_top, kept_sounds=sounds)
        if keeps_top:
            self.lead = self._encode(Span(segment_gops=self.plan.segment_gops))
            starts = keep.starts(self.lead[self.plan.renditions[0].name], self.plan.frame_rate)
            self.rest = [self._encode(span) for span in spans.along(self.plan, starts)]
        else:
            first, *others = spans.on_grid(self.plan)
            self.lead, self.rest = self._encode(first), [self._encode(span) for span in others]

    def _encode(self, span: Span) -> dict[str, Output]:
        prefix = f"{span.number}-"
        names = encoding.track_names(self.plan, span)
        for name in names:
            (self.folder / name).mkdir(exist_ok=True)
        command = argv.encode_argv(settings.FFMPEG, self.plan, span, Limits(), EFFORT, prefix)
        subprocess.run(command, cwd=self.folder, check=True, capture_output=True, timeout=120)
        bench = encoding.Bench(self.folder, prefix, 0, lambda frames: None)
        return {name: encoding.output(name, bench) for name in names}

    def so_far(self, segments: int) -> dict[str, Output]:
        """Return the tracks as they are once so many segments of the picture are there."""
        rungs = {rendition.name for rendition in self.plan.renditions}
        whole = growth.tracks(self.plan, self.lead, [ledger.dump_all(made) for made in self.rest])
        return {
            name: _cut(output, segments) if name in rungs else output
            for name, output in whole.items()
            if output.segments
        }

    def all(self) -> dict[str, Output]:
        parts: dict[str, list[Output]] = {}
        for made in (self.lead, *self.rest):
            for name, output in made.items():
                parts.setdefault(name, []).append(output)
        return {name: ledger.join(found) for name, found in parts.items()}

    @property
    def segments(self) -> int:
        return len(self.all()[self.plan.renditions[0].name].segments)

    def describe(self) -> None:
        """Write the final playlists and pictures into the folder."""
        tracks = self.all()
        for output in tracks.values():
            text = playlist.media(output.playlist.init, output.segments)
            (self.folder / output.name / playlist.PLAYLIST).write_text(text)
        measured = {
            name: playlist.measure(name, output.header.codec, output.segments)
            for name, output in tracks.items()
        }
        variants = [
            playlist.Variant(measured[r.name], None, r.width, r.height, self.plan.frame_rate)
            for r in self.plan.renditions
        ]
        sounds = [playlist.Sound(measured[s.name], s.label, s.language, 1) for s in self.plan.sounds]
        (self.folder / playlist.MULTIVARIANT).write_text(playlist.multivariant(variants, sounds))
        still = ("-y", "-i", "source", "-frames:v", "1", "-vf", "scale=160:90", "poster.jpg")
        subprocess.run((settings.FFMPEG, "-loglevel", "error", *still), cwd=self.folder, check=True)
        (self.folder / "storyboard-000.jpg").write_bytes((self.folder / "poster.jpg").read_bytes())
        cue = "WEBVTT\n\n00:00:00.000 --> 00:01:00.000\nstoryboard-000.jpg#xywh=0,0,160,90\n"
        (self.folder / "storyboard.vtt").write_text(cue)


def _cut(output: Output, segments: int) -> Output:
    listed = output.playlist
    return replace(output, playlist=replace(listed, segments=listed.segments[:segments], ended=False))


def _files(tracks: Mapping[str, Output]) -> list[str]:
    return [
        f"{output.name}/{name}"
        for output in tracks.values()
        for name in (output.playlist.init, *(name for name, _ in output.playlist.segments))
    ]


class Making:
    """One video of the running copy while it is made of a reel."""

    def __init__(self, stack: Stack, reel: Reel, owner: str, **fields: Any) -> None:
        self.stack, self.reel = stack, reel
        self._stored: set[str] = set()
        self._attempt = 1
        self.pk = self._act("begin", owner=owner, **fields)

    @property
    def path(self) -> str:
        return f"/v/{self.pk}/"

    def grow(self, segments: int, progress: int) -> None:
        """Let viewers at so many segments of the picture, and at all of the sound."""
        tracks, plan = self.reel.so_far(segments), self.reel.plan
        ended = segments >= self.reel.segments
        self._act(
            "grow",
            pk=self.pk,
            progress=progress,
            watchable_ms=round(growth.seconds(tracks, plan) * 1000),
            duration_ms=round((plan.seconds or 0) * 1000),
            playlists=growth.playlists(plan, tracks, ended=ended),
            **self._new(_files(tracks)),
        )

    def publish(self) -> None:
        self.reel.describe()
        tracks, rungs = self.reel.all(), self.reel.plan.renditions
        lists = [f"{name}/{playlist.PLAYLIST}" for name in tracks]
        self._act(
            "publish",
            pk=self.pk,
            ms=round(tracks[rungs[0].name].seconds * 1000),
            renditions=[(rung.name, rung.width, rung.height, 100) for rung in rungs],
            **self._new([*_files(tracks), *lists, *PICTURES, playlist.MULTIVARIANT]),
        )

    def fail(self) -> None:
        self._act("fail", pk=self.pk)

    def begin_anew(self) -> None:
        """Take back what there is, as when it turns out to need another way."""
        self._act("take_back", pk=self.pk)
        self._stored.clear()
        self._attempt += 1

    def _new(self, files: Sequence[str]) -> dict[str, Any]:
        found = [name for name in files if name not in self._stored]
        self._stored.update(found)
        return {"version": f"a{self._attempt}", "folder": str(self.reel.folder), "files": found}

    def _act(self, act: str, **wanted: Any) -> str:
        command = (sys.executable, "-m", "tests.browser.maker")
        environment = {**os.environ, **self.stack.environment}
        said = json.dumps({"act": act, **wanted})
        told = subprocess.run(
            command, env=environment, input=said, stdout=subprocess.PIPE, text=True, check=True, timeout=60
        )
        return told.stdout.strip().splitlines()[-1]
