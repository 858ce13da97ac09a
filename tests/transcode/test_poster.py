from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.transcode import encoding
from tests.transcode.local import produce
from transcode.core.poster import BLURRED, Look, best, choose, parse_looks

GOOD = Look(at=0.0, brightness=110, contrast=120, entropy=0.9, blur=4)
BLACK = replace(GOOD, brightness=16, contrast=0, entropy=0)
PRINTED = """frame:0    pts:0       pts_time:0
lavfi.signalstats.YLOW=41
lavfi.signalstats.YAVG=125.071
lavfi.signalstats.YHIGH=210
lavfi.entropy.normalized_entropy.normal.Y=0.509991
lavfi.blur=5.247458
frame:1    pts:60060   pts_time:2.002
lavfi.signalstats.YLOW=16
lavfi.signalstats.YAVG=16
lavfi.signalstats.YHIGH=16
lavfi.entropy.normalized_entropy.normal.Y=0
lavfi.blur=nan
"""


def at(moments: list[float], *looks: Look) -> list[Look]:
    return [replace(look, at=moment) for moment, look in zip(moments, looks, strict=True)]


class ParseLooksTests:
    def test_reads_what_the_filters_said(self):
        first, second = parse_looks(PRINTED)
        assert first == Look(0, 125.071, 169, 0.509991, 5.247458)
        assert second == Look(2.002, 16, 0, 0, BLURRED)

    def test_finds_nothing_in_silence(self):
        assert parse_looks("") == ()


class ScoreTests:
    def test_of_a_black_frame_is_nothing(self):
        assert BLACK.score == 0

    def test_is_lower_for_what_is_dark_bright_flat_or_blurred(self):
        worse = [
            *(replace(GOOD, brightness=30), replace(GOOD, brightness=220), replace(GOOD, contrast=30)),
            *(replace(GOOD, entropy=0.4), replace(GOOD, blur=10)),
        ]
        assert all(look.score < GOOD.score for look in worse)

    @given(st.builds(Look, *[st.floats(0, 300)] * 3, st.floats(0, 1), st.floats(0, 100)))
    def test_is_a_part_of_one(self, look):
        assert 0 <= look.score <= 1


class ChooseTests:
    def test_passes_over_a_black_start(self):
        chosen = choose(at([0, 2, 4, 6], BLACK, BLACK, GOOD, replace(GOOD, entropy=0.8)))
        assert [look.at for look in chosen] == [4, 6] and best(chosen) == 0

    def test_takes_the_best_of_each_part(self):
        looks = [replace(GOOD, at=number, entropy=0.5 + 0.001 * (number * 7 % 20)) for number in range(20)]
        assert [look.at // 4 for look in choose(looks)] == [0, 1, 2, 3, 4]

    def test_offers_one_of_a_still_picture(self):
        assert len(choose(at([0, 2, 4], GOOD, GOOD, GOOD))) == 1

    def test_offers_something_even_of_a_black_video(self):
        assert len(choose(at([0, 2], BLACK, BLACK))) == 1

    def test_keeps_a_moment_that_was_chosen_before(self):
        looks = at([0, 2, 4, 6, 8, 10], *[replace(GOOD, entropy=0.5 + part / 10) for part in range(5)], BLACK)
        assert 10 in [look.at for look in choose(looks, kept=10)]

    def test_is_nothing_of_nothing(self):
        assert choose([]) == ()

    @given(st.lists(st.builds(Look, *[st.floats(0, 255)] * 3, st.floats(0, 1), st.floats(0, 20)), min_size=1))
    def test_is_up_to_five_in_their_order(self, looks):
        chosen = choose(looks)
        assert 1 <= len(chosen) <= 5
        assert [look for look in looks if look in chosen][: len(chosen)]
        assert chosen[best(chosen)].score == max(look.score for look in chosen)


SOFT = "boxblur=luma_radius=8:luma_power=3"


@pytest.mark.ffmpeg
class RealTests:
    @pytest.mark.parametrize(("blurred", "sharp"), [("lt(t,8)", (8, 16)), ("gte(t,8)", (0, 8))])
    def test_is_of_the_half_that_is_sharp(self, tmp_path, blurred, sharp):
        picture = f"testsrc2=d=16:s=640x360:r=10,{SOFT}:enable='{blurred}'"
        options = ("-c:v", "libx264", "-preset", "ultrafast", "-an")
        encoding.clip(tmp_path, "a.mp4", *options, picture=picture).rename(tmp_path / "source")
        published = produce(tmp_path).published
        poster = (tmp_path / "poster.jpg").read_bytes()
        same = [
            at
            for number, at in enumerate(published.posters_ms, start=1)
            if (tmp_path / f"poster-{number}.jpg").read_bytes() == poster
        ]
        assert same and sharp[0] <= same[0] / 1000 < sharp[1]
