"""Search in titles, descriptions and names of channels: what is said in a title first, then the rest; newest first."""

from __future__ import annotations

import unicodedata
from typing import Protocol

from django.db import connection
from django.db.models import Exists, OuterRef, Q
from django.db.models.expressions import RawSQL
from django.http import Http404

from videos.models import Video, VideoQuerySet
from videos.paging import PAGE_SIZE, mark_of, older

LONGEST = 100
MOST_WORDS = 8
# What InnoDB does not index: words of one and two letters, and its own list of stop words.
INNODB_SHORTEST = 3
INNODB_STOPS = frozenset(
    [
        "a",
        "about",
        "an",
        "are",
        "as",
        "at",
        "be",
        "by",
        "com",
        "de",
        "en",
        "for",
        "from",
        "how",
        "i",
        "in",
        "is",
        "it",
        "la",
        "of",
        "on",
        "or",
        "that",
        "the",
        "this",
        "to",
        "was",
        "what",
        "when",
        "where",
        "who",
        "will",
        "with",
        "und",
        "www",
    ]
)


class Backend(Protocol):
    """Conditions for words that come from `words_of`, each the beginning of one in the text; no video meets two."""

    def in_title(self, words: list[str]) -> list[Q]: ...
    def elsewhere(self, words: list[str]) -> list[Q]: ...


def find(videos: VideoQuerySet, text: str, after: str = "", size: int = PAGE_SIZE) -> tuple[list[Video], str]:
    """Return those of `videos` that say all words of `text`, and the mark for the next page (empty at the end)."""
    words = words_of(text)
    rank, mark = read(after)
    if not words:
        return [], ""
    found: list[tuple[int, Video]] = []
    ranks = (backend().in_title, backend().elsewhere)
    while rank < len(ranks) and len(found) <= size:
        arms = [older(_hits(videos, said), "created_at", mark) for said in ranks[rank](words)]
        rows = _newest(arms, size + 1 - len(found))
        found += [(rank, row) for row in rows]
        rank, mark = rank + 1, ""
    more = len(found) > size
    return [row for _, row in found[:size]], _mark(*found[size - 1]) if more else ""


def _newest(arms: list[VideoQuerySet], most: int) -> list[Video]:
    first, *others = (arm.select_related("owner") for arm in arms)
    together = first.union(*others, all=True) if others else first
    return list(together.order_by("-created_at", "-id")[:most])


def _hits(videos: VideoQuerySet, said: Q) -> VideoQuerySet:
    if connection.vendor == "mysql":
        return videos.filter(said)
    # Asked of each hit: as plain conditions they tempt SQLite to go through every public video instead.
    return Video.objects.filter(said, Exists(videos.filter(pk=OuterRef("pk"))))


def words_of(text: str) -> list[str]:
    """Split what somebody typed into lower-case words of letters, marks and digits: no operator is left in them."""
    normal = unicodedata.normalize("NFKC", text[:LONGEST]).lower()
    spaced = "".join(c if unicodedata.category(c)[0] in "LMN" else " " for c in normal)
    said = [word for word in spaced.split() if any(unicodedata.category(c)[0] in "LN" for c in word)]
    return list(dict.fromkeys(said))[:MOST_WORDS]


def read(mark: str) -> tuple[int, str]:
    """Split a mark into the rank it is in, and where."""
    if not mark:
        return 0, ""
    rank, _, rest = mark.partition(".")
    if rank not in ("0", "1") or not rest:
        raise Http404
    return int(rank), rest


def _mark(rank: int, video: Video) -> str:
    return f"{rank}.{mark_of(video, 'created_at')}"


def backend() -> Backend:
    return Fulltext() if connection.vendor == "mysql" else Fts5()


class Fts5:
    def in_title(self, words: list[str]) -> list[Q]:
        return [_matches(f"{{title}} : ({_all(words)})")]

    def elsewhere(self, words: list[str]) -> list[Q]:
        return [_matches(f"({_all(words)}) NOT ({{title}} : ({_all(words)}))")]


def _all(words: list[str]) -> str:
    return " AND ".join(f'"{word}"*' for word in words)


def _matches(query: str) -> Q:
    return _among(
        "SELECT video_id FROM videos_searchtext WHERE id IN"
        " (SELECT rowid FROM videos_searchindex WHERE videos_searchindex MATCH %s)",
        query,
    )


class Fulltext:
    """A word that InnoDB does not index is left out, but where no other is left."""

    def in_title(self, words: list[str]) -> list[Q]:
        return [_in_title(words)]

    def elsewhere(self, words: list[str]) -> list[Q]:
        # Apart, because each has an index to begin at and both together have none.
        indexed = _indexed(words) or words
        return [
            _in_text(indexed) & ~_in_title(words),
            _of_channel(indexed) & ~_in_text(indexed) & ~_in_title(words),
        ]


def _indexed(words: list[str]) -> list[str]:
    return [word for word in words if len(word) >= INNODB_SHORTEST and word not in INNODB_STOPS]


def _in_title(words: list[str]) -> Q:
    if indexed := _indexed(words):
        return _match("title", _every(indexed))
    # Reads every title, which takes long only where there are very many.
    return Q(*(Q(title__istartswith=word) | Q(title__icontains=f" {word}") for word in words))


def _in_text(words: list[str]) -> Q:
    return _match("title, description", _every(words))


def _match(columns: str, query: str) -> Q:
    return _among(f"SELECT id FROM videos_video WHERE MATCH ({columns}) AGAINST (%s IN BOOLEAN MODE)", query)


def _of_channel(words: list[str]) -> Q:
    """Some words in the name of the channel, and each of the others in the title or description."""
    each = (
        "(MATCH (u.username) AGAINST (%s IN BOOLEAN MODE)"
        " OR MATCH (v.title, v.description) AGAINST (%s IN BOOLEAN MODE))"
    )
    return _among(
        "SELECT v.id FROM accounts_user u JOIN videos_video v ON v.owner_id = u.id"
        f" WHERE MATCH (u.username) AGAINST (%s IN BOOLEAN MODE) AND {' AND '.join(each for _ in words)}",
        " ".join(f"{word}*" for word in words),
        *(f"{word}*" for word in words for _ in range(2)),
    )


def _every(words: list[str]) -> str:
    return " ".join(f"+{word}*" for word in words)


def _among(ids: str, *values: str) -> Q:
    return Q(pk__in=RawSQL(ids, values))
