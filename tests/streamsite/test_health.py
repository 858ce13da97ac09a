"""What load balancers and log readers see."""

from __future__ import annotations

import json
import logging
import sys

import pytest

from streamsite.logs import JsonFormatter
from tests.clients import browser


class HealthzTests:
    def test_is_well_with_a_database(self, db):
        answer = browser().get("/healthz")
        assert (answer.status_code, answer.json()) == (200, {"status": "ok"})

    def test_answers_who_asks_by_address(self, db):
        assert browser().get("/healthz", headers={"Host": "10.0.0.7"}).status_code == 200

    @pytest.mark.parametrize("method", ["post", "put", "delete"])
    def test_is_for_reading(self, db, method):
        assert getattr(browser(), method)("/healthz").status_code == 405


class JsonFormatterTests:
    def record(self, message: str, *arguments: object, **fields: object) -> logging.LogRecord:
        made = logging.LogRecord("videos.api", logging.ERROR, "f.py", 1, message, arguments, None)
        made.created = 1795348800.0
        made.__dict__.update(fields)
        return made

    def test_writes_one_object(self):
        assert json.loads(JsonFormatter().format(self.record("storage failed: %s", "away"))) == {
            "at": "2026-11-22T12:00:00+00:00",
            "level": "error",
            "logger": "videos.api",
            "message": "storage failed: away",
        }

    @pytest.mark.parametrize("text", ['a\n{"level":"critical"}', "a\r\nb", "\x1b[31m", "\u2028", "é"])
    def test_keeps_what_people_typed_on_its_line(self, text):
        line = JsonFormatter().format(self.record("%s", text))
        assert (line.isascii(), line.isprintable(), json.loads(line)["message"]) == (True, True, text)

    def test_keeps_a_traceback_on_the_line_too(self):
        try:
            raise ValueError("no")
        except ValueError:
            line = JsonFormatter().format(self.record("broke", exc_info=sys.exc_info()))
        assert (line.count("\n"), json.loads(line)["traceback"].splitlines()[-1]) == (0, "ValueError: no")
