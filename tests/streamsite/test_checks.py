"""System checks: what can be wrong together."""

from __future__ import annotations

import pytest

from streamsite import checks, provision


class ProgramsTests:
    @pytest.mark.parametrize(
        ("version", "ids"),
        [
            ("8.1.2", []),
            ("7.1.5-static", []),
            ("n8.2", []),
            ("5.1.9-0+deb12u1", ["streamsite.E002"]),
            ("8.1.1", ["streamsite.E002"]),
            ("N-12345-gabcdef", ["streamsite.E002"]),
        ],
    )
    def test_must_be_above_the_security_floor(self, version, ids):
        banner = f"ffmpeg version {version} Copyright (c) the FFmpeg developers"
        assert [message.id for message in checks.about("/x/ffmpeg", banner)] == ids

    @pytest.mark.parametrize("version", ["5.1.9", "N-12345-gabcdef"])
    def test_may_be_below_it_where_the_allow_list_covers_the_hole(self, settings, version):
        settings.FFMPEG_HOLES_COVERED = ["CVE-2026-8461"]
        assert checks.about("/x/ffmpeg", f"ffmpeg version {version}") == []

    def test_may_not_be_below_it_for_a_hole_that_nobody_named(self, settings):
        settings.FFMPEG_HOLES_COVERED = ["CVE-2020-1"]
        (message,) = checks.about("/x/ffmpeg", "ffmpeg version 5.1.9")
        assert "FFMPEG_HOLES_COVERED=CVE-2026-8461" in (message.hint or "")

    def test_that_came_with_the_site_are_above_it(self):
        assert checks.programs() == []

    def test_must_be_there(self, settings, tmp_path):
        settings.FFMPEG = settings.FFPROBE = str(tmp_path / "nothing")
        assert [message.id for message in checks.programs()] == ["streamsite.E001"] * 2

    def test_must_run(self, settings):
        settings.FFMPEG = settings.FFPROBE = "/bin/false"
        assert [message.id for message in checks.programs()] == ["streamsite.E001"] * 2


class SigningKeyTests:
    def test_is_made_at_the_first_start_of_a_laptop(self, settings, tmp_path):
        settings.SIGNING_KEY_FILE = tmp_path / "none.pem"
        assert checks.signing_key() == []

    def test_must_be_there_in_production(self, settings, tmp_path):
        settings.LAPTOP, settings.SIGNING_KEY_FILE = False, tmp_path / "none.pem"
        assert [message.id for message in checks.signing_key()] == ["streamsite.E003"]

    @pytest.mark.parametrize(
        "text", ["", "no key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"]
    )
    def test_must_be_a_key(self, settings, tmp_path, text):
        settings.SIGNING_KEY_FILE = tmp_path / "bad.pem"
        settings.SIGNING_KEY_FILE.write_text(text)
        assert [message.id for message in checks.signing_key()] == ["streamsite.E003"]

    def test_is_fine_as_provision_makes_it(self, settings, tmp_path):
        settings.SIGNING_KEY_FILE = tmp_path / "good.pem"
        provision.make_signing_key(settings.SIGNING_KEY_FILE)
        assert checks.signing_key() == []


class BucketsTests:
    def test_are_only_looked_at_where_that_is_wanted(self, settings):
        settings.CHECK_STORAGE, settings.INGEST_BUCKET = False, "nowhere"
        assert checks.buckets() == []

    def test_are_fine_once_provisioned(self, emulator, settings):
        settings.CHECK_STORAGE = True
        assert checks.buckets() == []

    def test_are_named_when_missing(self, emulator, settings):
        settings.CHECK_STORAGE, settings.MEDIA_BUCKET = True, "nowhere"
        assert [(message.id, "bucket nowhere" in message.msg) for message in checks.buckets()] == [
            ("streamsite.E004", True)
        ]


class LeaseTests:
    @pytest.mark.parametrize(("seconds", "ids"), [(2.9, ["streamsite.E005"]), (3, []), (60, [])])
    def test_lasts_longer_than_it_takes_to_renew_it(self, settings, seconds, ids):
        settings.LEASE_SECONDS = seconds
        assert [message.id for message in checks.lease()] == ids


class EveryCheckTests:
    def test_says_how_to_mend_it(self, settings, tmp_path):
        settings.FFMPEG = settings.FFPROBE = str(tmp_path / "nothing")
        settings.LAPTOP, settings.SIGNING_KEY_FILE, settings.LEASE_SECONDS = False, tmp_path / "none.pem", 1
        messages = [*checks.programs(), *checks.signing_key(), *checks.lease()]
        assert [bool(message.hint) for message in messages] == [True] * 4
