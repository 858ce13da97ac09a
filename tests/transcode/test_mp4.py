from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.transcode.boxes import OTHER, box, fragment, init
from transcode.core import mp4

SIZES = st.lists(st.integers(1, 50), min_size=1, max_size=8)


class BoxesTests:
    def test_are_listed(self):
        assert [kind for kind, _, _ in mp4.boxes(box(b"moof") + box(b"mdat", b"xy"))] == ["moof", "mdat"]

    def test_may_say_their_size_in_eight_bytes(self):
        large = (1).to_bytes(4) + b"mdat" + (18).to_bytes(8) + b"xy"
        assert list(mp4.boxes(large)) == [("mdat", 16, 18)]


class FragmentsTests:
    @given(SIZES, st.integers(0, 2**40), st.integers(1, 10**6))
    def test_tell_what_their_samples_are(self, sizes, decode_time, ticks):
        (found,) = mp4.fragments(box(b"styp") + fragment(sizes, decode_time=decode_time, ticks=ticks))
        assert (found.decode_time, found.ticks, found.samples) == (
            decode_time,
            ticks * len(sizes),
            len(sizes),
        )

    @given(SIZES, SIZES)
    def test_lie_one_behind_the_other(self, sizes, others):
        data = box(b"styp") + fragment(sizes) + box(b"sidx") + fragment(others)
        first, second = mp4.fragments(data)
        assert (first.start, second.start, second.end) == (8, first.end + 8, len(data))

    @given(SIZES)
    def test_end_their_key_frame_with_its_last_byte(self, sizes):
        data = fragment(sizes)
        (found,) = mp4.fragments(data)
        assert found.key_bytes == len(data) - sum(sizes) + sizes[0]

    def test_have_no_key_frame_where_the_first_sample_is_none(self):
        assert mp4.fragments(fragment([3, 4], first=OTHER))[0].key_bytes == 0

    @given(SIZES, st.data())
    def test_are_broken_where_they_are_cut(self, sizes, data):
        whole = box(b"styp") + fragment(sizes)
        with pytest.raises(mp4.Broken):
            mp4.fragments(whole[: data.draw(st.integers(0, len(whole) - 1))])

    def test_may_be_of_more_samples_than_anybody_has_memory_for(self):
        # Four billion of no bytes each: all is said in tfhd and one number.
        tfhd = box(b"tfhd", bytes(8))
        trun = box(b"trun", bytes(4) + (2**32 - 1).to_bytes(4))
        traf = box(b"traf", tfhd + box(b"tfdt", bytes(8)) + trun)
        (found,) = mp4.fragments(box(b"moof", traf) + box(b"mdat"))
        assert found.samples == 2**32 - 1

    def test_are_broken_without_their_samples(self):
        with pytest.raises(mp4.Broken, match="do not fit"):
            mp4.fragments(fragment([5, 5])[:-18] + box(b"mdat"))

    @given(st.binary(max_size=64))
    def test_end_on_any_bytes(self, data):
        with pytest.raises(mp4.Broken):
            mp4.fragments(data)

    @given(SIZES, st.binary(min_size=1, max_size=4), st.data())
    def test_end_on_any_damage(self, sizes, noise, data):
        whole = fragment(sizes)
        at = data.draw(st.integers(0, len(whole) - 1))
        try:
            mp4.fragments(whole[:at] + noise + whole[at + len(noise) :])
        except mp4.Broken as why:
            assert str(why)


class ReadInitTests:
    def test_reads_codec_and_timescale(self):
        data = init(ticks_per_second=30000)
        assert replace(mp4.read_init(data), digest="") == mp4.Init("avc1.64001f", 30000, 0, len(data))

    def test_reads_the_channels_of_sound(self):
        found = mp4.read_init(init(channels=2))
        assert (found.codec, found.channels) == ("mp4a.40.2", 2)

    def test_ends_with_moov(self):
        data = init()
        assert mp4.read_init(data + fragment([1])).size == len(data)

    @given(st.data())
    def test_is_broken_where_it_is_cut(self, data):
        whole = init()
        with pytest.raises(mp4.Broken):
            mp4.read_init(whole[: data.draw(st.integers(0, len(whole) - 1))])


class InsertAfterTypeTests:
    def test_puts_fragments_in_their_order(self):
        first, second = fragment([1]), fragment([2])
        assert mp4.insert_after_type(box(b"styp") + second, first) == box(b"styp") + first + second

    def test_makes_a_segment_of_its_own(self):
        assert mp4.insert_after_type(b"", fragment([1])) == fragment([1])


class CodecOfTests:
    def test_names_profile_and_level_of_h264(self):
        assert mp4.codec_of(b"....avcC\x01\x64\x00\x1f") == "avc1.64001f"

    @given(st.binary(min_size=11, max_size=11))
    def test_names_aac_lc_whatever_its_rates(self, buffer_and_rates):
        inside = b"\x04\x80\x80\x80\x14\x40\x15" + buffer_and_rates + b"\x05\x80\x80\x80\x02\x11\x90"
        assert mp4.codec_of(b"esds" + bytes(4) + b"\x03\x80\x80\x80\x22\x00\x01\x00" + inside) == "mp4a.40.2"

    @pytest.mark.parametrize(
        "descriptors", [b"", b"\x03", b"\x03\x80", b"\x05\x02\x11"[:2], b"\x06\x01\x00\x00"], ids=repr
    )
    def test_guesses_no_sound(self, descriptors):
        with pytest.raises(mp4.Broken):
            mp4.codec_of(b"esds" + bytes(4) + descriptors)

    def test_refuses_what_it_does_not_know(self):
        with pytest.raises(mp4.Broken):
            mp4.codec_of(b"hvcC")
