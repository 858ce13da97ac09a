"""What ffprobe and ffmpeg may open. Everything else is refused by its content, whatever its name says.

`-protocol_whitelist` alone does not stop a playlist or a script from reading local files; only refusing their
demuxers does. Each entry is here because a file needs it (tests/transcode/test_formats.py makes one for each).
"""

from __future__ import annotations

MAX_STREAMS = 64
MAX_PIXELS = 8192 * 4320
MAX_ALLOC_BYTES = 512 * 1024**2
PROTOCOLS = ("file",)
# Demuxers; one that has several names by one of them.
CONTAINERS = (
    *("mov", "matroska", "avi", "mpegts", "mpeg", "flv", "asf", "ogg", "mxf", "gif"),
    # Nothing but a picture.
    *("mpegvideo", "h264", "hevc"),
)
# Codecs of pictures as ffprobe names them, and the decoders that are allowed to open them: of several, the one that
# ffmpeg's own list has first (libavcodec/allcodecs.c, the same order since 4.0).
PICTURES = {
    "h264": ("h264",),
    "hevc": ("hevc",),
    # The first where it was built in.
    "av1": ("libdav1d", "av1"),
    "vp8": ("vp8",),
    "vp9": ("vp9",),
    "mpeg1video": ("mpeg1video",),
    "mpeg2video": ("mpeg2video",),
    "mpeg4": ("mpeg4",),
    "msmpeg4v2": ("msmpeg4v2",),
    "msmpeg4v3": ("msmpeg4",),
    "h261": ("h261",),
    "h263": ("h263",),
    "flv1": ("flv",),
    "wmv1": ("wmv1",),
    "wmv2": ("wmv2",),
    "wmv3": ("wmv3",),
    "vc1": ("vc1",),
    "mjpeg": ("mjpeg",),
    "prores": ("prores",),
    "dnxhd": ("dnxhd",),
    "qtrle": ("qtrle",),
    "png": ("png",),
    "theora": ("theora",),
    "gif": ("gif",),
}
# The same of sound.
SOUNDS = {
    "aac": ("aac",),
    "mp1": ("mp1",),
    "mp2": ("mp2",),
    "mp3": ("mp3float",),
    "ac3": ("ac3",),
    "eac3": ("eac3",),
    "opus": ("opus",),
    "vorbis": ("vorbis",),
    "flac": ("flac",),
    "alac": ("alac",),
    "wmav1": ("wmav1",),
    "wmav2": ("wmav2",),
    "amr_nb": ("amrnb",),
    "amr_wb": ("amrwb",),
    **{
        f"pcm_{kind}": (f"pcm_{kind}",)
        for kind in ("s16le", "s16be", "s24le", "s24be", "s32le", "f32le", "u8", "alaw", "mulaw")
    },
}
VIDEO = tuple(decoder for decoders in PICTURES.values() for decoder in decoders)
AUDIO = tuple(decoder for decoders in SOUNDS.values() for decoder in decoders)
# The same of what rides along in files people have: ffprobe may open it, nothing maps it.
RIDING = {
    "mov_text": ("mov_text",),
    "subrip": ("srt",),
    "webvtt": ("webvtt",),
    "ass": ("ssa",),
    "dvd_subtitle": ("dvdsub",),
    "dvb_subtitle": ("dvbsub",),
    "hdmv_pgs_subtitle": ("pgssub",),
    "eia_608": ("cc_dec",),
}
TEXT = tuple(decoder for decoders in RIDING.values() for decoder in decoders)
# Whose frames may be made of two fields.
INTERLACING = ("h264", "mpeg2video", "mpeg4", "vc1", "wmv3", "mjpeg", "prores", "dnxhd")


def input_flags(*codecs: str, pixels: int = MAX_PIXELS, streams: int = MAX_STREAMS) -> tuple[str, ...]:
    """Return the flags that go before `-i`, for ffprobe and ffmpeg alike."""
    return (
        "-protocol_whitelist", ",".join(PROTOCOLS),
        "-format_whitelist", ",".join(CONTAINERS),
        "-codec_whitelist", ",".join(codecs),
        "-max_streams", str(streams),
        "-max_pixels", str(pixels),
        "-max_alloc", str(MAX_ALLOC_BYTES),
    )  # fmt: skip
