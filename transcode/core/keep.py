"""Whether a source's own picture may be the top rung as it is: then it is copied, and can be watched at once.

Sound beside it is judged by itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from transcode.core import ladder
from transcode.core.check import Output
from transcode.core.colour import is_hdr
from transcode.core.media import Media, Sound
from transcode.core.moov import Track
from transcode.core.plan import SEGMENT_SECONDS

PROFILES = ("Constrained Baseline", "Baseline", "Main", "High")
FASTEST = 60
# Players switch and seek at keyframes.
MOST_GOP_SECONDS = 12
# A segment goes on from when it should end to the next keyframe.
MOST_SEGMENT_SECONDS = SEGMENT_SECONDS + MOST_GOP_SECONDS
# What a clock may add to that.
TOLERANCE = 0.1
# The first key frames are looked at before anything is copied, no later ones than those that come before the rest of a source does.
SAMPLED, SAMPLED_SECONDS = 8, 30
# What players take everywhere, and what is not worth more bytes.
HERTZ = (44_100, 48_000)
MOST_SOUND_KBPS = 256
# An encoder's run-up and what fills its last frame: four frames of 1024 samples (ISO/IEC 14496-3) are more than any of them writes.
AAC_FRAME = 1024
MOST_PADDING_FRAMES = 4


class NotKept(Exception):
    """The copy is not what it would have to be."""


def why_not(media: Media, track: Track, top: int) -> str:
    """Return why the picture cannot be kept, empty where it can."""
    return next((why for refused, why in _reasons(media, track, top) if refused), "")


def _reasons(media: Media, track: Track, top: int) -> Iterator[tuple[bool, str]]:
    size = (media.width, media.height)
    yield (
        media.video_codec != "h264" or media.pixel_format != "yuv420p",
        "it is not H.264 in 4:2:0 with 8 bits",
    )
    yield media.profile not in PROFILES, "its profile is not for everybody"
    yield media.has_fields, "it is interlaced, or may be"
    yield bool(media.turn.filters) or media.turn.is_sideways, "it is turned"
    yield media.stretch != 1, "its pixels are not square"
    yield not ladder.stands_for(media, ladder.sides_for(media, top)[0]), "it is larger than the top rung"
    yield bool(media.width % 2 or media.height % 2), "its lines or columns are odd in number"
    yield (media.coded_width, media.coded_height) != size, "it is cropped"
    yield is_hdr(media.colour) or bool(media.colour.full_range), "its colours are not those of SDR video"
    yield media.colour.primaries == "bt2020", "its colours are not those of SDR video"
    yield (
        track.rate != media.frame_rate or media.frame_rate > FASTEST,
        "its frames are not of one length, or too many",
    )
    yield (
        not media.video_kbps or media.video_kbps > ladder.most_kbps(media),
        "it has more bits than its rung may have",
    )
    yield media.picture_at != 0, "its picture begins late"
    yield track.descriptions != ("avc1",), "its format changes on the way"
    yield track.is_fragmented, "it is in fragments"
    yield not is_trivial(track, media.frame_rate), "an edit list cuts something away"


def why_not_cut(most_apart: int, frame_rate: Fraction) -> str:
    """Return why such a picture cannot be cut into segments, empty where it can."""
    if most_apart / frame_rate > MOST_GOP_SECONDS + TOLERANCE:
        return f"its keyframes are up to {float(most_apart / frame_rate):.1f} s apart"
    return ""


def sampled(key_frames: Sequence[int], frame_rate: Fraction) -> tuple[int, ...]:
    """Return those key frames that are looked at early."""
    return tuple(frame for frame in key_frames[:SAMPLED] if frame < SAMPLED_SECONDS * frame_rate)


def is_trivial(track: Track, frame_rate: Fraction) -> bool:
    """True if the edit list does no more than undo the delay of B-frames."""
    if not track.edits:
        return track.delay == 0
    if len(track.edits) > 1 or track.edits[0].begin != track.delay:
        return False
    # A length of 0 is all of it, in files that were written in one go.
    missing = track.seconds - track.delay - track.edits[0].seconds
    return not track.edits[0].seconds or missing <= 1 / frame_rate


def may_keep_sound(sound: Sound, track: Track) -> bool:
    """True for AAC-LC in mono or stereo without holes, of which an edit list leaves out no more than its encoder's padding."""
    is_usual = (sound.codec, sound.profile) == ("aac", "LC") and sound.hertz in HERTZ and sound.channels <= 2
    is_whole = track.descriptions == ("mp4a",) and track.rate == Fraction(sound.hertz, AAC_FRAME)
    return is_usual and 0 < sound.kbps <= MOST_SOUND_KBPS and is_whole and _is_padding(track, sound.hertz)


def _is_padding(track: Track, hertz: int) -> bool:
    if len(track.edits) != 1:
        return not track.edits
    most, edit = Fraction(MOST_PADDING_FRAMES * AAC_FRAME, hertz), track.edits[0]
    if edit.begin is None or edit.begin > most:
        return False
    return not edit.seconds or track.seconds - edit.begin - edit.seconds <= most


def starts(kept: Output, frame_rate: Fraction) -> tuple[int, ...]:
    """Return the frames at which its segments begin; raise NotKept where rungs beside it could not be cut there."""
    found, frames = [], 0
    for name, _ in kept.playlist.segments:
        first = kept.files[name].fragments[0]
        begun = Fraction(first.decode_time, kept.header.ticks_per_second)
        if abs(begun - frames / frame_rate) > 1 / frame_rate / 4:
            raise NotKept(f"frame {frames} is decoded at {float(begun):.3f} s")
        found.append(frames)
        frames += sum(fragment.samples for fragment in kept.files[name].fragments)
    ends = [piece.seconds for piece in kept.key_pieces]
    if max(ends) > MOST_GOP_SECONDS + TOLERANCE:
        raise NotKept(f"its keyframes are {max(ends):.1f} s apart")
    return tuple(found)
