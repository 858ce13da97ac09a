"""The arithmetic of parts, and the cleaning of names."""

from __future__ import annotations

import pytest

from videos.uploads import MIB, clean_text, part_size_for

GB = 1024**3


class PartSizeTests:
    @pytest.mark.parametrize(
        ("size", "part_size"),
        [
            (1, 8 * MIB),
            (50 * GB, 8 * MIB),
            (9000 * 8 * MIB, 8 * MIB),
            (9000 * 8 * MIB + 1, 9 * MIB),
            (5 * 1024 * GB, 583 * MIB),
        ],
    )
    def test_fits_every_file_into_what_s3_takes(self, size, part_size):
        assert (part_size_for(size), -(-size // part_size_for(size)) <= 10_000) == (part_size, True)


class CleanTextTests:
    @pytest.mark.parametrize(
        "mark",
        [
            "\u202a",
            "\u202e",
            "\u2066",
            "\u2069",
            "\u200e",
            "\u061c",
            "\ufeff",
            "\x00",
            "\x7f",
            "\x85",
            "\ud800",
        ],
    )
    def test_drops_what_would_change_the_text_around_it(self, mark):
        assert clean_text(f"a{mark}b") == "ab"
