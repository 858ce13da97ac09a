"""Search: what is found, in which order, and by whom. On both databases alike."""

from __future__ import annotations

import unicodedata
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.http import Http404
from hypothesis import HealthCheck, given
from hypothesis import settings as effort
from hypothesis import strategies as st

from accounts.models import User
from tests import factories
from tests.clients import browser
from videos import searchindex
from videos.models import Video
from videos.paging import mark_of
from videos.search import RANKS, Backend, Fts5, Fulltext, find, words_of

# InnoDB finds what was committed, and nothing else.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def alice(transactional_db: None) -> User:
    return factories.user("alice")


@pytest.fixture
def charlie(transactional_db: None) -> User:
    return factories.user("charlie.brown")


def shown(owner: User, title: str, **fields: Any) -> Video:
    return factories.ready(owner, **{"title": title, "visibility": "public", **fields})


def titles(text: str) -> list[str]:
    return [video.title for video in find(Video.objects.listed(), text)[0]]


class WordsOfTests:
    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("Bandsaw repair", ["bandsaw", "repair"]),
            ('"band* +saw -(x) NEAR/2 title:y', ["band", "saw", "x", "near", "2", "title", "y"]),
            ("a_b don't", ["a", "b", "don", "t"]),
            ("saw SAW", ["saw"]),
            ("हिन्दी", ["हिन्दी"]),
            ("\u0301 \u200d * '", []),
            ("1 2 3 4 5 6 7 8 9", list("12345678")),
        ],
    )
    def test_are_free_of_operators(self, text, words):
        assert words_of(text) == words

    @given(st.text(max_size=200))
    def test_are_letters_marks_and_digits_whatever_was_typed(self, text):
        said = "".join(words_of(text))
        assert all(unicodedata.category(character)[0] in "LMN" for character in said)


class FindTests:
    @pytest.mark.parametrize(
        "text",
        ["bandsaw", "BAND", "b", "zurich", "ZÜRICH", "cafe", "the bandsaw", "in zurich", "bandsaw cafe"],
    )
    def test_finds_beginnings_of_words_without_their_accents(self, alice, text):
        shown(alice, "The bandsaw at the café", description="In Zürich, repaired")
        shown(alice, "Another one")
        assert titles(text) == ["The bandsaw at the café"]

    @pytest.mark.parametrize("text", ["andsaw", "bandsaws", "bandsaw wheel", "zebra", "*", "", '"'])
    def test_finds_nothing_that_is_not_said(self, alice, text):
        shown(alice, "The bandsaw")
        assert titles(text) == []

    @pytest.mark.parametrize("text", ["go", "東京", "the", "5"])
    def test_finds_short_words_and_common_ones_in_a_title(self, alice, text):
        shown(alice, "Go in 5 minutes: 東京 and the rest")
        shown(alice, "Another one")
        assert titles(text) == ["Go in 5 minutes: 東京 and the rest"]

    @pytest.mark.parametrize(
        ("title", "text"),
        [
            ("Tromsø by night", "tromso"),
            ("Tromso by night", "TROMSØ"),
            ("Hauptstraße", "hauptstrasse"),
            ("STRASSE", "straße"),
            ("Łódź", "lodz"),
            ("Ærø", "aero"),
            ("Un œuf", "oeuf"),
            ("Đà Nẵng", "da nang"),
            ("Diyarbakır İstanbul", "diyarbakir istanbul"),
        ],
    )
    @pytest.mark.parametrize("field", ["title", "description"])
    def test_finds_letters_that_others_write_otherwise(self, alice, field, title, text):
        shown(alice, **{"title": "A", field: title})
        assert len(titles(text)) == 1

    def test_finds_them_in_the_name_of_a_channel(self, db):
        shown(factories.user("søren"), "A")
        assert titles("soren") == ["A"]

    @pytest.mark.parametrize("text", ["saw", "mill", "the saw", "s", "x-saw"])
    def test_takes_what_is_no_letter_for_an_end_of_a_word(self, alice, text):
        shown(alice, "(the)_saw–mill’s x")
        assert len(titles(text)) == 1

    @pytest.mark.parametrize("text", ["brown", "charlie bandsaw", "bandsaw brown"])
    def test_finds_by_the_channel_too(self, alice, charlie, text):
        shown(charlie, "The bandsaw")
        shown(alice, "Another bandsaw")
        assert titles(text) == ["The bandsaw"]

    def test_puts_what_a_title_says_first_then_the_newest(self, alice):
        for number, (title, description) in enumerate(
            [("old saw", ""), ("other", "a saw"), ("new saw", ""), ("newest", "saw")]
        ):
            video = shown(alice, title, description=description)
            Video.objects.filter(pk=video.pk).update(created_at=factories.AT + timedelta(minutes=number))
        assert titles("saw") == ["new saw", "old saw", "newest", "other"]

    @pytest.mark.parametrize("size", [1, 2, 3, 7])
    def test_shows_every_hit_once_whatever_the_size_of_a_page(self, alice, size):
        for number in range(3):
            shown(alice, f"saw {number}")
            shown(alice, f"other {number}", description="saw")
        seen, after = [], ""
        while True:
            rows, after = find(Video.objects.listed(), "saw", after, size)
            seen += [row.title for row in rows]
            if not after:
                break
        assert seen == ["saw 2", "saw 1", "saw 0", "other 2", "other 1", "other 0"]

    @pytest.mark.parametrize("mark", ["x", "2.1-2", "0", "0.", "0.x", "1.5-x", ".", "0.0.0"])
    def test_knows_no_page_behind_a_mark_nobody_gave(self, alice, mark):
        with pytest.raises(Http404):
            find(Video.objects.listed(), "saw", mark)

    @effort(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(text=st.text(max_size=120) | st.text("\"'*+-<>()~@:^{}.,ab \\%_0\0", max_size=30))
    def test_takes_whatever_is_typed(self, alice, text):
        assert find(Video.objects.findable_by(alice), text) == ([], "")


WORDS = st.sampled_from(
    ["saw", "sawing", "the", "go", "ø", "straße", "strasse", "a_b", "5", "zz", "東京", "ali"]
)
TEXTS = st.lists(WORDS, max_size=4).map(" ".join)


class BackendTests:
    """However it goes about it, it finds what somebody would who reads all there is, and as many as are wanted."""

    @effort(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        said=st.lists(st.tuples(TEXTS, TEXTS, st.sampled_from(["public", "public", "private"])), max_size=8),
        text=st.lists(WORDS, min_size=1, max_size=2).map(" ".join),
        most=st.integers(1, 4),
        after=st.none() | st.integers(0, 7),
    )
    def test_finds_what_a_reader_finds(self, alice, said, text, most, after):
        Video.objects.all().delete()
        made = [shown(alice, title, description=more, visibility=who) for title, more, who in said]
        marked = made[after] if after is not None and after < len(made) else None
        mark = mark_of(marked, "created_at") if marked else ""
        rest = made[: made.index(marked)] if marked else made
        for rank in RANKS:
            read = [video.pk for video in reversed(rest) if rank_of(video, text) == rank][:most]
            for each in backends():
                rows = each.newest(Video.objects.listed(), words_of(text), rank, mark, most)
                assert [row.pk for row in rows] == read

    def test_goes_on_where_a_video_was_that_has_gone(self, alice):
        videos = [shown(alice, "saw") for _ in range(3)]
        mark = mark_of(videos[1], "created_at")
        videos[1].delete()
        for each in backends():
            assert each.newest(Video.objects.listed(), ["saw"], 0, mark, 9) == [videos[0]]


def backends() -> list[Backend]:
    """On MySQL with a window that sees nearly nothing, some, and all."""
    return [Fulltext((1,)), Fulltext((3, 9)), Fulltext()] if connection.vendor == "mysql" else [Fts5()]


def rank_of(video: Video, text: str) -> int | None:
    """Where a reader finds each of the words, or its beginning."""
    title, more = (words_of(said) for said in (video.title, video.description))
    if video.visibility == "private":
        return None
    for rank, said in enumerate((title, [*title, *more, video.owner.username])):
        if all(any(each.startswith(word) for each in said) for word in words_of(text)):
            return rank
    return None


class KeptRightTests:
    """The index follows the rows, whoever changes them."""

    def test_after_a_new_title(self, alice):
        video = shown(alice, "The bandsaw")
        video.edit({"title": "The lathe"}, factories.AT, alice)
        assert (titles("bandsaw"), titles("lathe")) == ([], ["The lathe"])

    def test_after_a_new_description_in_bulk(self, alice):
        shown(alice, "A", description="bandsaw")
        Video.objects.update(description="lathe")
        assert (titles("bandsaw"), titles("lathe")) == ([], ["A"])

    def test_after_a_new_name_of_its_owner(self, alice):
        shown(alice, "A")
        User.objects.filter(pk=alice.pk).update(username="zelda")
        assert (titles("alice"), titles("zelda")) == ([], ["A"])

    def test_after_a_new_owner(self, alice, charlie):
        video = shown(alice, "A")
        video.change_owner(charlie, factories.AT, charlie)
        assert (titles("alice"), titles("charlie")) == ([], ["A"])

    def test_after_a_deletion(self, alice):
        shown(alice, "The bandsaw")
        Video.objects.all().delete()
        assert (titles("bandsaw"), entries()) == ([], 0)

    def test_for_many_at_once(self, alice):
        factories.many(alice, 30)
        assert (titles("number000007"), len(titles("title"))) == (["A title, number000007"], 24)


class IndexTests:
    def test_is_mended_where_a_migration_rebuilt_the_table(self, alice):
        if connection.vendor == "sqlite":
            with connection.cursor() as cursor:
                cursor.execute("DROP TRIGGER search_video_added")
        shown(alice, "The bandsaw")
        call_command("migrate", verbosity=0)
        assert (titles("bandsaw"), searchindex.mend(connection)) == (["The bandsaw"], False)

    def test_is_taken_away_and_made_again(self, alice):
        shown(alice, "The bandsaw")
        searchindex.uninstall(connection)
        searchindex.install(connection)
        assert titles("bandsaw") == ["The bandsaw"]


class SearchPageTests:
    def test_shows_what_was_found(self, alice):
        shown(alice, "The bandsaw")
        text = browser().get("/search/?q=bandsaw").content.decode()
        assert ("The bandsaw" in text, 'value="bandsaw"' in text) == (True, True)

    def test_says_so_where_nothing_was(self, alice):
        text = browser().get("/search/", {"q": '<b>"saw'}).content.decode()
        assert "Nothing says “&lt;b&gt;&quot;saw”" in text

    def test_asks_for_a_word_where_there_is_none(self, alice):
        assert "What are you looking for?" in browser().get("/search/").content.decode()

    def test_links_to_the_next_page(self, alice):
        factories.many(alice, 30)
        first = browser().get("/search/?q=title")
        second = browser().get(first.context["next_url"])
        assert (len(first.context["cards"]), len(second.context["cards"]), second.context["next_url"]) == (
            24,
            6,
            "",
        )

    def test_takes_no_more_than_a_hundred_characters(self, alice):
        answer = browser().get("/search/", {"q": "x" * 10_000})
        assert (answer.status_code, answer.context["q"]) == (200, "x" * 100)

    def test_slows_down_who_searches_too_often(self, alice, settings):
        settings.RATES = {**settings.RATES, "search-anon": "2/minute"}
        answers = [browser().get("/search/?q=saw") for _ in range(3)]
        found = [answer.status_code for answer in answers]
        assert (found, 0 < int(answers[2]["Retry-After"]) <= 60) == ([200, 200, 429], True)


NOTHING_YET = {"playable": "nothing", "version": "", "published_at": None}


class PrivacyTests:
    """Nobody finds what is not theirs to see, on the page or through the API."""

    @pytest.mark.parametrize(
        "fields",
        [
            {"visibility": "private"},
            {"visibility": "unlisted"},
            {"status": "processing", **NOTHING_YET},
            {"status": "failed", "failure": "ZQX-PRIVATE-1", **NOTHING_YET},
            {"deleted_at": factories.AT},
            {"taken_down_at": factories.AT, "taken_down_reason": "ZQX-PRIVATE-1"},
        ],
    )
    def test_is_kept(self, alice, charlie, fields):
        shown(alice, "ZQX-PRIVATE-1", **fields)
        sam = factories.user("sam", is_staff=True)
        for client in (browser(), browser(charlie), browser(sam)):
            for word in ("zqx", "private", "alice"):
                answers = [client.get(f"/{path}/", {"q": word}) for path in ("search", "api/v1/search")]
                assert [b"ZQX-PRIVATE-1" in answer.content for answer in answers] == [False, False]

    def test_is_not_kept_from_oneself(self, alice):
        factories.failed(alice, title="The bandsaw")
        factories.video(alice, title="The lathe", deleted_at=factories.AT)
        found = [video.title for video in find(Video.objects.findable_by(alice), "the")[0]]
        assert found == ["The bandsaw"]


def entries() -> int:
    if connection.vendor == "mysql":
        return 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM videos_searchtext")
        return int(cursor.fetchone()[0])
