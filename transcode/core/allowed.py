"""What ffprobe and ffmpeg may open. Everything else is refused by its content, whatever its name says.

`-protocol_whitelist` alone does not stop a playlist or a script from reading local files; only refusing their
demuxers does.
"""

from __future__ import annotations

CONTAINERS = (
    "mov",
    "matroska",
    "webm",
    "avi",
    "mpegts",
    "mpeg",
    "mpegvideo",
    "flv",
    "asf",
    "ogg",
    "mxf",
    "gif",
)
PROTOCOLS = ("file",)
VIDEO = (
    *(
        "h264",
        "hevc",
        "libdav1d",
        "av1",
        "vp8",
        "vp9",
        "mpeg1video",
        "mpeg2video",
        "mpeg4",
        "msmpeg4v2",
        "msmpeg4",
    ),
    *(
        "h261",
        "h263",
        "flv",
        "wmv1",
        "wmv2",
        "wmv3",
        "vc1",
        "mjpeg",
        "prores",
        "dnxhd",
        "qtrle",
        "png",
        "theora",
        "gif",
    ),
)
AUDIO = (
    *(
        "aac",
        "mp1float",
        "mp2float",
        "mp3float",
        "mp2",
        "mp3",
        "ac3",
        "eac3",
        "opus",
        "vorbis",
        "flac",
        "alac",
    ),
    *(
        "pcm_s16le",
        "pcm_s16be",
        "pcm_s24le",
        "pcm_s24be",
        "pcm_s32le",
        "pcm_f32le",
        "pcm_u8",
        "pcm_alaw",
        "pcm_mulaw",
    ),
    *("wmav1", "wmav2", "amrnb", "amrwb"),
)
# Probed, because they ride along in files people have; never mapped.
TEXT = ("mov_text", "subrip", "srt", "webvtt", "ass", "ssa", "dvdsub", "cc_dec")

MAX_STREAMS = 64
MAX_PIXELS = 8192 * 4320
MAX_ALLOC_BYTES = 512 * 1024**2


def input_flags(*codecs: str) -> tuple[str, ...]:
    """Return the flags that go before `-i`, for ffprobe and ffmpeg alike."""
    return (
        "-protocol_whitelist", ",".join(PROTOCOLS),
        "-format_whitelist", ",".join(CONTAINERS),
        "-codec_whitelist", ",".join(codecs),
        "-max_streams", str(MAX_STREAMS),
        "-max_pixels", str(MAX_PIXELS),
        "-max_alloc", str(MAX_ALLOC_BYTES),
    )  # fmt: skip
