"""What spans left, as it is written down between the workers that made them and the one that publishes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from transcode.core.check import File, Output, Unfit
from transcode.core.mp4 import Fragment, Init
from transcode.core.playlist import MediaPlaylist

Entry = dict[str, Any]


def dump(output: Output) -> Entry:
    """Return a track as JSON."""
    init = output.header
    return {
        "init": [
            output.playlist.init,
            init.codec,
            init.ticks_per_second,
            init.channels,
            init.size,
            init.digest,
        ],
        "segments": [
            [name, seconds, output.files[name].size, [_row(one) for one in output.files[name].fragments]]
            for name, seconds in output.playlist.segments
        ],
        "ended": output.playlist.ended,
    }


def _row(one: Fragment) -> list[int]:
    return [one.start, one.end, one.decode_time, one.ticks, one.samples, one.key_bytes]


def load(name: str, found: Mapping[str, Any]) -> Output:
    init_name, *rest = found["init"]
    segments = tuple((segment, seconds) for segment, seconds, _, _ in found["segments"])
    files = {
        segment: File(size, tuple(Fragment(*row) for row in rows))
        for segment, _, size, rows in found["segments"]
    }
    return Output(name, MediaPlaylist(init_name, segments, found["ended"]), Init(*rest), files)


def join(parts: Sequence[Output]) -> Output:
    """Return one track of several spans; raise Unfit where a player could not go from one to the next."""
    first = parts[0]
    if {part.header for part in parts} != {first.header}:
        raise Unfit(f"{first.name} is encoded in different ways")
    return replace(
        first,
        playlist=MediaPlaylist(
            first.playlist.init,
            tuple(segment for part in parts for segment in part.playlist.segments),
            parts[-1].playlist.ended,
        ),
        files={name: file for part in parts for name, file in part.files.items()},
    )


def dump_all(found: Mapping[str, Output]) -> dict[str, Entry]:
    return {name: dump(output) for name, output in found.items() if output.init}


def load_all(found: Mapping[str, Entry]) -> dict[str, Output]:
    return {name: load(name, entry) for name, entry in found.items()}
