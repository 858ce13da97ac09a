from __future__ import annotations

from fractions import Fraction
from math import ceil

from hypothesis import given
from hypothesis import strategies as st

from transcode.core.playlist import MediaPlaylist, Track, Variant, measure, multivariant, parse_media_playlist

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
SOUND = Track("audio", "mp4a.40.2", 130_000, 128_000)


class ParseMediaPlaylistTests:
    def test_reads_init_segments_and_end(self):
        segments = (("00000.m4s", 6.0), ("00001.m4s", 1.5))
        assert parse_media_playlist(MEDIA) == MediaPlaylist("init.mp4", segments, True)

    def test_sees_that_a_playlist_was_cut_off(self):
        cut = parse_media_playlist(MEDIA[: MEDIA.index("00001")])
        assert (cut.ended, len(cut.segments)) == (False, 1)

    def test_finds_nothing_in_an_empty_file(self):
        assert parse_media_playlist("") == MediaPlaylist("", (), False)

    def test_knows_what_plays_at_a_moment(self):
        listed = parse_media_playlist(MEDIA)
        assert [listed.at(moment) for moment in (0, 5.5, 6.5, 99)] == [
            ("00000.m4s", 0),
            ("00000.m4s", 5.5),
            ("00001.m4s", 0.5),
            ("00001.m4s", 93),
        ]


class MeasureTests:
    def test_does_not_take_a_sliver_for_a_peak(self):
        assert measure("720p", "avc1", ((6000, 6.0), (5000, 0.04))).peak == ceil(11_000 * 8 / 6.04)

    @given(st.lists(st.tuples(st.integers(1, 10**6), st.floats(0.04, 10)), min_size=1))
    def test_finds_no_peak_below_the_longest_segment(self, sizes):
        size, seconds = max(sizes, key=lambda segment: segment[1])
        assert measure("720p", "avc1", tuple(sizes)).peak >= size * 8 / seconds - 1

    def test_finds_the_peak_and_the_average(self):
        assert measure("720p", "avc1", ((6000, 6.0), (8000, 4.0))) == Track("720p", "avc1", 16_000, 11_200)


class MultivariantTests:
    def test_names_every_attribute_and_the_sound_group(self):
        text = multivariant((Variant(PICTURE, 1280, 720, Fraction(30000, 1001)),), SOUND)
        assert text.splitlines() == [
            "#EXTM3U",
            "#EXT-X-VERSION:7",
            "#EXT-X-INDEPENDENT-SEGMENTS",
            '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",NAME="Sound",DEFAULT=YES,AUTOSELECT=YES,CHANNELS="2",'
            'URI="audio/media.m3u8"',
            '#EXT-X-STREAM-INF:BANDWIDTH=3130000,AVERAGE-BANDWIDTH=2128000,CODECS="avc1.64001f,mp4a.40.2",'
            'RESOLUTION=1280x720,FRAME-RATE=29.970,VIDEO-RANGE=SDR,AUDIO="audio"',
            "720p/media.m3u8",
        ]

    def test_speaks_of_no_sound_where_there_is_none(self):
        text = multivariant((Variant(PICTURE, 1280, 720, Fraction(25)),), None)
        assert "AUDIO" not in text and 'CODECS="avc1.64001f"' in text
