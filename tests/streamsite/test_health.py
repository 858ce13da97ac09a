"""What load balancers and log readers see."""

from __future__ import annotations

import json
import logging
import sys

import pytest
from django.utils import timezone

from streamsite.logs import JsonFormatter
from tests.clients import browser
from transcode.core.containment import judge
from transcode.hosts import Host


class HealthzTests:
    def test_is_well_with_a_database(self, db):
        answer = browser().get("/healthz")
        assert (answer.status_code, answer.json()) == (200, {"status": "ok"})

    def test_answers_who_asks_by_address(self, db):
        assert browser().get("/healthz", headers={"Host": "10.0.0.7"}).status_code == 200

    @pytest.mark.parametrize("method", ["post", "put", "delete"])
    def test_is_for_reading(self, db, method):
        assert getattr(browser(), method)("/healthz").status_code == 405


class MetricsTests:
    def read(self, token: str):
        return browser().get("/metrics", headers={"Authorization": f"Bearer {token}"})

    def test_are_not_there_without_a_token(self, db):
        assert self.read("").status_code == 404

    def test_are_for_who_has_the_token(self, db, settings):
        settings.METRICS_TOKEN = "secret"
        assert (self.read("guess").status_code, self.read("secret").status_code) == (401, 200)

    @pytest.mark.parametrize("token", ["", "secre", "secret2", "SECRET", "é"])
    def test_are_not_for_who_guesses(self, db, settings, token):
        settings.METRICS_TOKEN = "secret"
        assert (self.read(token).status_code, self.read(token).content) == (401, b"")

    @pytest.mark.parametrize("header", [{}, {"Authorization": "secret"}, {"Authorization": "Basic secret"}])
    def test_are_not_for_who_brings_no_token(self, db, settings, header):
        settings.METRICS_TOKEN = "secret"
        assert browser().get("/metrics", headers=header).status_code == 401

    def test_tell_how_well_hosts_contain_ffmpeg(self, db, settings):
        settings.METRICS_TOKEN = "secret"
        Host.objects.tell('a"b', judge(frozenset({"file"}), "no Landlock"), timezone.now())
        assert 'streamsite_sandbox_level{host="a\\"b"} 1' in self.read("secret").content.decode().splitlines()


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
