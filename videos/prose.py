"""What people write about a video, with its web addresses and its times as links."""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from videos.moments import moment_text

# Only these two schemes become links. Quotes, angle brackets and spaces end an address.
ADDRESS = r"(?P<address>https?://[^\s<>\"'`{}|\\^\u200e\u200f\u202a-\u202e\u2066-\u2069]+)"
# 3:10 and 1:02:03, not a part of 12:34:56:78, of a ratio like 1.3:10, or of 13:105.
TIME = r"(?<![\w:.,/])(?P<time>(?:\d{1,2}:)?\d{1,3}:[0-5]\d)(?![\w:]|[.,]\d)"
LINK = re.compile(f"{ADDRESS}|{TIME}", re.IGNORECASE | re.ASCII)
AFTERTHOUGHTS = ".,;:!?…"
BRACKETS = {")": "(", "]": "["}


def linked(text: str, duration: float | None) -> SafeString:
    """Return `text` as HTML in which addresses are links, and times within `duration` lead to that moment."""
    return format_html_join("", "{}", ((piece,) for piece in _pieces(text, duration)))


def _pieces(text: str, duration: float | None) -> Iterator[str]:
    end = 0
    for match in LINK.finditer(text):
        piece = _address(match["address"]) if match["address"] else _time(match["time"], duration)
        yield text[end : match.start()]
        yield piece
        end = match.end()
    yield text[end:]


def _address(found: str) -> str:
    address = _without_afterthought(found)
    if len(address) <= len("https://"):
        return found
    link = '<a href="{0}" rel="nofollow ugc noopener">{0}</a>{1}'
    return format_html(link, address, found[len(address) :])


def _without_afterthought(address: str) -> str:
    """Leave out the full stop, and the bracket, of the sentence around an address."""
    while address:
        last = address[-1]
        opening = BRACKETS.get(last)
        if last in AFTERTHOUGHTS or (opening and address.count(opening) < address.count(last)):
            address = address[:-1]
        else:
            break
    return address


def _time(found: str, duration: float | None) -> str:
    second = _seconds(found)
    if duration is None or second >= duration:
        return found
    link = '<a class="t" href="?t={}" data-seek="{}">{}</a>'
    return format_html(link, moment_text(second), second, found)


def _seconds(clock: str) -> int:
    total = 0
    for part in clock.split(":"):
        total = total * 60 + int(part)
    return total
