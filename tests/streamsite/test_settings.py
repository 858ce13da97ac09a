"""One settings module: a laptop needs nothing, production guesses nothing."""

from __future__ import annotations

import os
import re
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as site

from streamsite.env import Misconfigured

SETTINGS = Path(__file__).parents[2] / "streamsite/settings.py"
PRODUCTION = {
    "ENVIRONMENT": "production",
    "SITE_URL": "https://video.example.org",
    "SECRET_KEY": "x" * 50,
    "DATABASE_URL": "mysql://streamsite:password@127.0.0.1/streamsite",
    "MAIL_HOST": "mail.example.org",
    "AWS_REGION": "eu-central-1",
    "INGEST_BUCKET": "example-ingest",
    "MEDIA_BUCKET": "example-media",
    "EVENTS_QUEUE_URL": "https://sqs.example.org/events",
    "TASKS_QUEUE_URL": "https://sqs.example.org/tasks",
    "SIGNING_KEY_FILE": "/keys/signing.pem",
    "SIGNING_KEY_ID": "KEXAMPLE",
}


@pytest.fixture
def read(monkeypatch, tmp_path):
    """Read the settings anew, with these variables and no others."""

    def read(**variables: str) -> dict[str, Any]:
        for name in list(os.environ):
            if name not in ("PATH", "HOME"):
                monkeypatch.delenv(name)
        for name, value in {"VAR_DIR": str(tmp_path), **variables}.items():
            monkeypatch.setenv(name, value)
        return runpy.run_path(str(SETTINGS))

    return read


class LaptopTests:
    def test_needs_no_variable_at_all(self, read):
        found = read()
        names = ["SITE_URL", "AWS_ENDPOINT_URL", "EDGE", "SIGNUP", "DEBUG", "ALLOWED_HOSTS"]
        assert [found[name] for name in names] == [
            "http://localhost:8000",
            "http://127.0.0.1:8001",
            "django",
            "open",
            False,
            ["localhost", "127.0.0.1"],
        ]

    def test_keeps_its_secret_between_starts(self, read):
        assert read()["SECRET_KEY"] == read()["SECRET_KEY"]

    def test_speaks_plain_http(self, read):
        found = read()
        names = ["SECURE_SSL_REDIRECT", "SESSION_COOKIE_SECURE", "SECURE_HSTS_SECONDS", "SESSION_COOKIE_NAME"]
        assert [found[name] for name in names] == [False, False, 0, "session"]


class ProductionTests:
    def test_takes_what_it_is_given(self, read):
        found = read(**PRODUCTION)
        names = ["EDGE", "SIGNUP", "ACCOUNT_EMAIL_VERIFICATION", "AWS_KEY", "ALLOWED_HOSTS"]
        assert [found[name] for name in names] == [
            "cloudfront",
            "closed",
            "mandatory",
            {},
            ["video.example.org"],
        ]

    def test_sends_parts_to_the_buckets_own_host(self, read):
        assert read(**PRODUCTION)["INGEST_ORIGIN"] == "https://example-ingest.s3.eu-central-1.amazonaws.com"

    def test_keeps_its_cookies_to_itself(self, read):
        found = read(**PRODUCTION)
        names = [
            "SESSION_COOKIE_NAME",
            "SESSION_COOKIE_SECURE",
            "CSRF_COOKIE_NAME",
            "CSRF_COOKIE_SECURE",
            "SECURE_SSL_REDIRECT",
        ]
        assert [found[name] for name in names] == ["__Host-session", True, "__Host-csrf", True, True]

    @pytest.mark.parametrize("name", sorted(set(PRODUCTION) - {"ENVIRONMENT"}))
    def test_stops_for_each_variable_that_is_missing(self, read, name):
        with pytest.raises(Misconfigured, match=f"^streamsite: {name} is not set. [A-Z].*[.]$"):
            read(**{other: value for other, value in PRODUCTION.items() if other != name})

    def test_stops_in_one_line_without_a_traceback(self):
        ended = subprocess.run(
            [sys.executable, "-c", "import streamsite.settings"],
            env={"ENVIRONMENT": "production", "PATH": os.environ["PATH"]},
            cwd=SETTINGS.parents[1],
            capture_output=True,
            text=True,
            check=False,
        )
        assert (ended.returncode, ended.stdout, ended.stderr) == (
            1,
            "",
            "streamsite: SITE_URL is not set. Set it to an address like https://video.example.org.\n",
        )


class WrongTests:
    @pytest.mark.parametrize(
        ("name", "value", "fix"),
        [
            ("ENVIRONMENT", "prod", "Set it to one of: laptop, production."),
            ("SITE_URL", "video.example.org", "Set it to an address like https://video.example.org."),
            ("SITE_URL", "ftp://video.example.org", "Set it to an address like https://video.example.org."),
            ("SITE_URL", "https://", "Set it to an address like https://video.example.org."),
            ("PORT", "http", "Set it to a whole number, 1 to 65535."),
            ("PORT", "99999", "Set it to a whole number, 1 to 65535."),
            (
                "SITE_URL",
                "http://video.example.org/below",
                "Set it to an address like https://video.example.org.",
            ),
            ("EVENTS_QUEUE_URL", "nonsense", "Set it to an address like https://video.example.org."),
            ("AWS_ENDPOINT_URL", "foo", "Set it to an address like https://video.example.org."),
            ("LOG_LEVEL", "foo", "Set it to one of: DEBUG, INFO, WARNING, ERROR."),
            ("POLL_SECONDS", "100", "Set it to a whole number, 1 to 20."),
            ("RATE_BEGIN", "abc", "Set it to so many a second, minute, hour or day, like 60/hour."),
            ("RATE_SIGN_IN", "often", "Set it to limits like 60/h/ip."),
            ("VAR_DIR", "/proc/nope", "Set it to a folder that can be written, on a disk with room."),
            ("DEBUG", "sometimes", "Set it to 1 or 0."),
            ("SIGNUP", "maybe", "Set it to one of: open, invited, closed."),
            ("EDGE", "nginx", "Set it to one of: django, cloudfront."),
            ("EMAIL_VERIFICATION", "never", "Set it to one of: none, optional, mandatory."),
            ("MAX_UPLOAD_BYTES", "2 GB", "Set it to a whole number, at least 1."),
            ("COOKIE_SECONDS", "0", "Set it to a whole number, at least 1."),
            ("LEASE_SECONDS", "forever", "Set it to a number of seconds above 0."),
            (
                "DATABASE_URL",
                "nonsense",
                "Set it to mysql://user:password@host/name, or sqlite:////path/of/a/file.",
            ),
            (
                "DATABASE_URL",
                "://",
                "Set it to mysql://user:password@host/name, or sqlite:////path/of/a/file.",
            ),
            (
                "DATABASE_URL",
                "oracle://a/b",
                "Set it to mysql://user:password@host/name, or sqlite:////path/of/a/file.",
            ),
        ],
    )
    def test_values_stop_with_the_name_and_the_fix(self, read, name, value, fix):
        with pytest.raises(Misconfigured) as stop:
            read(**{name: value})
        sentence = str(stop.value)
        assert (sentence.startswith(f"streamsite: {name} is "), sentence.endswith(f". {fix}")) == (True, True)


class ReadmeTests:
    def test_names_every_variable(self):
        variables = re.findall(r'env\.\w+\(\s*"([A-Z0-9_]+)"', SETTINGS.read_text())
        readme = (SETTINGS.parents[1] / "README.md").read_text()
        assert [name for name in variables if f"`{name}`" not in readme] == []


class SettingsTests:
    def test_hash_passwords_slowly(self, read):
        assert read()["PASSWORD_HASHERS"][0] == "django.contrib.auth.hashers.ScryptPasswordHasher"

    def test_ask_mysql_to_be_strict(self, read):
        options = read(DATABASE_URL="mysql://u:p@127.0.0.1/n")["DATABASES"]["default"]["OPTIONS"]
        assert (
            options["charset"],
            options["isolation_level"],
            "STRICT_TRANS_TABLES" in options["init_command"],
        ) == (
            "utf8mb4",
            "read committed",
            True,
        )

    def test_name_the_tests_own_folder(self, tmp_path):
        assert Path(site.VAR_DIR).name.startswith("streamsite-tests-")
