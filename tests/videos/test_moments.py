"""Points and lengths of time as people write and say them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from videos.moments import LAST_SECOND, iso_duration, moment_text, parse_moment, time_left


class ParseMomentTests:
    @pytest.mark.parametrize(
        ("text", "second"),
        [
            ("90", 90),
            ("90s", 90),
            ("1m30s", 90),
            ("1m", 60),
            ("1h", 3600),
            ("1h1s", 3601),
            ("0", 0),
            ("", 0),
            ("-5", 0),
            ("1:30", 0),
            ("30s1m", 0),
            ("1.5", 0),
            ("٣", 0),
            ("9" * 400, 0),
            ("999h", LAST_SECOND),
        ],
    )
    def test_reads_what_people_write(self, text, second):
        assert parse_moment(text) == second

    @given(st.integers(0, LAST_SECOND))
    def test_reads_what_we_write(self, second):
        assert parse_moment(moment_text(second)) == second == parse_moment(str(second))

    @given(st.text() | st.text("0123456789hms"))
    def test_takes_anything(self, text):
        assert 0 <= parse_moment(text) <= LAST_SECOND


class IsoDurationTests:
    @pytest.mark.parametrize(("milliseconds", "text"), [(0, "PT0S"), (65_400, "PT1M5S"), (3_600_000, "PT1H")])
    def test_is_schema_orgs(self, milliseconds, text):
        assert iso_duration(milliseconds) == text


class TimeLeftTests:
    @pytest.mark.parametrize(
        ("seconds", "words"),
        [
            (3, "a few seconds left"),
            (11, "about 20 seconds left"),
            (54, "about 60 seconds left"),
            (65, "about 1 minute left"),
            (347, "about 6 minutes left"),
            (5399, "about 90 minutes left"),
            (7300, "about 2 hours left"),
            (0, ""),
            (-9, ""),
            (90_000, ""),
        ],
    )
    def test_is_rounded_as_a_person_would(self, now, seconds, words):
        assert time_left(now + timedelta(seconds=seconds), now) == words

    def test_says_nothing_where_nothing_is_known(self, now):
        assert time_left(None, now) == ""
