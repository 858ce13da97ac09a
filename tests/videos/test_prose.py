"""Descriptions: addresses and times become links, and nothing else becomes anything."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from videos.prose import linked

REL = 'rel="nofollow ugc noopener"'


class Reader(HTMLParser):
    """Hears the tags that a browser would see, and the text it would show."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.text = ""

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data):
        self.text += data


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    reader.close()
    return reader


class AddressesTests:
    @pytest.mark.parametrize(
        ("text", "html"),
        [
            ("https://a.example/b", f'<a href="https://a.example/b" {REL}>https://a.example/b</a>'),
            ("See http://a.example.", f'See <a href="http://a.example" {REL}>http://a.example</a>.'),
            ("(https://a.example/x)", f'(<a href="https://a.example/x" {REL}>https://a.example/x</a>)'),
            (
                "https://a.example/x_(y)",
                f'<a href="https://a.example/x_(y)" {REL}>https://a.example/x_(y)</a>',
            ),
            (
                "https://a.example/?a=1&b=2",
                f'<a href="https://a.example/?a=1&amp;b=2" {REL}>https://a.example/?a=1&amp;b=2</a>',
            ),
            ("HTTPS://A.example", f'<a href="HTTPS://A.example" {REL}>HTTPS://A.example</a>'),
            ("https://", "https://"),
            ("a.example", "a.example"),
        ],
    )
    def test_are_links_without_the_sentence_around_them(self, text, html):
        assert linked(text, 100) == html

    @pytest.mark.parametrize(
        "text",
        [
            "javascript:alert(1)",
            "data:text/html,<script>alert(1)</script>",
            "vbscript:x",
            "//evil.example",
            "ftp://a.example",
            "mailto:a@example.org",
            "file:///etc/passwd",
            "<a href='https://a.example' onclick=alert(1)>",
        ],
    )
    def test_of_other_kinds_stay_text(self, text):
        assert {attrs["href"].partition(":")[0] for _tag, attrs in read(linked(text, 100)).tags} <= {"https"}


class TimesTests:
    @pytest.mark.parametrize(
        ("text", "link"),
        [
            ("3:10", '<a class="t" href="?t=3m10s" data-seek="190">3:10</a>'),
            ("0:00 start", '<a class="t" href="?t=0s" data-seek="0">0:00</a> start'),
            ("(1:02:03)", '(<a class="t" href="?t=1h2m3s" data-seek="3723">1:02:03</a>)'),
            ("at 75:00.", 'at <a class="t" href="?t=1h15m" data-seek="4500">75:00</a>.'),
        ],
    )
    def test_lead_to_that_moment(self, text, link):
        assert linked(text, 9000) == link

    @pytest.mark.parametrize(
        "text", ["3:1", "3:60", "12:34:56:78", "1.3:10", "a3:10", "3:10a", "3:105", "2:30:00"]
    )
    def test_that_are_none_or_too_late_stay_text(self, text):
        assert linked(text, 9000) == text

    def test_stay_text_where_nothing_plays(self):
        assert linked("3:10", None) == "3:10"

    def test_inside_an_address_belong_to_it(self):
        assert linked("https://a.example/3:10", 9000).count("<a ") == 1


class AnythingTests:
    alphabet = st.text(
        st.sampled_from(list("<>\"'&/:. 0123456789abhtpsx()[]=\n`\\{}\u202e;")) | st.characters(codec="utf-8")
    )

    @given(text=alphabet, duration=st.none() | st.floats(0, 10_000))
    def test_reads_as_it_was_typed_and_holds_no_tag_but_our_links(self, text, duration):
        reader = read(linked(text, duration))
        assert reader.text == text
        assert {tag for tag, _ in reader.tags} <= {"a"}
        assert {name for _, attrs in reader.tags for name in attrs} <= {"href", "rel", "class", "data-seek"}

    @given(text=st.lists(st.sampled_from(["https://", "http://", "a.example", '"', "<b>", "3:10", " ", ")"])))
    def test_links_lead_to_the_web_or_to_a_time(self, text):
        for _tag, attrs in read(linked("".join(text), 9000)).tags:
            assert re.match(r"https?://|\?t=(\d+[hms])+$", attrs["href"], re.IGNORECASE)

    def test_is_quick_with_what_is_meant_to_be_slow(self):
        assert len(linked("http://" * 700 + ")" * 90, 1)) > 5000
