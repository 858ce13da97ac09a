"""What the colours of a source are, where it does not say or says nonsense; every output is SDR in BT.709."""

from __future__ import annotations

from dataclasses import replace

from transcode.core.media import Colour, Media

BT709 = Colour("bt709", "bt709", "bt709", full_range=False)
HDR = ("smpte2084", "arib-std-b67")
# What our filters can convert from.
MATRICES = ("bt709", "smpte170m", "bt470bg", "fcc", "smpte240m", "bt2020nc", "bt2020c")
PRIMARIES = ("bt709", "smpte170m", "bt470bg", "bt470m", "smpte240m", "film", "bt2020", "smpte431", "smpte432")
TRANSFERS = (
    "bt709",
    "smpte170m",
    "gamma22",
    "gamma28",
    "linear",
    "iec61966-2-1",
    "bt2020-10",
    "bt2020-12",
    *HDR,
)
# Their matrix is BT.709's or none; only what they contain of light differs.
WIDE = ("bt2020", "smpte431", "smpte432")
RGB = ("rgb", "bgr", "gbr", "argb", "abgr", "0rgb", "0bgr", "pal8", "gray", "mono", "ya")
RGB_CODECS = ("png", "gif", "qtrle")
WITH_ALPHA = ("yuva", "rgba", "bgra", "argb", "abgr", "gbrap", "ya8", "ya16", "pal8")


def is_hdr(colour: Colour) -> bool:
    return colour.transfer in HDR


def pixel_format(media: Media) -> str:
    """Return the format of pixels, a likely one where ffprobe cannot decode what ffmpeg can."""
    return media.pixel_format or ("rgba" if media.video_codec in RGB_CODECS else "yuv420p")


def is_rgb(media: Media) -> bool:
    return pixel_format(media).startswith(RGB)


def has_alpha(media: Media) -> bool:
    return pixel_format(media).startswith(WITH_ALPHA)


def colour_of(media: Media) -> Colour:
    """Return the colour a source is in, with a likely word wherever its own is missing or unknown."""
    if is_rgb(media):
        return replace(BT709, matrix="gbr", full_range=True)
    said = media.colour
    transfer = said.transfer if said.transfer in TRANSFERS else "bt709"
    matrix = said.matrix if said.matrix in MATRICES else _likely_matrix(media, transfer)
    primaries = said.primaries if said.primaries in PRIMARIES else _likely_primaries(matrix)
    # JPEG's own variants of the formats are full by name.
    full = media.pixel_format.startswith("yuvj") if said.full_range is None else said.full_range
    return Colour(matrix, primaries, transfer, full)


def _likely_matrix(media: Media, transfer: str) -> str:
    if transfer in HDR or media.colour.primaries == "bt2020":
        return "bt2020nc"
    # As players guess: what is larger than PAL was made for HD.
    return "bt709" if media.coded_height > 576 or media.coded_width > 1024 else "smpte170m"


def _likely_primaries(matrix: str) -> str:
    return "bt2020" if matrix.startswith("bt2020") else matrix if matrix in PRIMARIES else "bt709"
