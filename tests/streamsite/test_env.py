"""Reading the environment."""

from __future__ import annotations

import stat

import pytest

from streamsite.env import Env, Misconfigured, kept_secret


def said(read) -> str:
    """The sentence with which the process ends."""
    with pytest.raises(Misconfigured) as stop:
        read()
    return str(stop.value)


class TextTests:
    @pytest.mark.parametrize(
        ("value", "read"), [("word", "word"), ("  word \n", "word"), ("", "else"), ("  ", "else")]
    )
    def test_reads(self, value, read):
        assert Env({"NAME": value}).text("NAME", "else") == read

    def test_names_what_is_missing_and_the_fix(self):
        assert said(lambda: Env({}).text("NAME", fix="Set it to your name.")) == (
            "streamsite: NAME is not set. Set it to your name."
        )

    def test_always_has_a_fix(self):
        assert said(lambda: Env({"NAME": " "}).text("NAME")) == (
            "streamsite: NAME is not set. Set it in the environment; README lists what it means."
        )


class ChoiceTests:
    @pytest.mark.parametrize(("source", "read"), [({"MODE": "fast"}, "fast"), ({}, "slow")])
    def test_reads(self, source, read):
        assert Env(source).choice("MODE", "slow", ("slow", "fast")) == read

    @pytest.mark.parametrize(("source", "wrong"), [({"MODE": "Fast"}, "is 'Fast'"), ({}, "is not set")])
    def test_names_what_can_be_chosen(self, source, wrong):
        assert said(lambda: Env(source).choice("MODE", None, ("slow", "fast"))) == (
            f"streamsite: MODE {wrong}. Set it to one of: slow, fast."
        )


class FlagTests:
    @pytest.mark.parametrize(
        ("value", "read"),
        [
            ("1", True),
            ("true", True),
            ("YES", True),
            ("on", True),
            ("0", False),
            ("False", False),
            ("no", False),
            ("off", False),
            ("", True),
        ],
    )
    def test_reads(self, value, read):
        assert Env({"DEBUG": value}).flag("DEBUG", True) is read

    @pytest.mark.parametrize("value", ["2", "maybe", "truee"])
    def test_names_what_it_takes(self, value):
        assert said(lambda: Env({"DEBUG": value}).flag("DEBUG", True)) == (
            f"streamsite: DEBUG is {value!r}. Set it to 1 or 0."
        )


class NumberTests:
    @pytest.mark.parametrize(("value", "read"), [("7", 7), ("1", 1), ("", 5)])
    def test_reads(self, value, read):
        assert Env({"SLOTS": value}).number("SLOTS", 5, least=1) == read

    @pytest.mark.parametrize("value", ["0", "-1", "1.5", "many", "1e3", "0x10", "²", "1_000"])
    def test_names_what_it_takes(self, value):
        assert said(lambda: Env({"SLOTS": value}).number("SLOTS", 5, least=1)) == (
            f"streamsite: SLOTS is {value!r}. Set it to a whole number, at least 1."
        )


class SecondsTests:
    @pytest.mark.parametrize(("value", "read"), [("7", 7.0), ("0.5", 0.5), ("", 60.0)])
    def test_reads(self, value, read):
        assert Env({"LEASE": value}).seconds("LEASE", 60) == read

    @pytest.mark.parametrize("value", ["0", "-1", "nan", "inf", "a minute"])
    def test_names_what_it_takes(self, value):
        assert said(lambda: Env({"LEASE": value}).seconds("LEASE", 60)) == (
            f"streamsite: LEASE is {value!r}. Set it to a number of seconds above 0."
        )


class WordsTests:
    @pytest.mark.parametrize(
        ("value", "read"), [("a", ["a"]), ("a, b ,,c", ["a", "b", "c"]), ("", ["x", "y"]), (",", [])]
    )
    def test_reads(self, value, read):
        assert Env({"HOSTS": value}).words("HOSTS", "x,y") == read

    def test_names_what_is_missing(self):
        assert (
            said(lambda: Env({}).words("HOSTS", fix="List them."))
            == "streamsite: HOSTS is not set. List them."
        )


class KeptSecretTests:
    def test_is_made_once(self, tmp_path):
        path = tmp_path / "new" / "secret"
        assert (len(kept_secret(path)) >= 50, kept_secret(path)) == (True, kept_secret(path))

    def test_is_for_its_owner_alone(self, tmp_path):
        kept_secret(tmp_path / "secret")
        assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600
