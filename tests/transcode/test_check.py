"""What must be true of a folder before anybody is pointed at it."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.transcode.boxes import OTHER, fragment
from transcode.core import check, mp4
from transcode.core.media import Refused
from transcode.core.playlist import MediaPlaylist, Piece

RATE = Fraction(25)
INIT = mp4.Init("avc1.64001f", 1000, 0, 800)
LISTED = MediaPlaylist("init.mp4", (("0.m4s", 6.0), ("1.m4s", 4.0)), True)


def file(*begun: int, samples: int = 2, ticks: int = 1000, first: int = 0) -> check.File:
    """A segment with a fragment at each of these milliseconds."""
    data = b"".join(
        fragment([7] * samples, decode_time=at, ticks=ticks, first=first or 0x02000000) for at in begun
    )
    return check.File(len(data), mp4.fragments(data))


FILES = {"0.m4s": file(0, 2000, 4000), "1.m4s": file(6000, 8000)}


def output(name: str = "720p", **changes: Any) -> check.Output:
    """Ten seconds of ten frames, a key frame every two seconds."""
    return replace(check.Output(name, LISTED, INIT, FILES), **changes)


class DecodedTests:
    def test_is_counted_in_frames_not_claims(self):
        assert check.check_decoded(249, RATE, 10.0) == 9.96

    def test_is_refused_where_it_is_nothing(self):
        with pytest.raises(Refused, match="no picture"):
            check.check_decoded(0, RATE, 10.0)

    @pytest.mark.parametrize(("claimed", "missing"), [(10, 1.2), (60, 5.5), (7200, 6)])
    def test_is_refused_where_seconds_are_missing(self, claimed, missing):
        with pytest.raises(Refused, match="too early"):
            check.check_decoded(int((claimed - missing) * RATE), RATE, claimed)

    @given(st.floats(1, 40_000))
    def test_may_lack_a_little(self, claimed):
        assert check.check_decoded(max(1, round((claimed - 0.9) * RATE)), RATE, claimed) > 0

    def test_is_all_there_is_where_nothing_is_claimed(self):
        assert check.check_decoded(100, RATE, None) == 4.0


class PictureTests:
    def test_passes_when_all_of_it_is_there(self):
        check.check_picture([output("720p"), output("480p")], 10, 10.0)

    @pytest.mark.parametrize(
        ("broken", "why"),
        [
            pytest.param({"init": None}, "init segment", id="no init segment"),
            pytest.param({"playlist": replace(LISTED, ended=False)}, "not finished", id="playlist cut off"),
            pytest.param({"playlist": MediaPlaylist("init.mp4", (), True)}, "not finished", id="no segment"),
            pytest.param({"files": {"0.m4s": FILES["0.m4s"]}}, "missing", id="a segment is missing"),
            pytest.param({"files": {**FILES, "1.m4s": check.File(0)}}, "empty", id="a segment is empty"),
            pytest.param(
                {"files": {**FILES, "1.m4s": check.File(9, why="x")}}, "cut short: x", id="a cut one"
            ),
            pytest.param(
                {"files": {**FILES, "1.m4s": file(6000)}}, "8 of 10 frames", id="frames are missing"
            ),
            pytest.param({"files": {**FILES, "1.m4s": file(6500, 8500)}}, "hole at 6.0", id="a hole"),
            pytest.param(
                {"files": {**FILES, "1.m4s": file(6000, 8000, first=OTHER)}}, "key frame", id="no key frame"
            ),
            pytest.param(
                {"files": {**FILES, "1.m4s": file(6000, 8000, ticks=1300)}}, "11.200 s of", id="too long"
            ),
        ],
    )
    def test_is_unfit_where_something_is_wrong(self, broken, why):
        with pytest.raises(check.Unfit, match=why):
            check.check_picture([output("720p"), output("480p", **broken)], 10, 10.0)

    def test_is_unfit_where_all_rungs_lack_the_same_frames(self):
        with pytest.raises(check.Unfit, match="10 of 11 frames"):
            check.check_picture([output("720p"), output("480p")], 11, 10.0)

    def test_is_unfit_where_the_rungs_are_cut_differently(self):
        files = {"0.m4s": file(0, 2000), "1.m4s": file(4000, 6000, 8000)}
        with pytest.raises(check.Unfit, match="cut differently"):
            check.check_picture([output("720p"), output("480p", files=files)], 10, 10.0)


class SoundTests:
    def test_may_be_shorter_than_the_picture(self):
        check.check_sound(output("audio"))

    def test_is_unfit_where_its_samples_are_fewer_than_its_playlist_says(self):
        with pytest.raises(check.Unfit, match="audio has 8.000 s of 10.000 s"):
            check.check_sound(output("audio", files={**FILES, "1.m4s": file(6000)}))

    def test_is_silent_where_no_sample_came(self):
        assert check.is_silent(output("audio", files={"0.m4s": check.File(24, why="no samples")}))

    def test_is_not_silent_where_one_segment_was_cut(self):
        assert not check.is_silent(output("audio", files={**FILES, "1.m4s": check.File(24, why="cut")}))

    def test_is_not_silent_where_its_playlist_was_never_finished(self):
        unfinished = output("audio", files={}, playlist=replace(LISTED, ended=False))
        assert not check.is_silent(unfinished)


class PiecesTests:
    def test_last_as_long_as_their_samples(self):
        assert [piece.seconds for piece in output().segments] == [6.0, 4.0]

    def test_name_each_key_frame_by_its_bytes(self):
        first, second, *_ = output().key_pieces
        size = FILES["0.m4s"].fragments[0].key_bytes
        assert (first, second.offset) == (Piece("0.m4s", 2.0, size, 0), FILES["0.m4s"].fragments[0].end)

    @given(st.lists(st.integers(1, 6), min_size=1, max_size=6))
    def test_of_key_frames_cover_the_whole_length(self, counts):
        begun = [2000 * sum(counts[:number]) for number in range(len(counts))]
        files = {
            str(number): file(*range(at, at + 2000 * count, 2000))
            for number, (at, count) in enumerate(zip(begun, counts, strict=True))
        }
        listed = MediaPlaylist("i", tuple((name, 1.0) for name in files), True)
        made = output(playlist=listed, files=files)
        assert sum(piece.seconds for piece in made.key_pieces) == pytest.approx(made.seconds)

    @given(st.lists(st.integers(1, 2000), min_size=1, max_size=40))
    def test_for_skimming_cover_the_whole_length_with_few(self, counts):
        begun = [sum(counts[:number]) for number in range(len(counts))]
        # Each lasts until the next one begins.
        files = {
            f"{at}.m4s": file(at, samples=1, ticks=count) for at, count in zip(begun, counts, strict=True)
        }
        listed = MediaPlaylist("i", tuple((name, 1.0) for name in files), True)
        made = output(playlist=listed, files=files)
        assert sum(piece.seconds for piece in made.skimmed) == pytest.approx(made.seconds, abs=0.002)
        assert all(piece.seconds >= check.SKIMMED_SECONDS for piece in made.skimmed[:-1])

    @pytest.mark.parametrize(("moment", "at"), [(0, 0), (1.9, 0), (2, 2), (5.9, 4), (99, 8)])
    def test_hold_what_is_shown_at_a_moment(self, moment, at):
        assert output().key_frame_at(moment).at == at


class DecodeTests:
    picked = check.samples([output("720p"), output("audio", init=replace(INIT, channels=2))])

    def test_takes_the_first_and_the_last_fragment_of_each_track(self):
        assert [sample.name for sample in self.picked] == [
            "720p-first.part",
            "720p-last.part",
            "audio-first.part",
            "audio-last.part",
        ]
        assert [sample.fragment.decode_time for sample in self.picked] == [0, 8000, 0, 8000]

    def test_stops_at_the_first_error(self):
        assert {"-xerror", "explode"} <= set(check.decode_argv("ffmpeg", self.picked))

    def test_passes_where_every_frame_comes_out(self):
        check.check_decodes(self.picked, "#tb 0: 1/25\n0, 0\n1, 0\n1, 1\n2, 0\n3, 0\n")

    @pytest.mark.parametrize("missing", ["0, 0\n", "1, 1\n", "2, 0\n", "3, 0\n"])
    def test_is_unfit_where_one_does_not(self, missing):
        with pytest.raises(check.Unfit, match="decodes to"):
            check.check_decodes(self.picked, "0, 0\n1, 0\n1, 1\n2, 0\n3, 0\n".replace(missing, ""))
