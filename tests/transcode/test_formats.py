"""Each container and codec that is allowed, made here and encoded; those no encoder exists for are written by hand."""

from __future__ import annotations

import pytest

from tests.transcode import byhand, encoding
from transcode.core import allowed

pytestmark = pytest.mark.ffmpeg

X264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")
X265 = ("-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none")
AAC = ("-c:a", "aac")
PCM_CONTAINERS = {"s16be": "mov", "s24be": "mov", "alaw": "mov", "mulaw": "mov", "u8": "avi"}
# Name of a file; codecs as ffprobe names them; options.
CLIPS = (
    ("a.mp4", "h264", "aac", (*X264, *AAC)),
    ("fragmented.mp4", "h264", "aac", (*X264, *AAC, "-movflags", "frag_keyframe+empty_moov")),
    ("a.mov", "h264", "aac", (*X264, *AAC)),
    ("a.mkv", "h264", "opus", (*X264, "-c:a", "libopus")),
    ("a.ts", "h264", "mp2", (*X264, "-c:a", "mp2")),
    ("a.flv", "flv1", "mp3", ("-c:v", "flv", "-c:a", "libmp3lame", "-ar", "44100")),
    ("hevc.mp4", "hevc", "aac", (*X265, *AAC)),
    ("av1.mp4", "av1", "aac", ("-c:v", "libsvtav1", "-preset", "12", "-svtav1-params", "lp=1", *AAC)),
    ("vp8.webm", "vp8", "vorbis", ("-c:v", "libvpx", "-deadline", "realtime", "-c:a", "libvorbis")),
    ("vp9.webm", "vp9", "opus", ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-c:a", "libopus")),
    ("a.mpg", "mpeg1video", "mp2", ("-c:v", "mpeg1video", "-c:a", "mp2")),
    ("a.m1v", "mpeg1video", "", ("-an", "-c:v", "mpeg1video", "-f", "mpeg1video")),
    ("a.m2v", "mpeg2video", "", ("-an", "-c:v", "mpeg2video", "-f", "mpeg2video")),
    ("a.h264", "h264", "", (*X264, "-an")),
    ("a.hevc", "hevc", "", (*X265, "-an")),
    ("dvd.mpg", "mpeg2video", "ac3", ("-c:v", "mpeg2video", "-c:a", "ac3", "-f", "vob")),
    ("a.ogv", "theora", "vorbis", ("-c:v", "libtheora", "-c:a", "libvorbis")),
    ("flac.ogv", "theora", "flac", ("-c:v", "libtheora", "-c:a", "flac")),
    ("a.avi", "mpeg4", "mp3", ("-c:v", "mpeg4", "-c:a", "libmp3lame")),
    ("v2.avi", "msmpeg4v2", "mp3", ("-c:v", "msmpeg4v2", "-c:a", "libmp3lame")),
    ("v3.avi", "msmpeg4v3", "ac3", ("-c:v", "msmpeg4", "-c:a", "ac3")),
    ("mjpeg.avi", "mjpeg", "pcm_s16le", ("-c:v", "mjpeg", "-c:a", "pcm_s16le")),
    ("h261.mkv", "h261", "eac3", ("-c:v", "h261", "-c:a", "eac3")),
    (
        "a.3gp",
        "h263",
        "amr_nb",
        ("-c:v", "h263", "-c:a", "libopencore_amrnb", "-ar", "8000", "-ac", "1", "-b:a", "12.2k"),
    ),
    ("a.wmv", "wmv2", "wmav2", ("-c:v", "wmv2", "-c:a", "wmav2")),
    ("old.wmv", "wmv1", "wmav1", ("-c:v", "wmv1", "-c:a", "wmav1")),
    ("a.mxf", "mpeg2video", "pcm_s16le", ("-c:v", "mpeg2video", "-c:a", "pcm_s16le", "-ar", "48000")),
    ("prores.mov", "prores", "pcm_s16le", ("-c:v", "prores_ks", "-c:a", "pcm_s16le")),
    (
        "dnxhr.mov",
        "dnxhd",
        "pcm_s24le",
        (
            "-vf",
            "scale=256:144",
            "-c:v",
            "dnxhd",
            "-profile:v",
            "dnxhr_lb",
            "-pix_fmt",
            "yuv422p",
            "-c:a",
            "pcm_s24le",
        ),
    ),
    ("screen.mov", "qtrle", "alac", ("-c:v", "qtrle", "-c:a", "alac")),
    ("png.mov", "png", "pcm_f32le", ("-c:v", "png", "-c:a", "pcm_f32le")),
    ("a.gif", "gif", "", ("-an",)),
    *(
        (f"{kind}.{PCM_CONTAINERS.get(kind, 'mkv')}", "h264", f"pcm_{kind}", (*X264, "-c:a", f"pcm_{kind}"))
        for kind in ("s16be", "s24be", "s24le", "s32le", "f32le", "u8", "alaw", "mulaw")
    ),
)
# No encoder here makes these; files people have hold them (VC-1 in WMV, AMR-WB of phones, MP1 of old films). What is
# written bit by bit, and the options that put it beside a picture or a tone.
LAVFI = ("-f", "lavfi", "-i")
BY_HAND = (
    (
        "one.mpg",
        "mpeg1video",
        "mp1",
        byhand.layer_one,
        (*LAVFI, encoding.PICTURE, "-f", "mp3", "-i", "raw", "-c:v", "mpeg1video", "-c:a", "copy"),
    ),
    (
        "wide.3gp",
        "h263",
        "amr_wb",
        byhand.amr_wb,
        (*LAVFI, encoding.PICTURE, "-f", "amr", "-i", "raw", "-c:v", "h263", "-c:a", "copy"),
    ),
    (
        "nine.wmv",
        "wmv3",
        "wmav2",
        byhand.wmv3,
        (*LAVFI, encoding.TONE, "-f", "vc1test", "-i", "raw", "-c:v", "copy", "-c:a", "wmav2"),
    ),
    (
        "advanced.wmv",
        "vc1",
        "wmav2",
        byhand.vc1,
        (*LAVFI, encoding.TONE, "-f", "vc1", "-i", "raw", "-c:v", "copy", "-c:a", "wmav2"),
    ),
)
# What rides along: the name of the file; its codec; what it is made of, and how.
CUE = b"1\n00:00:00,100 --> 00:00:00,800\nhello\n"
RIDING = (
    ("a.mp4", "mov_text", CUE, ("-f", "srt", "-i", "raw", "-c:s", "mov_text")),
    ("a.mkv", "subrip", CUE, ("-f", "srt", "-i", "raw", "-c:s", "srt")),
    ("b.mkv", "webvtt", CUE, ("-f", "srt", "-i", "raw", "-c:s", "webvtt")),
    ("c.mkv", "ass", CUE, ("-f", "srt", "-i", "raw", "-c:s", "ass")),
    ("d.mkv", "hdmv_pgs_subtitle", byhand.pgs(), ("-f", "sup", "-i", "raw", "-c:s", "copy")),
    ("e.mkv", "dvd_subtitle", byhand.pgs(), ("-f", "sup", "-i", "raw", "-c:s", "dvdsub")),
    ("a.ts", "dvb_subtitle", byhand.pgs(), ("-f", "sup", "-i", "raw", "-c:s", "dvbsub")),
    ("a.mov", "eia_608", byhand.scc(), ("-f", "scc", "-i", "raw", "-c:s", "copy")),
)


class FormatTests:
    @pytest.mark.parametrize(("name", "picture", "sound", "options"), CLIPS, ids=[clip[0] for clip in CLIPS])
    def test_is_encoded(self, tmp_path, name, picture, sound, options):
        made = encoding.encode(encoding.clip(tmp_path, name, *options))
        assert made.media.video_codec == picture and len(made.media.sounds) == bool(sound)
        tracks = [*(r.name for r in made.plan.renditions), *(s.name for s in made.plan.sounds)]
        assert all(0.9 <= made.seconds(track) <= 1.3 for track in tracks)

    @pytest.mark.parametrize(
        ("name", "picture", "sound", "write", "options"), BY_HAND, ids=[clip[0] for clip in BY_HAND]
    )
    def test_is_encoded_where_only_a_hand_could_write_it(
        self, tmp_path, name, picture, sound, write, options
    ):
        (tmp_path / "raw").write_bytes(write())
        encoding.run(tmp_path, *options, name)
        assert encoding.codecs(tmp_path / name) == {picture, sound}
        made = encoding.encode(tmp_path / name)
        assert all(0.9 <= made.seconds(track) <= 1.3 for track in ("144p", "audio"))

    def test_stands_on_the_list_for_a_file_that_needs_it(self):
        made = {codec for _, *codecs, _ in CLIPS for codec in codecs if codec}
        made |= {codec for _, *codecs, _, _ in BY_HAND for codec in codecs}
        assert {*allowed.PICTURES, *allowed.SOUNDS} == made

    def test_of_a_container_stands_on_the_list_for_a_file_that_needs_it(self, tmp_path):
        made = set()
        for ending, options in {name.rpartition(".")[2]: options for name, *_, options in CLIPS}.items():
            made.add(encoding.container(encoding.clip(tmp_path, f"a.{ending}", *options)).split(",")[0])
        assert set(allowed.CONTAINERS) == made


class RidingTests:
    @pytest.mark.parametrize(("name", "codec", "raw", "options"), RIDING, ids=[clip[1] for clip in RIDING])
    def test_is_probed_and_left_out(self, tmp_path, name, codec, raw, options):
        (tmp_path / "raw").write_bytes(raw)
        maps = ("-map", "0", "-map", "1", "-map", "2")
        source = encoding.clip(tmp_path, name, *options, *maps, *X264, *AAC)
        assert codec in encoding.codecs(source)
        made = encoding.encode(source)
        assert encoding.codecs(made.whole("144p")) == {"h264"}
        assert encoding.codecs(made.whole("audio")) == {"aac"}

    def test_of_a_clock_needs_no_decoder(self, tmp_path):
        source = encoding.clip(tmp_path, "a.mov", "-timecode", "01:00:00:00", *X264, *AAC)
        assert b"tmcd" in source.read_bytes() and len(encoding.encode(source).media.sounds) == 1

    def test_stands_on_the_list_for_a_file_that_needs_it(self):
        assert set(allowed.RIDING) == {codec for _, codec, *_ in RIDING}
