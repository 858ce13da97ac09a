from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transcode.core.languages import name_of, tag_of


class LanguageTests:
    @pytest.mark.parametrize(
        ("written", "tag"),
        [
            ("eng", "en"),
            ("ger", "de"),
            ("deu", "de"),
            ("de", "de"),
            ("chi", "zh"),
            ("pt-BR", "pt-BR"),
            ("pt_br", "pt-BR"),
            ("zh-Hans-CN", "zh-CN"),
            ("gsw", "gsw"),
        ],
    )
    def test_is_written_as_bcp_47(self, written, tag):
        assert tag_of(written) == tag

    @pytest.mark.parametrize(
        "written", ["", "und", "mul", "zxx", "mis", "```", "xqz", "English", '"en"', "qaa"]
    )
    def test_is_none_where_nobody_would_know_it(self, written):
        assert tag_of(written) == ""

    @pytest.mark.parametrize(
        ("tag", "name"), [("de", "German"), ("pt-BR", "Portuguese (BR)"), ("gsw", "Swiss German")]
    )
    def test_has_a_name(self, tag, name):
        assert name_of(tag) == name

    @given(st.text(max_size=12))
    def test_never_fails_and_never_lets_text_through(self, written):
        tag = tag_of(written)
        assert tag == "" or (name_of(tag) and tag.replace("-", "").isalnum() and tag.isascii())
