"""Whose fault it is that ffmpeg gave up: the file's, one of its tracks of sound, or this machine's."""

from __future__ import annotations

import re

from transcode.core.plan import Plan

# What ffmpeg says when it is the file that cannot be read, however often one tries.
UNREADABLE = (
    "Invalid data found",
    "Could not find codec parameters",
    "not on whitelist",
    "Decoder not found",
    "Decode error rate",
)
OURS = (
    *("No space left on device", "Input/output error", "Disk quota exceeded"),
    # As glibc, musl, decoders and x264 say it.
    *("Cannot allocate memory", "Out of memory", "Could not allocate memory", "malloc of size"),
)
# ffmpeg signs what it says: a stream of the source, its decoder, a filter or an encoder of sound.
_TRACK = re.compile(r"\[aist#0:(\d+)/")
# A thousand and more; a machine that is merely short of memory has not so many to keep.
_QUEUED = re.compile(r"000 buffers queued in ")
_SOUND = re.compile(r"\[(?:af#|aost#|aac @|Parsed_a|auto_aresample|graph_\d+_in_\d+_)")


def is_unreadable(stderr: str) -> bool:
    """True if it is the file that cannot be read, and not this machine that cannot go on."""
    return not is_ours(stderr) and any(words in stderr for words in UNREADABLE)


def is_ours(stderr: str) -> bool:
    """True if this machine was short of something."""
    return any(words in stderr for words in OURS)


def is_flooded(stderr: str) -> bool:
    """True if memory went for frames without end, which ffmpeg fills a leap of the file's times with."""
    return is_ours(stderr) and bool(_QUEUED.search(stderr))


def broken_sounds(plan: Plan, stderr: str) -> frozenset[int]:
    """Return which tracks of sound to leave out for another try; empty where the sound is not to blame."""
    if is_ours(stderr):
        return frozenset()
    planned = frozenset(sound.index for sound in plan.sounds)
    named = planned & {int(match[1]) for match in _TRACK.finditer(stderr)}
    return named or (planned if _SOUND.search(stderr) else frozenset())
