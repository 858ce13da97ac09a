"""What people see and hear of odd sources, through the real ffmpeg."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.transcode import encoding
from transcode.core.media import Refused

pytestmark = pytest.mark.ffmpeg

X264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-an")
# Red above green, on the left a blue bar: no turn and no mirror leaves it alike.
FLAG = "color=green:d=0.4:s=160x96:r=25,drawbox=c=red:t=fill:w=iw:h=ih/2,drawbox=c=blue:t=fill:w=iw/4:h=ih,format=yuv444p"
RED, GREEN, BLUE = (255, 0, 0), (0, 128, 0), (0, 0, 255)


def is_near(found: tuple[int, ...], wanted: tuple[int, ...], by: int = 12) -> bool:
    return all(abs(a - b) <= by for a, b in zip(found, wanted, strict=True))


def hdr_as_shown(folder: Path, transfer: str, code: str) -> tuple[int, ...]:
    """Return what becomes of a colour that is coded so in BT.2020."""
    tags = f"setparams=color_primaries=bt2020:color_trc={transfer}:colorspace=gbr:range=full"
    to_yuv = f"format=gbrp10le,{tags},zscale=m=bt2020nc:r=limited,format=yuv420p10le"
    x265 = f"log-level=none:colorprim=bt2020:transfer={transfer}:colormatrix=bt2020nc:range=limited"
    options = ("-vf", to_yuv, "-c:v", "libx265", "-preset", "ultrafast", "-x265-params", x265, "-an")
    made = encoding.encode(
        encoding.clip(folder, "a.mp4", *options, picture=f"color={code}:d=0.4:s=160x96:r=25")
    )
    return made.pixel("96p")


class TurnedTests:
    @pytest.mark.parametrize(
        ("flags", "filters"),
        [
            (("-display_rotation", "90"), "transpose=clock"),
            (("-display_rotation", "180"), "hflip,vflip"),
            (("-display_rotation", "270"), "transpose=cclock"),
            (("-display_hflip",), "hflip"),
            (("-display_vflip",), "vflip"),
        ],
    )
    def test_stands_upright(self, tmp_path, flags, filters):
        # Lie down by the opposite of what the matrix will say, so that upright is the flag itself.
        encoding.clip(tmp_path, "lying.mp4", "-vf", filters, *X264, picture=FLAG)
        encoding.run(tmp_path, *flags, "-i", "lying.mp4", "-c", "copy", "turned.mp4")
        made = encoding.encode(tmp_path / "turned.mp4")
        (rendition,) = made.plan.renditions
        assert (rendition.width, rendition.height) == (160, 96)
        assert is_near(made.pixel("96p", x=0.1), BLUE) and is_near(made.pixel("96p", x=0.6, y=0.2), RED)


class ColourTests:
    @pytest.mark.parametrize(
        ("name", "options"),
        [
            pytest.param(
                "a.mpg", ("-vf", "scale=out_color_matrix=bt601", "-c:v", "mpeg2video", "-an"), id="SD in 601"
            ),
            pytest.param(
                "a.avi",
                (
                    "-vf",
                    "scale=out_color_matrix=bt601:out_range=full,format=yuvj420p",
                    "-c:v",
                    "mjpeg",
                    "-an",
                ),
                id="full range",
            ),
            pytest.param("a.mov", ("-c:v", "png", "-pix_fmt", "rgb24", "-an"), id="RGB"),
            pytest.param("b.mov", ("-c:v", "qtrle", "-pix_fmt", "rgb24", "-an"), id="RGB, run lengths"),
            pytest.param("a.gif", ("-an",), id="palette"),
            pytest.param(
                "a.mkv",
                ("-vf", "scale=out_color_matrix=bt601", "-c:v", "libx264", "-pix_fmt", "yuv444p", "-an"),
                id="4:4:4",
            ),
            pytest.param(
                "b.mkv",
                ("-vf", "scale=out_color_matrix=bt709,setparams=colorspace=bt709", "-c:v", "libx264")
                + ("-pix_fmt", "yuv422p10le", "-an"),
                id="10 bit 4:2:2 in 709",
            ),
        ],
    )
    def test_come_out_as_they_went_in(self, tmp_path, name, options):
        made = encoding.encode(encoding.clip(tmp_path, name, *options, picture=FLAG))
        assert is_near(made.pixel("96p", x=0.6, y=0.2), RED) and is_near(
            made.pixel("96p", x=0.6, y=0.8), GREEN
        )

    def test_are_tagged_as_bt709_in_eight_bits(self, tmp_path):
        made = encoding.encode(
            encoding.clip(tmp_path, "a.mkv", "-c:v", "libx264", "-pix_fmt", "yuv444p10le", "-an")
        )
        stream = made.stream("144p")
        tags = ("pix_fmt", "color_range", "color_space", "color_primaries", "color_transfer")
        assert [stream[tag] for tag in tags] == ["yuv420p", "tv", "bt709", "bt709", "bt709"]

    @pytest.mark.parametrize(
        ("transfer", "code"),
        [
            pytest.param("smpte2084", "0x949494", id="HDR10"),
            pytest.param("arib-std-b67", "0xbfbfbf", id="HLG"),
        ],
    )
    def test_of_hdr_show_paper_as_light_grey(self, tmp_path, transfer, code):
        # BT.2408: the white of paper is 58 % of PQ's signal and 75 % of HLG's.
        red, green, blue = hdr_as_shown(tmp_path, transfer, code)
        assert 190 <= red <= 240 and max(red, green, blue) - min(red, green, blue) <= 4

    @pytest.mark.parametrize(
        ("transfer", "code"),
        [
            pytest.param("smpte2084", "0xbdb7ad", id="HDR10"),
            pytest.param("arib-std-b67", "0xfdefda", id="HLG"),
        ],
    )
    def test_of_hdr_show_bright_cream_as_cream(self, tmp_path, transfer, code):
        # Keys of a piano in bright light; not orange, as where the brightest of the three colours decides alone.
        red, green, blue = hdr_as_shown(tmp_path, transfer, code)
        assert red >= 235 and red - 20 <= green <= red and red - 40 <= blue < green

    @pytest.mark.parametrize(
        ("name", "options"),
        [
            ("a.mov", ("-c:v", "png", "-pix_fmt", "rgba")),
            ("b.mov", ("-c:v", "qtrle", "-pix_fmt", "argb")),
            ("c.mov", ("-c:v", "prores_ks", "-pix_fmt", "yuva444p10le")),
        ],
    )
    def test_that_are_half_transparent_lie_over_black(self, tmp_path, name, options):
        half = "color=white:d=0.4:s=160x96:r=25,format=yuva444p,colorchannelmixer=aa=0.5"
        made = encoding.encode(encoding.clip(tmp_path, name, *options, "-an", picture=half))
        assert is_near(made.pixel("96p"), (128, 128, 128), 6)


class ShapeTests:
    def test_is_kept_for_pixels_that_are_not_square(self, tmp_path):
        made = encoding.encode(encoding.clip(tmp_path, "a.mkv", "-vf", "setsar=16/11", *X264))
        (rendition,) = made.plan.renditions
        assert (rendition.width, rendition.height) == (256, 144)
        assert made.stream("144p")["sample_aspect_ratio"] == "1:1"

    def test_of_extreme_pictures_is_refused(self, tmp_path):
        with pytest.raises(Refused, match="16 times as long"):
            encoding.encode(encoding.clip(tmp_path, "a.mkv", *X264, picture="color=d=0.2:s=1000x20"))

    def test_stays_where_the_source_changes_on_the_way(self, tmp_path):
        encoding.clip(tmp_path, "a.ts", *X264, "-muxdelay", "0", picture="color=red:d=1:s=160x96:r=25")
        late = ("-output_ts_offset", "1", "-muxdelay", "0")
        encoding.clip(tmp_path, "b.ts", *X264, *late, picture="color=blue:d=1:s=320x192:r=25")
        (tmp_path / "c.ts").write_bytes((tmp_path / "a.ts").read_bytes() + (tmp_path / "b.ts").read_bytes())
        made = encoding.encode(tmp_path / "c.ts")
        stream = made.stream(made.plan.renditions[0].name)
        assert (stream["width"], stream["height"]) == (160, 96)
        assert made.seconds("96p") == pytest.approx(2, abs=0.09)
        assert is_near(made.pixel("96p"), (254, 0, 0)) and is_near(made.pixel("96p", at=1.5), BLUE)


# A white bar that moves at every field leaves a comb where fields are not told apart.
BAR = "lum='if(between(X,mod(N*12,120),mod(N*12,120)+24),235,16)':cb=128:cr=128"


def combed(folder: Path, name: str, *options: str) -> Path:
    """A second of H.264 in whose frames lie two moments; `options` say whether it says so."""
    moves = f"color=black:d=1:s=160x96:r=50,format=yuv420p,geq={BAR}"
    weave = ("-vf", "interlace=lowpass=off", *X264, "-crf", "10", "-bf", "0", "-muxdelay", "0", *options)
    return encoding.clip(folder, name, *weave, picture=moves)


SAID, UNSAID = (
    ("-flags", "+ilme+ildct", "-x264-params", "tff=1"),
    ("-vf", "interlace=lowpass=off,setfield=prog"),
)


class FieldTests:
    def test_are_woven_into_whole_pictures(self, tmp_path):
        moves = f"color=black:d=0.4:s=160x96:r=50,format=yuv420p,geq={BAR}"
        options = (
            "-vf",
            "interlace=lowpass=off",
            "-flags",
            "+ilme+ildct",
            "-c:v",
            "mpeg2video",
            "-q:v",
            "2",
            "-an",
        )
        made = encoding.encode(encoding.clip(tmp_path, "a.mpg", *options, picture=moves))
        assert made.media.has_fields
        assert combs(made.folder, "source") > 500 and combs(made.folder, made.whole("96p").name) < 50

    def test_of_h264_are_woven_where_it_says_that_it_has_them(self, tmp_path):
        made = encoding.encode(combed(tmp_path, "a.mp4", *SAID))
        assert made.media.has_fields
        assert combs(made.folder, "source") > 1000 and combs(made.folder, made.whole("96p").name) < 125

    def test_are_left_alone_where_a_file_says_that_its_frames_are_whole(self, tmp_path):
        made = encoding.encode(combed(tmp_path, "a.mp4", *UNSAID))
        assert not made.media.has_fields and combs(made.folder, made.whole("96p").name) > 1000

    def test_are_woven_for_as_long_as_a_broadcast_has_them(self, tmp_path):
        one = combed(tmp_path, "one.ts", *SAID)
        other = combed(tmp_path, "other.ts", *UNSAID, "-output_ts_offset", "1")
        (tmp_path / "a.ts").write_bytes(one.read_bytes() + other.read_bytes())
        made = encoding.encode(tmp_path / "a.ts")
        name = made.whole("96p").name
        assert combs(made.folder, name, "-t", "0.9") < 125
        assert combs(made.folder, name, "-ss", "1.1") > 1000


def combs(folder: Path, name: str, *part: str) -> int:
    """Return how many pixels differ much from both the one above and the one below."""
    encoding.run(folder, *part, "-i", name, "-vf", "scale=160:96,format=gray", "-f", "rawvideo", "pixels")
    data, wide = (folder / "pixels").read_bytes(), 160
    lines = zip(data, data[wide:], data[2 * wide :], strict=False)
    return sum(abs(b - a) > 60 and abs(b - c) > 60 for a, b, c in lines)


class SoundTests:
    def test_of_one_speaker_of_six_is_heard_on_both_sides(self, tmp_path):
        centre = (
            "-af",
            "pan=5.1|FC=c0|FL=0*c0|FR=0*c0|LFE=0*c0|BL=0*c0|BR=0*c0",
            "-c:v",
            "libx264",
            "-c:a",
            "ac3",
        )
        made = encoding.encode(encoding.clip(tmp_path, "a.mkv", *centre))
        assert made.plan.sounds[0].mix == "down" and made.stream("audio")["channels"] == 2

    def test_whose_channels_change_on_the_way_stays_as_long_as_the_picture(self, tmp_path):
        options = ("-c:v", "libx264", "-preset", "ultrafast", "-c:a", "ac3", "-muxdelay", "0")
        encoding.clip(tmp_path, "a.ts", *options, "-ac", "2")
        encoding.clip(tmp_path, "b.ts", *options, "-ac", "6", "-output_ts_offset", "1")
        (tmp_path / "c.ts").write_bytes((tmp_path / "a.ts").read_bytes() + (tmp_path / "b.ts").read_bytes())
        assert encoding.encode(tmp_path / "c.ts").seconds("audio") == pytest.approx(2, abs=0.15)

    def test_in_ten_channels_without_names_is_its_first_two(self, tmp_path):
        ten = "aevalsrc='" + "|".join(["sin(440*t)"] * 10) + "':s=48000:d=1"
        options = ("-c:v", "libx264", "-preset", "ultrafast", "-c:a", "pcm_s16le")
        made = encoding.encode(encoding.clip(tmp_path, "a.mkv", *options, tone=ten))
        assert made.stream("audio")["channels"] == 2

    def test_in_several_tracks_becomes_several_playlists(self, tmp_path):
        more = ("-f", "lavfi", "-i", "sine=f=900:d=1", "-map", "0:v", "-map", "1:a", "-map", "2:a")
        tags = (
            "-metadata:s:a:0",
            "language=eng",
            "-metadata:s:a:1",
            "language=ger",
            "-disposition:a:1",
            "default",
        )
        options = (*more, *tags, "-disposition:a:0", "0", "-c:v", "libx264", "-c:a", "aac")
        made = encoding.encode(encoding.clip(tmp_path, "a.mkv", *options))
        assert [(s.name, s.language) for s in made.plan.sounds] == [("audio", "de"), ("audio-2", "en")]
        assert made.seconds("audio-2") == pytest.approx(1, abs=0.1)


class LevelTests:
    def test_is_written_as_decided_in_high_profile(self, tmp_path):
        stream = encoding.encode(encoding.clip(tmp_path, "a.mkv", *X264)).stream("144p")
        assert (stream["profile"], stream["level"]) == ("High", 11)


class PrivateTests:
    def test_words_never_reach_an_output(self, tmp_path):
        (tmp_path / "meta").write_text(
            ";FFMETADATA1\ntitle=SECRET1\nlocation=+48.8584+002.2945/\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=500\ntitle=SECRET2\n"
        )
        names = (
            "-metadata:s:v",
            "handler_name=SECRET3",
            "-metadata:s:a",
            "title=SECRET4",
            "-metadata",
            "comment=SECRET5",
        )
        options = (
            "-i",
            "meta",
            "-map_metadata",
            "2",
            "-map_chapters",
            "2",
            *names,
            "-c:v",
            "libx264",
            "-c:a",
            "aac",
        )
        source = encoding.clip(tmp_path, "a.mp4", *options, "-movflags", "use_metadata_tags")
        assert all(f"SECRET{n}".encode() in source.read_bytes() for n in (1, 2, 3))
        made = encoding.encode(source)
        written = b"".join(
            path.read_bytes() for name in ("144p", "audio") for path in (made.folder / name).iterdir()
        )
        assert b"SECRET" not in written and b"48.8584" not in written
