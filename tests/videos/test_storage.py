"""S3 through our one door."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from tests.videos.ingest import put_part, put_parts, versions
from videos import storage, uploads
from videos.etag import EtagOf
from videos.models import Upload
from videos.storage import Damaged, Missing, Source

PART_SIZE = 5


@pytest.fixture
def source(sending: Upload, now) -> Source:
    """What Alice sent, pinned: 12 bytes that arrived in parts of 5."""
    put_parts(sending)
    uploads.complete(sending, now)
    pinned = storage.pin(sending.key)
    assert pinned
    return pinned


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "source"


def heard(total: int) -> None:
    """Nobody listens."""


def md5(data: bytes) -> bytes:
    return hashlib.md5(data, usedforsecurity=False).digest()


class EtagOfTests:
    @given(blocks=st.lists(st.binary(max_size=40), max_size=8))
    def test_is_the_md5_of_an_object_that_came_in_one_piece(self, blocks: list[bytes]):
        etag = EtagOf(None)
        for block in blocks:
            etag.update(block)
        assert etag.value() == md5(b"".join(blocks)).hex()

    @given(
        blocks=st.lists(st.binary(min_size=1, max_size=40), min_size=1, max_size=8),
        part_size=st.integers(1, 50),
    )
    def test_is_the_md5_of_the_parts_md5s_however_the_bytes_arrive(self, blocks: list[bytes], part_size: int):
        etag, data = EtagOf(part_size), b"".join(blocks)
        for block in blocks:
            etag.update(block)
        parts = [data[start : start + part_size] for start in range(0, len(data), part_size)]
        assert etag.value() == f"{md5(b''.join(map(md5, parts))).hex()}-{len(parts)}"


class PinTests:
    def test_names_one_version(self, source: Source):
        assert (source.size, source.etag.strip('"')[-2:], versions(source.key)) == (
            12,
            "-3",
            [source.version_id],
        )

    def test_finds_nothing_where_nothing_is(self, emulator):
        assert storage.pin("uploads/nothing/source") is None


class DownloadTests:
    def test_fetches_the_bytes_and_says_how_many(self, source: Source, target: Path):
        totals: list[int] = []
        storage.download(source, PART_SIZE, target, totals.append)
        assert (target.read_bytes(), totals) == (b"012340123401", [12])

    def test_fetches_what_was_put_in_one_piece(self, emulator, target: Path):
        storage.client().put_object(Bucket=settings.INGEST_BUCKET, Key="uploads/x/source", Body=b"whole")
        pinned = storage.pin("uploads/x/source")
        assert pinned
        storage.download(pinned, PART_SIZE, target, heard)
        assert target.read_bytes() == b"whole"

    def test_fetches_the_pinned_version_after_another_came(self, source: Source, target: Path):
        storage.client().put_object(Bucket=settings.INGEST_BUCKET, Key=source.key, Body=b"swapped in later")
        storage.download(source, PART_SIZE, target, heard)
        assert target.read_bytes() == b"012340123401"

    @pytest.mark.parametrize("size", [11, 13])
    def test_raises_when_the_size_is_not_what_was_pinned(self, source: Source, target: Path, size):
        with pytest.raises(Damaged, match=f"more than the {size}|12 bytes .* S3 has {size}"):
            storage.download(replace(source, size=size), PART_SIZE, target, heard)

    def test_raises_when_the_bytes_do_not_make_the_etag(self, source: Source, target: Path):
        with pytest.raises(Damaged):
            storage.download(source, PART_SIZE + 1, target, heard)

    def test_is_refused_by_s3_for_another_etag(self, source: Source, target: Path):
        with pytest.raises(storage.Errors, match="PreconditionFailed"):
            storage.download(
                replace(source, etag='"00000000000000000000000000000000-3"'), PART_SIZE, target, heard
            )

    def test_raises_when_the_version_is_gone(self, source: Source, target: Path):
        storage.delete_source(source.key)
        with pytest.raises(Missing):
            storage.download(source, PART_SIZE, target, heard)


class StoreTests:
    @pytest.mark.parametrize(
        ("name", "content_type"),
        [
            ("m.m3u8", "application/vnd.apple.mpegurl"),
            ("s.m4s", "video/mp4"),
            ("i.mp4", "video/mp4"),
            ("s.vtt", "text/vtt; charset=utf-8"),
            ("p.jpg", "image/jpeg"),
        ],
    )
    def test_tells_caches_and_players_what_it_is(self, emulator, tmp_path, name, content_type):
        (tmp_path / name).write_bytes(b"body")
        size = storage.store(f"media/v/x/{name}", tmp_path / name)
        found = storage.client().head_object(Bucket=settings.MEDIA_BUCKET, Key=f"media/v/x/{name}")
        assert (size, found["ContentType"], found["CacheControl"]) == (
            4,
            content_type,
            "public, max-age=31536000, immutable",
        )


class DeleteMediaTests:
    @pytest.fixture(autouse=True)
    def some(self, emulator):
        for key in ("media/d/a1/x", "media/d/a10/x", "media/d/a2/x", "media/e/a1/x"):
            storage.client().put_object(Bucket=settings.MEDIA_BUCKET, Key=key, Body=b"x")
        yield
        storage.delete_media("media/d/")

    def test_takes_everything_below_a_prefix_and_nothing_else(self):
        assert (storage.delete_media("media/d/"), storage.list_media("media/")) != (0, ())
        assert (storage.list_media("media/d/"), storage.list_media("media/e/")) == ((), ("media/e/a1/x",))

    def test_keeps_the_one_version_it_is_told_to(self):
        assert (storage.delete_media("media/d/", but="media/d/a1/"), storage.list_media("media/d/")) == (
            2,
            ("media/d/a1/x",),
        )


class DeleteSourceTests:
    def test_takes_every_version_and_every_marker(self, source: Source):
        storage.client().put_object(Bucket=settings.INGEST_BUCKET, Key=source.key, Body=b"second")
        storage.client().delete_object(Bucket=settings.INGEST_BUCKET, Key=source.key)
        before = len(versions(source.key))
        storage.delete_source(source.key)
        assert (before, versions(source.key)) == (3, [])


class AbortTests:
    def test_is_done_where_nothing_is_left_to_drop(self, sending: Upload):
        put_part(sending, 1)
        storage.abort_multipart(sending.key, sending.multipart_id)
        storage.abort_multipart(sending.key, sending.multipart_id)
        with pytest.raises(Missing):
            storage.list_parts(sending.key, sending.multipart_id)


class ProductionTests:
    @pytest.mark.parametrize("region", ["us-east-1", "eu-central-1"])
    def test_sends_parts_where_the_content_policy_lets_browsers_go(self, settings, region):
        settings.AWS_ENDPOINT_URL, settings.AWS_REGION = "", region
        settings.AWS_KEY = {"aws_access_key_id": "x", "aws_secret_access_key": "x"}
        storage.client.cache_clear()
        try:
            address = urlsplit(storage.sign_part("uploads/a/source", "id", 1, 10))
        finally:
            storage.client.cache_clear()
        origin = f"https://{settings.INGEST_BUCKET}.s3.{region}.amazonaws.com"
        assert f"{address.scheme}://{address.netloc}" == origin


class ForkTests:
    CODE = """
import os, django
django.setup()
from videos import storage
ours = storage.client()
pid = os.fork()
if pid == 0:
    os._exit(storage.client() is ours)
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), storage.client() is ours)
"""

    def test_leaves_the_connections_to_the_process_that_made_them(self):
        """A worker looks at the buckets before it forks; processes on one connection got each other's answers."""
        environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "streamsite.settings"}
        command = (sys.executable, "-c", self.CODE)
        done = subprocess.run(command, cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True)
        assert done.stdout.split() == ["0", "True"], done.stderr
