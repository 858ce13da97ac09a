"""What a worker, who speaks English, said to an uploader, in the reader's language."""

from __future__ import annotations

import re
from itertools import count

from django.utils.formats import number_format
from django.utils.translation import gettext as _

NUMBER = re.compile(r"\d+(?:\.\d+)?", re.ASCII)


def translated(sentence: str) -> str:
    """Return the sentence as the catalogue has it, whole or by its pattern; as it was said where it has neither."""
    whole, pattern = _(sentence), pattern_of(sentence)
    by_pattern = _(pattern)
    if whole != sentence or by_pattern == pattern:
        return whole
    return by_pattern.format(*map(number_format, NUMBER.findall(sentence)))


def pattern_of(sentence: str) -> str:
    """Return the sentence with {0}, {1} and so on in the places of its numbers."""
    places = count()
    return NUMBER.sub(lambda number: f"{{{next(places)}}}", sentence)
