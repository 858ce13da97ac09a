"""What is measured, and how. Each function makes rows; what is compared runs one after the other in the same run."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from bench import figures, meter, ours, peer, vmaf
from bench.clips import Clips
from bench.site import Published, Site
from bench.table import Row
from transcode.core.argv import Effort
from transcode.core.plan import PlannedRendition

# Of two, the ratios differed by more than the limit leaves: 1.016 and 1.069.
PAIRS = 4
MOST_PIPELINE = 1.05
# With two threads; what a worker counts on is more.
MOST_MB = {"720p": 400, "1080p": 700, "2160p": 1800}
MOST_SANDBOX = 1.02
PRESETS = (("veryfast", 1), ("veryfast", 2), ("faster", 2), ("fast", 2))
# Presets mean different qualities by the same number, so each is tried at two, to be compared at one quality.
CRFS = (23, 26)


@dataclass(frozen=True, slots=True)
class Bench:
    clips: Clips
    folder: Path
    numbers: Iterator[int]

    @classmethod
    def of(cls, clips: Clips, folder: Path) -> Bench:
        return cls(clips, folder, count())

    def new(self) -> Path:
        return self.folder / f"run-{next(self.numbers)}"

    def per_rung(self) -> list[Row]:
        """One process a rung against one process for all."""
        mine = ours.encode(self.clips.short, self.new(), ours.effort())
        rungs = {
            min(r.width, r.height): r for r in mine.plan.renditions if min(r.width, r.height) in peer.KBPS
        }
        theirs = peer.encode(self.clips.short, self.new(), mine.plan.frame_rate, list(rungs))
        table = self._side_by_side(mine, theirs, rungs)
        both = {"our CPU s": mine.spent.cpu_seconds, "their CPU s": theirs.spent.cpu_seconds, "rungs": table}
        return [
            Row(
                "per_rung_cpu_ratio",
                theirs.spent.cpu_seconds / mine.spent.cpu_seconds,
                "x",
                "CPU of one ffmpeg for each rung with MediaCMS's parameters (x264 medium, lanczos, sound in each), by"
                f" CPU of our one ffmpeg, for the same {len(rungs)} rungs of {mine.plan.seconds or 0:.0f} s of 1080p:"
                f" {theirs.spent.cpu_seconds:.0f} s and {mine.spent.cpu_seconds:.0f} s. Higher is better for us. Each"
                " rung's VMAF is against the source at 1080p, as on a full screen; their kB hold the sound.",
                details=both,
            ),
            Row(
                "per_rung_bytes_ratio",
                theirs.stored_bytes / mine.stored_bytes,
                "x",
                f"bytes of their files by all of ours, with sound: {theirs.stored_bytes / 1e6:.2f} MB and"
                f" {mine.stored_bytes / 1e6:.2f} MB. They store them a second time as HLS, which is not counted.",
            ),
        ]

    def _side_by_side(
        self, mine: ours.Encode, theirs: peer.Peer, rungs: dict[int, PlannedRendition]
    ) -> list[dict[str, Any]]:
        """Return, for each rung, the kilobytes and the VMAF at the best one's size, ours and theirs."""
        best, clip = mine.plan.renditions[0], self.clips.short
        size = (best.width, best.height)
        return [
            {
                "rung": rung.name,
                "our kB": mine.bytes_of(rung.name) // 1000,
                "their kB": theirs.files[side].stat().st_size // 1000,
                "our VMAF": vmaf.score(mine.joined(rung.name), clip, size, mine.plan, self.folder),
                "their VMAF": vmaf.score(theirs.files[side], clip, size, mine.plan, self.folder),
            }
            for side, rung in rungs.items()
        ]

    def pipeline(self, site: Site) -> list[Row]:
        """From the event to the published version, against the bare encode."""
        pairs, long = [], self.clips.long
        for _ in range(PAIRS):
            bare = ours.encode(long, folder := self.new(), ours.effort()).spent
            shutil.rmtree(folder)
            pairs.append((bare, site.publish(long)))
        whole, alone = sum(p.cpu_seconds for _, p in pairs), sum(b.cpu_seconds for b, _ in pairs)
        table = [
            {
                "bare CPU s": bare.cpu_seconds,
                "whole CPU s": one.cpu_seconds,
                "ratio": one.cpu_seconds / bare.cpu_seconds,
                "bare wall s": bare.wall_seconds,
                "whole wall s": one.wall_seconds,
            }
            for bare, one in pairs
        ]
        return [
            Row(
                "pipeline_cpu_ratio",
                whole / alone,
                "x",
                "CPU of the worker's whole process tree from the event to the published version (download, checksum,"
                " probe, encode, checks, playlists, posters, storyboard, upload, its sweeps), by CPU of the same"
                f" ffmpeg command alone; {PAIRS} pairs in turns, all together. {figures.spread(table)}",
                MOST_PIPELINE,
                {"pairs": table},
            ),
            figures.stored(
                "stored_ratio_encoded", "encoded, all of it", [(long.name, pairs[0][1]), *self._others(site)]
            ),
        ]

    def stored(self, site: Site) -> list[Row]:
        """What is stored of each clip as sites do it, where a picture may be kept."""
        published = [(clip.name, site.publish(clip)) for clip in (*self.clips.all, *self.clips.dense)]
        return [figures.stored("stored_ratio", "kept where it may be", published)]

    def sandbox(self) -> list[Row]:
        """What the sandbox costs, for a second, of which its start is a part, and for the long clip."""
        table = [
            self._boxed_and_bare("1 s", self.clips.second, 5),
            self._boxed_and_bare("30 s", self.clips.long, 1),
        ]
        return [
            Row(
                "sandbox_ratio",
                table[-1]["ratio"],
                "x",
                "CPU of the worker's encode in the sandbox, its launcher with it, by CPU of the same command alone, in"
                " turns, all together; for 30 s of 1080p, and below for one second too.",
                MOST_SANDBOX,
                {"clips": table},
            )
        ]

    def _boxed_and_bare(self, name: str, clip: Path, pairs: int) -> dict[str, Any]:
        spent = {True: meter.NOTHING, False: meter.NOTHING}
        for _ in range(pairs):
            for is_boxed in spent:
                made = ours.encode(clip, folder := self.new(), ours.effort(), is_boxed=is_boxed)
                shutil.rmtree(folder)
                spent[is_boxed] += made.spent
        boxed, bare = spent[True], spent[False]
        return {
            "clip": name,
            "boxed CPU s": boxed.cpu_seconds,
            "bare CPU s": bare.cpu_seconds,
            "ratio": boxed.cpu_seconds / bare.cpu_seconds,
            "wall ratio": boxed.wall_seconds / bare.wall_seconds,
        }

    def _others(self, site: Site) -> Iterator[tuple[str, Published]]:
        for clip in (*self.clips.all, *self.clips.dense):
            if clip != self.clips.long:
                yield clip.name, site.publish(clip)

    def memory(self) -> list[Row]:
        rows = []
        for name, clip in (("720p", self.clips.hd), ("1080p", self.clips.short), ("2160p", self.clips.uhd)):
            made = ours.encode(clip, folder := self.new(), ours.effort())
            shutil.rmtree(folder)
            rungs = " ".join(rung.name for rung in made.plan.renditions)
            rows.append(
                Row(
                    f"peak_rss_{name}",
                    round(made.spent.peak_mb),
                    " MB",
                    f"the most that ffmpeg had in memory while it made {rungs}"
                    f" ({ours.effort().preset}, {ours.effort().threads} threads).",
                    MOST_MB[name],
                )
            )
        return rows

    def presets(self) -> list[Row]:
        """What a preset costs and gives, at the same quality."""
        found = [*self._compare(self.clips.short, 1080), *self._compare(self.clips.short, 360)]
        if self.clips.film != self.clips.short:
            found += self._compare(self.clips.film, 404)
        chosen = ours.effort()
        mine = next(
            (one for one in found if (one["preset"], one["threads"]) == (chosen.preset, chosen.threads)), {}
        )
        return [
            Row(
                "preset_vmaf_1080p",
                float(mine.get("VMAF", 0)),
                "",
                f"of {chosen.preset}, the preset in use, at CRF 23. Below: each preset at CRF 23, one rung by itself,"
                " with decoding; VMAF at the rung's own size; and what it would need for the VMAF that veryfast has"
                " at CRF 23, from its figures at CRF 23 and 26. docs/decisions says what was made of it.",
                details={"presets": found},
            )
        ]

    def _compare(self, clip: Path, side: int) -> list[dict[str, Any]]:
        found = [self._try(clip, side, preset, threads) for preset, threads in PRESETS]
        usual = next(one for one in found if one[0]["preset"] == "veryfast")[0]
        return [figures.at_same_quality(one, usual) for one in found]

    def _try(self, clip: Path, side: int, preset: str, threads: int) -> list[dict[str, Any]]:
        tried = []
        for crf in CRFS:
            made = ours.encode(clip, folder := self.new(), Effort(preset, threads), sides=[side], crf=crf)
            (rung,) = made.plan.renditions
            size = (rung.width, rung.height)
            tried.append(
                {
                    "rung": f"{rung.name} {clip.suffix[1:]}",
                    "preset": preset,
                    "threads": threads,
                    "CPU s": made.spent.cpu_seconds,
                    "wall s": made.spent.wall_seconds,
                    "kB": made.bytes_of(rung.name) // 1000,
                    "VMAF": vmaf.score(made.joined(rung.name), clip, size, made.plan, self.folder),
                }
            )
            shutil.rmtree(folder)
        return tried
