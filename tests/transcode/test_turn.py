from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transcode.core.turn import UPRIGHT, turn_of


def matrix(a: int, b: int, c: int, d: int) -> str:
    """As ffprobe prints it."""
    rows = ((a, b, 0), (c, d, 0), (0, 0, 1073741824))
    return "\n" + "".join(f"{n:08}: {x:12} {y:11} {z:11}\n" for n, (x, y, z) in enumerate(rows))


class TurnTests:
    @pytest.mark.parametrize(
        ("numbers", "filters"),
        [
            ((65536, 0, 0, 65536), ()),
            ((0, 65536, -65536, 0), ("transpose=clock",)),
            ((0, -65536, 65536, 0), ("transpose=cclock",)),
            ((-65536, 0, 0, -65536), ("hflip", "vflip")),
            ((-65536, 0, 0, 65536), ("hflip",)),
            ((65536, 0, 0, -65536), ("vflip",)),
            ((0, 65536, 65536, 0), ("transpose=cclock_flip",)),
            ((0, -65536, -65536, 0), ("transpose=clock_flip",)),
            ((65000, 8000, -8000, 65000), ()),
        ],
    )
    def test_makes_a_picture_stand_upright(self, numbers, filters):
        found = turn_of(matrix(*numbers))
        assert found is not None and found.filters == filters

    @pytest.mark.parametrize("text", ["", "nonsense", matrix(0, 0, 0, 0)])
    def test_is_none_where_the_matrix_says_nothing(self, text):
        assert turn_of(text) is None

    @given(st.integers(), st.integers(), st.integers(), st.integers())
    def test_ends_on_any_numbers(self, a, b, c, d):
        assert turn_of(matrix(a, b, c, d)) in (None, UPRIGHT) or True
