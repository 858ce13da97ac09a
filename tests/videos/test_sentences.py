from __future__ import annotations

import polib
import pytest
from django.utils import translation

from tests import factories
from transcode.core import gate
from videos.sentences import pattern_of, translated

LIMITS = gate.Limits()
PATTERNS = {
    gate.too_small(): gate.TOO_SMALL,
    gate.too_large(LIMITS): gate.TOO_LARGE,
    gate.too_many(LIMITS): gate.TOO_MANY,
    gate.too_long(LIMITS): gate.TOO_MANY_HOURS,
    gate.too_long(gate.Limits(seconds=150)): gate.TOO_MANY_MINUTES,
    gate.too_long(gate.Limits(seconds=5)): gate.TOO_MANY_SECONDS,
    gate.too_fast(LIMITS): gate.TOO_FAST,
    gate.too_stretched(LIMITS): gate.TOO_STRETCHED,
    gate.too_narrow(LIMITS): gate.TOO_NARROW,
}
GERMAN = {
    gate.TOO_LARGE: "Mehr als {0} Millionen Bildpunkte; höchstens {1} × {2}.",
    gate.DOLBY_ONLY: "Nur für Dolby.",
}


@pytest.fixture
def german(tmp_path, settings):
    """A catalogue of two sentences, in German."""
    folder = tmp_path / "de" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    catalogue = polib.POFile()
    catalogue.metadata = {"Content-Type": "text/plain; charset=UTF-8"}
    catalogue.extend(polib.POEntry(msgid=english, msgstr=said) for english, said in GERMAN.items())
    catalogue.save_as_mofile(str(folder / "django.mo"))
    settings.LOCALE_PATHS = [tmp_path]
    with translation.override("de"):
        yield


class PatternTests:
    @pytest.mark.parametrize(("sentence", "pattern"), PATTERNS.items(), ids=lambda text: text[:30])
    def test_is_what_the_sentence_was_made_of(self, sentence, pattern):
        assert pattern_of(sentence) == pattern


class TranslatedTests:
    def test_puts_numbers_where_they_belong_as_the_language_writes_them(self, german):
        expected = "Mehr als 35,4 Millionen Bildpunkte; höchstens 3840 × 2160."
        assert translated(gate.too_large(LIMITS)) == expected

    def test_finds_a_whole_sentence_that_has_a_number(self, german):
        assert translated(gate.DOLBY_ONLY) == "Nur für Dolby."

    @pytest.mark.parametrize("sentence", ["", "It broke {0} times in 3 days.", "It is not a video."])
    def test_leaves_what_nobody_translated(self, german, sentence):
        assert translated(sentence) == sentence

    def test_speaks_to_the_uploader_on_pages_and_in_the_api(self, german, alice, client):
        client.force_login(alice)
        video = factories.failed(alice, failure=gate.too_large(LIMITS))
        for address in (f"/v/{video.pk}/", "/videos/", f"/api/v1/videos/{video.pk}/"):
            answer = client.get(address, headers={"Accept-Language": "de"})
            assert "35,4 Millionen" in answer.content.decode()
