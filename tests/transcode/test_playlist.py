from __future__ import annotations

import re
from fractions import Fraction
from math import ceil

import m3u8
import pytest
from hypothesis import given
from hypothesis import strategies as st

from transcode.core import playlist
from transcode.core.playlist import (
    MediaPlaylist,
    Piece,
    Sound,
    Track,
    Variant,
    measure,
    multivariant,
    parse_media_playlist,
)

MEDIA = """#EXTM3U
#EXT-X-VERSION:7
#EXT-X-TARGETDURATION:6
#EXT-X-MAP:URI="init.mp4"
#EXTINF:6.000000,
00000.m4s
#EXTINF:1.500000,
00001.m4s
#EXT-X-ENDLIST
"""
PICTURE = Track("720p", "avc1.64001f", 3_000_000, 2_000_000)
KEY_FRAMES = Track("720p", "avc1.64001f", 300_000, 200_000)
VARIANT = Variant(PICTURE, KEY_FRAMES, 1280, 720, Fraction(30000, 1001))
SOUND = Sound(Track("audio", "mp4a.40.2", 130_000, 128_000), "English", "en", 2)
PIECES = st.lists(st.builds(Piece, st.just("0.m4s"), st.floats(0.04, 10), st.integers(1, 10**6)), min_size=1)


class ParseMediaPlaylistTests:
    def test_reads_init_segments_and_end(self):
        segments = (("00000.m4s", 6.0), ("00001.m4s", 1.5))
        assert parse_media_playlist(MEDIA) == MediaPlaylist("init.mp4", segments, True)

    def test_sees_that_a_playlist_was_cut_off(self):
        cut = parse_media_playlist(MEDIA[: MEDIA.index("00001")])
        assert (cut.ended, len(cut.segments)) == (False, 1)

    @pytest.mark.parametrize("number", ["", "nan", "inf", "1e999", "-1", "one"])
    def test_takes_no_length_that_is_none(self, number):
        assert parse_media_playlist(f"#EXTINF:{number},\n00000.m4s\n").segments == (("00000.m4s", 0.0),)

    def test_finds_nothing_in_an_empty_file(self):
        assert parse_media_playlist("") == MediaPlaylist("", (), False)


class OfAttemptTests:
    def test_keeps_the_names_of_the_attempt(self):
        listed = MediaPlaylist("c0a1-init.mp4", (("c0a1-00000.m4s", 6.0),), True)
        assert listed.of_attempt("c0a1-") == listed

    @pytest.mark.parametrize(
        "name",
        [
            "/etc/passwd",
            "../c0a1-00000.m4s",
            "c0a1-/../../other/c0a1-00000.m4s",
            "c0a2-00000.m4s",
            "xc0a1-00000.m4s",
            "c0a1-00000.m4s.pth",
            "c0a1-٣.m4s",
        ],
    )
    def test_drops_any_other_name(self, name):
        assert MediaPlaylist(name, ((name, 6.0),), True).of_attempt("c0a1-") == MediaPlaylist("", (), True)


class MeasureTests:
    def test_does_not_take_a_sliver_for_a_peak(self):
        pieces = (Piece("0", 6.0, 6000), Piece("1", 0.04, 5000))
        assert measure("720p", "avc1", pieces).peak == ceil(11_000 * 8 / 6.04)

    @given(PIECES)
    def test_finds_no_peak_below_the_longest_segment(self, pieces):
        longest = max(pieces, key=lambda piece: piece.seconds)
        assert measure("720p", "avc1", pieces).peak >= longest.size * 8 / longest.seconds - 1

    @given(PIECES)
    def test_finds_no_average_above_the_fastest_segment(self, pieces):
        fastest = max(piece.size * 8 / piece.seconds for piece in pieces)
        assert measure("720p", "avc1", pieces).average <= fastest + 1

    def test_finds_the_peak_and_the_average(self):
        pieces = (Piece("0", 6.0, 6000), Piece("1", 4.0, 8000))
        assert measure("720p", "avc1", pieces) == Track("720p", "avc1", 16_000, 11_200)


class MediaTests:
    def test_lists_segments_in_whole(self):
        assert playlist.media("init.mp4", [Piece("00000.m4s", 6.006, 10), Piece("00001.m4s", 1.5, 9)]) == (
            "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:6\n#EXT-X-PLAYLIST-TYPE:VOD\n"
            '#EXT-X-INDEPENDENT-SEGMENTS\n#EXT-X-MAP:URI="init.mp4"\n'
            "#EXTINF:6.006000,\n00000.m4s\n#EXTINF:1.500000,\n00001.m4s\n#EXT-X-ENDLIST\n"
        )

    @given(PIECES)
    def test_promises_no_segment_longer_than_its_target(self, pieces):
        text = playlist.media("init.mp4", pieces)
        target = int(re.findall("TARGETDURATION:([0-9]+)", text)[0])
        # RFC 8216bis, 4.4.3.1: rounded to the nearest whole second.
        assert all(
            Fraction(seconds) < target + Fraction(1, 2) for seconds in re.findall("EXTINF:(.*),", text)
        )
        assert target >= 1

    @given(PIECES)
    def test_says_the_same_to_a_reader_that_others_wrote(self, pieces):
        read = m3u8.loads(playlist.media("init.mp4", pieces))
        assert [round(segment.duration, 6) for segment in read.segments] == [
            round(piece.seconds, 6) for piece in pieces
        ]


class KeyFramesTests:
    def test_names_frames_by_their_bytes(self):
        text = playlist.key_frames(
            "init.mp4", [Piece("00000.m4s", 2.0, 700, 76), Piece("00000.m4s", 2.0, 9, 800)]
        )
        assert text.splitlines()[4:] == [
            "#EXT-X-INDEPENDENT-SEGMENTS",
            "#EXT-X-I-FRAMES-ONLY",
            '#EXT-X-MAP:URI="init.mp4"',
            *("#EXTINF:2.000000,", "#EXT-X-BYTERANGE:700@76", "00000.m4s"),
            *("#EXTINF:2.000000,", "#EXT-X-BYTERANGE:9@800", "00000.m4s"),
            "#EXT-X-ENDLIST",
        ]


class MultivariantTests:
    def test_names_every_attribute_and_the_sound_group(self):
        assert multivariant([VARIANT], [SOUND]).splitlines() == [
            "#EXTM3U",
            "#EXT-X-VERSION:7",
            "#EXT-X-INDEPENDENT-SEGMENTS",
            '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",NAME="English",LANGUAGE="en",DEFAULT=YES,AUTOSELECT=YES,'
            'CHANNELS="2",URI="audio/media.m3u8"',
            '#EXT-X-STREAM-INF:BANDWIDTH=3130000,AVERAGE-BANDWIDTH=2128000,CODECS="avc1.64001f,mp4a.40.2",'
            'RESOLUTION=1280x720,FRAME-RATE=29.970,VIDEO-RANGE=SDR,AUDIO="audio",CLOSED-CAPTIONS=NONE',
            "720p/media.m3u8",
            '#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=300000,AVERAGE-BANDWIDTH=200000,CODECS="avc1.64001f",'
            'RESOLUTION=1280x720,VIDEO-RANGE=SDR,URI="720p/iframes.m3u8"',
        ]

    def test_speaks_of_no_sound_where_there_is_none(self):
        text = multivariant([VARIANT], [])
        assert "AUDIO" not in text and 'CODECS="avc1.64001f"' in text

    def test_counts_the_heaviest_sound(self):
        heavy = Sound(Track("audio-2", "mp4a.40.2", 200_000, 190_000), "German", "de", 2)
        assert "BANDWIDTH=3200000,AVERAGE-BANDWIDTH=2190000" in multivariant([VARIANT], [SOUND, heavy])

    def test_has_one_default_sound(self):
        read = m3u8.loads(multivariant([VARIANT], [SOUND, SOUND, SOUND]))
        assert [sound.default for sound in read.media] == ["YES", "NO", "NO"]

    @given(st.lists(st.sampled_from(["", "English", "English 2", "Deutsch"]), min_size=1, max_size=6))
    def test_tells_sounds_apart_by_name(self, labels):
        sounds = [Sound(SOUND.track, label, "", 2) for label in labels]
        names = [sound.name for sound in m3u8.loads(multivariant([VARIANT], sounds)).media]
        assert len(set(names)) == len(labels) and all(names)

    @given(st.text())
    def test_lets_no_label_out_of_its_quotes(self, label):
        lines = multivariant([VARIANT], [Sound(SOUND.track, label, "", 2)]).split("\n")
        assert len(lines) == 8 and lines[3].count('"') == 8
