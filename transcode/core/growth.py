"""The playlists of a video while it is made: what there is of each track so far, from its beginning."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from transcode.core import check, keep, ledger, playlist
from transcode.core.check import Output
from transcode.core.plan import Plan, PlannedRendition

# Chromium's own HLS does not begin with fewer.
LEAST_SEGMENTS = 3


def tracks(
    plan: Plan, lead: Mapping[str, Output], chunks: Sequence[Mapping[str, ledger.Entry]]
) -> dict[str, Output]:
    """Return each track that grows, as far as its spans follow one another; `chunks` are those after the first span.

    A sound that was only announced is none of them: nobody waits for it, and no player is told of it.
    """
    silent = {sound.name for sound in plan.sounds if sound.name in lead and check.is_silent(lead[sound.name])}
    begun = {name: output for name, output in lead.items() if name not in silent}
    if plan.keeps_top:
        return begun
    return {
        name: ledger.join([output, *(ledger.load(name, made[name]) for made in chunks if name in made)])
        if output.segments
        else output
        for name, output in begun.items()
    }


def beginning(found: Mapping[str, Output]) -> dict[str, Output]:
    """Return as much of each track as a player needs to begin."""
    return {name: _first(output) for name, output in found.items()}


def _first(output: Output) -> Output:
    first = output.playlist.segments[:LEAST_SEGMENTS]
    ended = output.playlist.ended and first == output.playlist.segments
    return replace(output, playlist=replace(output.playlist, segments=first, ended=ended))


def is_watchable(found: Mapping[str, Output], *, ended: bool) -> bool:
    """True once a player can begin: every track there, and long enough."""
    return all(
        output.init and len(output.segments) >= (1 if ended or output.playlist.ended else LEAST_SEGMENTS)
        for output in found.values()
    )


def seconds(found: Mapping[str, Output], plan: Plan) -> float:
    """Return how much of the picture there is."""
    return min(found[rendition.name].seconds for rendition in _rungs(plan, found))


def playlists(plan: Plan, found: Mapping[str, Output], *, ended: bool) -> dict[str, str]:
    """Return every playlist by its name; all of them end together with the picture, unless the sound is whole before."""
    rungs = _rungs(plan, found)
    sounds = [sound for sound in plan.sounds if sound.name in found and found[sound.name].segments]
    picture_ended = {rendition.name: ended for rendition in rungs}
    longest = keep.MOST_SEGMENT_SECONDS if plan.keeps_top else _grid_seconds(plan)
    listed = {
        f"{output.name}/{playlist.PLAYLIST}": playlist.growing(
            output.playlist.init,
            output.segments,
            max(longest, *(piece.seconds for piece in output.segments)),
            ended=picture_ended.get(output.name, output.playlist.ended),
        )
        for output in found.values()
        if output.segments
    }
    variants = [
        playlist.Variant(_measured(found[r.name], r), None, r.width, r.height, plan.frame_rate) for r in rungs
    ]
    heard = [
        playlist.Sound(_measured(found[s.name]), s.label, s.language, found[s.name].header.channels)
        for s in sounds
    ]
    return {playlist.MULTIVARIANT: playlist.multivariant(variants, heard), **listed}


def _rungs(plan: Plan, found: Mapping[str, Output]) -> list[PlannedRendition]:
    return [rendition for rendition in plan.renditions if rendition.name in found]


def _grid_seconds(plan: Plan) -> float:
    return float(plan.segment_gops * plan.gop / plan.frame_rate)


def _measured(output: Output, planned: PlannedRendition | None = None) -> playlist.Track:
    """Return what was measured so far; the rest of it may have as much as its rung allows."""
    found = playlist.measure(output.name, output.header.codec, output.segments)
    if planned is None:
        return found
    return playlist.Track(found.name, found.codec, max(found.peak, planned.max_kbps * 1000), found.average)
