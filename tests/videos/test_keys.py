"""Where objects live."""

from __future__ import annotations

from uuid import UUID

import pytest

from videos import keys

ID = UUID("12345678-1234-4234-8234-123456789abc")
BELOW = f"/media/v/{ID}/0123456789abcdef"


class SourceKeyTests:
    def test_names_its_upload(self):
        assert keys.upload_of(keys.source_key(ID)) == ID

    @pytest.mark.parametrize(
        "key",
        [
            "",
            "uploads/",
            f"uploads/{ID}",
            f"uploads/{ID}/source2",
            f"uploads/{ID}/source\n",
            f"uploads/../{ID}/source",
            f"other/uploads/{ID}/source",
            f"uploads/{'-' * 36}/source",
            f"uploads/{ID}/../{ID}/source",
        ],
    )
    def test_is_nobody_elses(self, key):
        assert keys.upload_of(key) is None


class PrefixTests:
    def test_nests_video_epoch_version(self):
        assert keys.version_prefix(ID, "0123456789abcdef", "a2") == f"{BELOW[1:]}/a2/"


class MediaPathTests:
    @pytest.mark.parametrize(
        "name", ["a1/multivariant.m3u8", "a1/360p/init.mp4", "a12/360p/00001.m4s", "a1/x..y"]
    )
    def test_is_a_file_of_a_version(self, name):
        assert keys.MEDIA_PATH.fullmatch(f"{BELOW}/{name}")

    @pytest.mark.parametrize(
        "name",
        [
            "",
            "a1/",
            "a1//x",
            "../x",
            "a1/../x",
            "a1/.",
            "a1/..",
            ".hidden",
            "a1\\x",
            "a1/x\n",
            "a1/%2e",
            "a1/x y",
            "a1/é",
            "a1/x\0",
        ],
    )
    def test_is_nothing_else(self, name):
        assert not keys.MEDIA_PATH.fullmatch(f"{BELOW}/{name}")
