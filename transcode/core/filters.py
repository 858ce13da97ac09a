"""What happens to frames and samples between decoder and encoder, in the words of ffmpeg's filters."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from transcode.core.colour import WIDE, is_hdr
from transcode.core.media import Colour
from transcode.core.plan import Picture, Plan, PlannedRendition, PlannedSound
from transcode.core.spans import Span

QUARTER = Fraction(1, 4)
# Bicubic, once for each step, blurs the small rungs: docs/decisions/0007.
SHARP = "flags=lanczos"

# What is brighter than paper (BT.2408: 203 cd/m², three quarters of HLG's signal) is rolled off, in each of red, green
# and blue by itself: taken together, as ffmpeg's tonemap does, white keys under a warm light turn orange.
ROLL_OFF = r"1.13*val-1.61*pow(max(val-0.7*maxval\,0)\,2)/maxval"
HLG_TO_BT709 = (
    # HLG was made to be watchable as if it were SDR; brightened a little, that is how it is watched best.
    "setparams=color_trc=bt2020-10",
    "zscale=primaries=bt709:transfer=bt709:matrix=gbr:range=full",
    "format=gbrp12",
    f"lutrgb=r={ROLL_OFF}:g={ROLL_OFF}:b={ROLL_OFF}",
    "zscale=matrix=bt709:range=limited",
)
PQ_TO_HLG = ("zscale=transfer=arib-std-b67", "format=yuv420p12le")
# Gaps and overlaps of more than 20 ms; ffmpeg's own 100 let sound run ahead of lips by that much.
FILL = "aresample=async=1:min_hard_comp=0.02"
WIDE_TO_BT709 = ("zscale=primaries=bt709:transfer=bt709:matrix=bt709:range=limited",)


def picture(plan: Plan, span: Span) -> str:
    """Return the filters that make every rung: one decode, scaled step by step, each rung from the one above it."""
    top, *lower = plan.made
    # Frames are evened out, so that all rungs have the same frames and cut at the same ones. Last of all: this filter
    # repeats a picture that stands for an hour all at once, and what would come after it would make a copy of each.
    even = ",".join(_even(plan, span))
    chain = [",".join([f"[0:{plan.video_index}]", *_upright(plan, top)]).replace("],", "]", 1)]
    for index, rendition in enumerate(lower):
        chain[-1] += f",split[full{index}][step{index + 1}]"
        chain.append(f"[full{index}]{even}[rung{index}]")
        chain.append(f"[step{index + 1}]scale={rendition.width}:{rendition.height}:{SHARP},setsar=1")
    chain[-1] += f",{even}[rung{len(lower)}]"
    return ";".join(chain)


def _even(plan: Plan, span: Span) -> Iterator[str]:
    """Yield the filters to the frames of the span: what is decoded before it says what its first frame shows."""
    begin = "" if span.first else ":start_time=0"
    yield f"fps={plan.frame_rate}{begin}"
    marks = (("start", span.first), ("end", span.end))
    # Just before a frame: ffmpeg rounds to the nearest one.
    cuts = [f"{name}={float((mark - QUARTER) / plan.frame_rate):.6f}" for name, mark in marks if mark]
    if cuts:
        yield f"trim={':'.join(cuts)}"


def _upright(plan: Plan, top: PlannedRendition) -> Iterator[str]:
    """Yield the filters from decoded frames to the top rung."""
    source = plan.picture
    if source.has_fields:
        # Deinterlacing cannot bear a change of size, so one is undone first. Only frames that say so are woven apart.
        yield f"scale={source.coded_width}:{source.coded_height}:interl=-1"
        yield "bwdif=mode=send_frame:deint=interlaced"
    yield tags(source.colour)
    if source.has_alpha:
        # Over black, as players show what has no background.
        yield "format=gbrap"
        yield "premultiply=inplace=1"
    width, height = (top.height, top.width) if source.is_sideways else (top.width, top.height)
    yield from _scaled(source, width, height)
    yield from source.turn
    yield "setsar=1"
    yield "setparams=colorspace=bt709:color_primaries=bt709:color_trc=bt709:range=limited"
    # The matrix that the picture was turned by, the light it was mastered in, captions, what a camera wrote: x264 and
    # the muxer would hand it all on, and players would turn the picture once more.
    yield "sidedata=mode=delete"


def _scaled(source: Picture, width: int, height: int) -> Iterator[str]:
    """Yield the filters to the size of the top rung, in BT.709."""
    if is_hdr(source.colour) or source.colour.primaries in WIDE:
        # Smaller first: what follows takes time for each pixel.
        yield f"scale={width}:{height}"
        if source.colour.transfer == "smpte2084":
            yield from PQ_TO_HLG
        yield from HLG_TO_BT709 if is_hdr(source.colour) else WIDE_TO_BT709
    else:
        yield f"scale={width}:{height}:out_color_matrix=bt709:out_range=limited"
    yield "format=yuv420p"


def tags(colour: Colour) -> str:
    """Return the filter that says what colour frames are in: those that convert refuse to guess, or guess wrong."""
    spread = "full" if colour.full_range else "limited"
    return (
        f"setparams=colorspace={colour.matrix}:color_primaries={colour.primaries}:"
        f"color_trc={colour.transfer}:range={spread}"
    )


def sound(planned: PlannedSound) -> str:
    """Return the filters that make 48 kHz stereo of a track, beginning at 0 and without gaps."""
    return ",".join(_sound(planned))


def _sound(planned: PlannedSound) -> Iterator[str]:
    if planned.mix == "first two":
        yield "pan=stereo|c0=c0|c1=c1"
    if planned.is_broadcast:
        # Where channels change on the way, the filters begin anew, and what fills the start would fill it again.
        yield FILL
        yield "atrim=start=0"
    else:
        # First sample at 0: browsers ignore the empty edit that late sound would otherwise begin with.
        yield f"{FILL}:first_pts=0"
    yield "aformat=channel_layouts=stereo:sample_rates=48000:sample_fmts=fltp"
    if planned.mix == "down":
        # ITU-R BS.775 adds what may be more than full scale; turning all down for it would make speech faint.
        yield "alimiter=limit=0.95:attack=5:release=50:level=disabled:latency=1"
