"""Search in titles, descriptions and names of channels: what is said in a title first, then the rest; newest first."""

from __future__ import annotations

import unicodedata
from functools import reduce
from itertools import pairwise
from operator import and_
from typing import Protocol

from django.db import connection
from django.db.models import BooleanField, Q
from django.db.models.expressions import RawSQL
from django.http import Http404

from videos.models import Video, VideoQuerySet
from videos.paging import PAGE_SIZE, mark_of, older
from videos.paging import read as read_mark
from videos.searchindex import FOLD, LEAD

LONGEST = 100
MOST_WORDS = 8
# What the words are said in, in the order of what is shown.
IN_TITLE, ELSEWHERE = RANKS = (0, 1)
# On MySQL, so many of the newest videos are looked through before an index is asked, which collects every hit; more of
# them where the first look found so much that the next is sure to fill the page.
WINDOWS = (100, 600)


class Backend(Protocol):
    def newest(
        self, videos: VideoQuerySet, words: list[str], rank: int, after: str, most: int
    ) -> list[Video]:
        """Return the newest videos after a mark that say each of the words, or its beginning, in this rank."""


def find(videos: VideoQuerySet, text: str, after: str = "", size: int = PAGE_SIZE) -> tuple[list[Video], str]:
    """Return those of `videos` that say all words of `text`, and the mark for the next page (empty at the end)."""
    words = words_of(text)
    rank, mark = read(after)
    if not words:
        return [], ""
    found: list[tuple[int, Video]] = []
    while rank in RANKS and len(found) <= size:
        rows = backend().newest(videos, words, rank, mark, size + 1 - len(found))
        found += [(rank, row) for row in rows]
        rank, mark = rank + 1, ""
    more = len(found) > size
    return [row for _, row in found[:size]], _mark(*found[size - 1]) if more else ""


def words_of(text: str) -> list[str]:
    """Split what somebody typed into lower-case words of letters, marks and digits: no operator is left in them."""
    normal = unicodedata.normalize("NFKC", text[:LONGEST]).translate(FOLD).lower()
    spaced = "".join(c if unicodedata.category(c)[0] in "LMN" else " " for c in normal)
    said = [word for word in spaced.split() if any(unicodedata.category(c)[0] in "LN" for c in word)]
    return list(dict.fromkeys(said))[:MOST_WORDS]


def read(mark: str) -> tuple[int, str]:
    """Split a mark into the rank it is in, and where."""
    if not mark:
        return IN_TITLE, ""
    rank, _, rest = mark.partition(".")
    if rank not in ("0", "1") or not rest:
        raise Http404
    return int(rank), rest


def _mark(rank: int, video: Video) -> str:
    return f"{rank}.{mark_of(video, 'created_at')}"


def backend() -> Backend:
    return Fulltext() if connection.vendor == "mysql" else Fts5()


# --- SQLite ----------------------------------------------------------------------------------------------------------


class Fts5:
    """Hits come by number, the highest first, and reading ends with the page; numbers are given in order of creation."""

    def newest(
        self, videos: VideoQuerySet, words: list[str], rank: int, after: str, most: int
    ) -> list[Video]:
        said = " AND ".join(f'"{word}"*' for word in words)
        query = f"{{title}} : ({said})" if rank == IN_TITLE else f"({said}) NOT ({{title}} : ({said}))"
        number = RawSQL("(SELECT id FROM videos_searchtext WHERE video_id = videos_video.id)", ())
        found = Video.objects.filter(pk__in=_hits(videos, query, after, most))
        return list(found.select_related("owner").alias(number=number).order_by("-number"))


def _hits(videos: VideoQuerySet, query: str, after: str, most: int) -> RawSQL:
    # Asked of each hit: as plain conditions they tempt SQLite to go through every public video instead.
    shown = videos.filter(pk=RawSQL("videos_searchtext.video_id", ())).values("pk")
    asked, values = shown.query.sql_with_params()
    before, where = _before(after)
    return RawSQL(
        "SELECT videos_searchtext.video_id FROM videos_searchindex"
        " CROSS JOIN videos_searchtext ON videos_searchtext.id = videos_searchindex.rowid"
        f" WHERE videos_searchindex MATCH %s{before} AND EXISTS ({asked})"
        " ORDER BY videos_searchindex.rowid DESC LIMIT %s",
        (query, *where, *values, most),
    )


def _before(after: str) -> tuple[str, tuple[object, ...]]:
    """Return the condition for what comes after a mark; its video may have gone since."""
    if not after:
        return "", ()
    at, pk = read_mark(after)
    numbers = (
        "SELECT id FROM videos_searchtext WHERE video_id = %s",
        "SELECT t.id + 1 FROM videos_video v JOIN videos_searchtext t ON t.video_id = v.id"
        " WHERE v.created_at < %s ORDER BY v.created_at DESC LIMIT 1",
    )
    condition = f" AND videos_searchindex.rowid < coalesce(({numbers[0]}), ({numbers[1]}), 0)"
    return condition, (pk.hex, connection.ops.adapt_datetimefield_value(at))


# --- MySQL -----------------------------------------------------------------------------------------------------------


class Fulltext:
    """InnoDB collects every hit and sorts them, so first the newest videos are asked one by one whether they are one."""

    def __init__(self, windows: tuple[int, ...] = WINDOWS) -> None:
        self._windows = windows

    def newest(
        self, videos: VideoQuerySet, words: list[str], rank: int, after: str, most: int
    ) -> list[Video]:
        rest = older(videos, "created_at", after)
        said = _title_says(words) if rank == IN_TITLE else _says(words) & ~_title_says(words)
        for window, wider in pairwise((*self._windows, 0)):
            seen = _sorted([rest.filter(_among_newest(after, window), said)], most)
            if len(seen) == most:
                return seen
            if len(seen) * wider < most * window:
                break
        return _sorted(self._arms(rest, words, rank), most)

    def _arms(self, rest: VideoQuerySet, words: list[str], rank: int) -> list[VideoQuerySet]:
        """Return the hits as indexes find them, no video twice: apart, because both together have none to begin at."""
        if rank == IN_TITLE:
            return [rest.filter(_match("search_title", words))]
        return [
            rest.filter(_match("search_title, search_text", words), ~_title_says(words)),
            rest.filter(_of_channel(words), _says(words), ~_text_says(words)),
        ]


def _sorted(arms: list[VideoQuerySet], most: int) -> list[Video]:
    first, *others = (arm.select_related("owner") for arm in arms)
    together = first.union(*others, all=True) if others else first
    return list(together.order_by("-created_at", "-id")[:most])


def _among_newest(after: str, window: int) -> Q:
    newest = older(Video.objects.all(), "created_at", after).order_by("-created_at", "-pk")
    asked, values = newest.values("pk")[:window].query.sql_with_params()
    # In a table of its own, for MySQL knows no LIMIT there.
    return _among(f"SELECT * FROM ({asked}) AS newest", *values)


def _title_says(words: list[str]) -> Q:
    return _all([_like("videos_video.search_title", word) for word in words])


def _text_says(words: list[str]) -> Q:
    return _all([_in_text(word) for word in words])


def _says(words: list[str]) -> Q:
    return _all([_in_text(word) | _in_name(word) for word in words])


def _all(conditions: list[Q]) -> Q:
    return reduce(and_, conditions)


def _in_text(word: str) -> Q:
    return _like("videos_video.search_title", word) | _like("videos_video.search_text", word)


def _in_name(word: str) -> Q:
    named = (
        "EXISTS (SELECT 1 FROM accounts_user u WHERE u.id = videos_video.owner_id AND u.search_name LIKE %s)"
    )
    return Q(RawSQL(named, (f"% {LEAD}{word}%",), BooleanField()))


def _like(column: str, word: str) -> Q:
    return Q(RawSQL(f"{column} LIKE %s", (f"% {LEAD}{word}%",), BooleanField()))


def _match(columns: str, words: list[str]) -> Q:
    # The longest first, for it is likely the rarest: InnoDB looks for the others in what has the first.
    longest = sorted(words, key=len, reverse=True)
    every = " ".join(f"+{LEAD}{word}*" for word in longest)
    return _among(f"SELECT id FROM videos_video WHERE MATCH ({columns}) AGAINST (%s IN BOOLEAN MODE)", every)


def _of_channel(words: list[str]) -> Q:
    """Some words in the name of the channel."""
    return _among(
        "SELECT v.id FROM accounts_user u JOIN videos_video v ON v.owner_id = u.id"
        " WHERE MATCH (u.search_name) AGAINST (%s IN BOOLEAN MODE)",
        " ".join(f"{LEAD}{word}*" for word in words),
    )


def _among(ids: str, *values: object) -> Q:
    return Q(pk__in=RawSQL(ids, values))
