"""A storage that sends another part of a source than it promised, or keeps it in a way that leaves no checksum."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from videos import storage
from videos.storage import Damaged, Source, Unverifiable

BODY = bytes(range(256)) * 10
# Of what S3 stores, not of what arrives.
SOURCE = Source("uploads/x/source", "v1", f'"{"0" * 32}-1"', len(BODY))


@dataclass
class Answer:
    """What requests are answered with."""

    body: bytes = BODY[10:30]
    said: str = f"bytes 10-29/{len(BODY)}"
    encryption: str = "AES256"


@pytest.fixture
def answer(settings) -> Iterator[Answer]:
    answer = Answer()

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self.send_response(206 if answer.said else 200)
            self.send_header("Content-Length", str(len(answer.body)))
            self.send_header("x-amz-version-id", "v1")
            self.send_header("x-amz-server-side-encryption", answer.encryption)
            if answer.said:
                self.send_header("Content-Range", answer.said)
            self.end_headers()

        def do_GET(self) -> None:
            self.do_HEAD()
            self.wfile.write(answer.body)

        def log_message(self, format: str, *args: object) -> None:
            """Nobody reads it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.AWS_ENDPOINT_URL = f"http://127.0.0.1:{server.server_port}"
    storage.client.cache_clear()
    yield answer
    storage.client.cache_clear()
    server.shutdown()
    server.server_close()


class RangeTests:
    def test_is_what_was_asked_for(self, answer):
        assert storage.read_range(SOURCE, 10, 30) == BODY[10:30]

    @pytest.mark.parametrize("end", [10, 29, 31, len(BODY)])
    def test_is_refused_where_less_or_more_of_it_arrives(self, answer, end):
        answer.body = BODY[10:end]
        with pytest.raises(Damaged, match="instead of bytes 10-29"):
            storage.read_range(SOURCE, 10, 30)

    @pytest.mark.parametrize("said", ["", "bytes 0-19/2560", "bytes 10-29/2561", "bytes 10-29/*"])
    def test_is_refused_where_it_is_another(self, answer, said):
        answer.said = said
        with pytest.raises(Damaged, match="instead of bytes 10-29"):
            storage.read_range(SOURCE, 10, 30)


class ChecksumTests:
    @pytest.fixture
    def fetch(self, answer, tmp_path):
        answer.body, answer.said = BODY, ""
        return lambda: storage.download(SOURCE, 5 * 1024**2, tmp_path / "source", lambda total: None)

    @pytest.mark.parametrize("encryption", ["aws:kms", "aws:kms:dsse"])
    def test_that_s3_does_not_have_is_named(self, answer, fetch, encryption):
        answer.encryption = encryption
        with pytest.raises(Unverifiable, match="SSE-KMS .* is no checksum: encrypt .* with SSE-S3"):
            fetch()

    def test_that_differs_is_damage(self, fetch):
        with pytest.raises(Damaged) as damaged:
            fetch()
        assert damaged.type is Damaged

    def test_leaves_no_more_than_arrived(self, fetch, tmp_path: Path):
        (tmp_path / "source").write_bytes(bytes(2 * len(BODY)))
        with pytest.raises(Damaged):
            fetch()
        assert (tmp_path / "source").read_bytes() == BODY
