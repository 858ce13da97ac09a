"""Everything that is logged, with hostile text wherever a text can stand."""

from __future__ import annotations

import ast
import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeGuard

import pytest
from django.conf import settings

from streamsite.logs import JsonFormatter, PlainFormatter

ROOMS = ("accounts", "videos", "transcode", "streamsite")
LEVELS = {"debug", "info", "warning", "error", "exception", "critical", "log"}
HOSTILE = 'a.mp4\r\nERROR   videos: forged\n{"level":"critical"}\x1b[2J\u2028\u202egpj.\x85\0é'
PLACE = re.compile(r"%[sdrif]")


def calls() -> Iterator[ast.Call]:
    """Yield every call of a logger in our code."""
    for path in (path for room in ROOMS for path in (Path(settings.BASE_DIR) / room).rglob("*.py")):
        yield from (node for node in ast.walk(ast.parse(path.read_text())) if is_ours(node))


def is_ours(node: ast.AST) -> TypeGuard[ast.Call]:
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Name(id="logger"), attr=level)):
            return level in LEVELS
    return False


def template(call: ast.Call) -> object:
    """Return the text that a call logs, before what it is about is put in."""
    assert isinstance(call.func, ast.Attribute)
    words = call.args[1] if call.func.attr == "log" else call.args[0]
    return words.value if isinstance(words, ast.Constant) else None


def record(message: str) -> logging.LogRecord:
    """Return what is logged if every place in a text is taken by a hostile one."""
    text = PLACE.sub("%s", message)
    return logging.LogRecord("x", logging.INFO, "f.py", 1, text, (HOSTILE,) * text.count("%s"), None)


class EveryLoggerCallTests:
    def test_has_a_text_of_its_own_with_places_for_what_it_is_about(self):
        found = [template(call) for call in calls()]
        assert len(found) > 20
        assert [text for text in found if not isinstance(text, str)] == []

    def test_stays_on_its_line_on_a_laptop(self):
        plain = PlainFormatter("%(levelname)-7s %(name)s: %(message)s")
        lines = [plain.format(record(str(template(call)))) for call in calls()]
        assert [line for line in lines if not line.isprintable() or not line.startswith("INFO    x: ")] == []

    def test_is_one_object_in_production(self):
        lines = [JsonFormatter().format(record(str(template(call)))) for call in calls()]
        assert all(line.isascii() and line.isprintable() for line in lines)
        assert {tuple(json.loads(line)) for line in lines} == {("at", "level", "logger", "message")}


class PlainFormatterTests:
    @pytest.mark.parametrize(
        ("text", "line"),
        [
            ("a\nb\r", r"a\nb\r"),
            ("\x1b[31m", r"\x1b[31m"),
            ("\u2028\u202e", r"\u2028\u202e"),
            ("ein Überraschungsei 🥚", "ein Überraschungsei 🥚"),
        ],
    )
    def test_shows_what_would_not_be_seen(self, text, line):
        made = logging.LogRecord("x", logging.INFO, "f.py", 1, "%s", (text,), None)
        assert PlainFormatter("%(message)s").format(made) == line

    def test_keeps_a_traceback_on_the_line_too(self):
        try:
            raise ValueError(HOSTILE)
        except ValueError as error:
            made = logging.LogRecord("x", logging.ERROR, "f.py", 1, "broke", (), (type(error), error, None))
        line = PlainFormatter("%(message)s").format(made)
        assert line.startswith(r"broke\nValueError: a.mp4\r\n") and line.isprintable()

    def test_is_what_a_laptop_logs_with(self):
        logging_of: dict[str, Any] = settings.LOGGING
        assert logging_of["formatters"]["plain"]["()"] == "streamsite.logs.PlainFormatter"
