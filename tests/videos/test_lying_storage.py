"""A storage that answers with something else than it promised."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from random import Random

import pytest

from videos import storage
from videos.etag import EtagOf
from videos.storage import Damaged, Source

PART_SIZE = 5 * 1024**2
BODY = Random(1).randbytes(11 * 1024**2)
KEY = "uploads/x/source"
MIB = 1024**2
TRIES = 3


def etag_of(body: bytes) -> str:
    etag = EtagOf(PART_SIZE)
    etag.update(body)
    return f'"{etag.value()}"'


SOURCE = Source(KEY, "v1", etag_of(BODY), len(BODY))


@dataclass
class Lies:
    """What the next GET is answered with; all true, unless a test says otherwise."""

    body: bytes = BODY
    promised: int = len(BODY)
    # Of each answer; the last one is of all that come after it.
    versions: list[str] = field(default_factory=lambda: ["v1"])
    # After how many bytes of its answer each connection breaks; those that are not named do not.
    breaks: list[int] = field(default_factory=list)
    knows_ranges: bool = True
    # By how many bytes it misses what it was asked for.
    off_by: int = 0
    asked: list[tuple[str, str, str]] = field(default_factory=list)


@pytest.fixture
def lies(settings) -> Iterator[Lies]:
    lies = Lies()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            wanted = self.headers.get("Range", "")
            lies.asked.append((self.path.partition("?")[2], self.headers.get("If-Match", ""), wanted))
            start = 0
            if wanted and lies.knows_ranges:
                start = int(wanted.removeprefix("bytes=").removesuffix("-")) + lies.off_by
                self.send_response(206)
                self.send_header("Content-Range", f"bytes {start}-{lies.promised - 1}/{lies.promised}")
            else:
                self.send_response(200)
            self.send_header("Content-Length", str(lies.promised - start))
            self.send_header("ETag", SOURCE.etag)
            version = lies.versions.pop(0) if len(lies.versions) > 1 else lies.versions[0]
            self.send_header("x-amz-version-id", version)
            self.end_headers()
            # Who hears too much goes away.
            with suppress(OSError):
                self.wfile.write(lies.body[start:][: lies.breaks.pop(0) if lies.breaks else None])

        def log_message(self, format: str, *args: object) -> None:
            """Nobody reads it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.AWS_ENDPOINT_URL = f"http://127.0.0.1:{server.server_port}"
    storage.client.cache_clear()
    yield lies
    storage.client.cache_clear()
    server.shutdown()
    server.server_close()


@pytest.fixture
def fetch(lies: Lies, tmp_path: Path) -> Callable[[], Path]:
    def fetch() -> Path:
        target = tmp_path / "source"
        storage.download(SOURCE, PART_SIZE, target, lambda total: None, pauses=[0] * TRIES)
        return target

    return fetch


class DownloadTests:
    def test_takes_the_truth(self, fetch):
        assert fetch().read_bytes() == BODY

    def test_asks_for_the_pinned_version_and_bytes(self, lies, fetch):
        fetch()
        assert lies.asked == [("versionId=v1", SOURCE.etag, "")]

    @pytest.mark.parametrize("size", [0, 1, PART_SIZE, len(BODY) - 1])
    def test_refuses_less_that_says_it_is_all(self, lies, fetch, size):
        lies.body, lies.promised = BODY[:size], size
        with pytest.raises(Damaged):
            fetch()

    def test_refuses_less_than_it_promised(self, lies, fetch):
        lies.body = BODY[:-1]
        with pytest.raises(storage.Errors):
            fetch()

    @pytest.mark.parametrize("place", [0, PART_SIZE, len(BODY) - 1])
    def test_refuses_a_wrong_byte(self, lies, fetch, place):
        lies.body = BODY[:place] + bytes([BODY[place] ^ 1]) + BODY[place + 1 :]
        with pytest.raises(Damaged):
            fetch()

    def test_refuses_parts_in_another_order(self, lies, fetch):
        lies.body = BODY[PART_SIZE:] + BODY[:PART_SIZE]
        with pytest.raises(Damaged):
            fetch()

    @pytest.mark.parametrize("version", ["v2", "null"])
    def test_refuses_another_version(self, lies, fetch, version):
        lies.versions = [version]
        with pytest.raises(Damaged, match=version):
            fetch()

    def test_stops_where_there_is_more(self, lies, fetch, tmp_path):
        lies.body, lies.promised = BODY * 4, len(BODY) * 4
        with pytest.raises(Damaged, match="more than"):
            fetch()
        assert (tmp_path / "source").stat().st_size <= len(BODY)


class BrokenConnectionTests:
    def test_costs_only_what_was_on_it(self, lies, fetch):
        lies.breaks = [9 * MIB]
        assert fetch().read_bytes() == BODY
        assert lies.asked == [
            ("versionId=v1", SOURCE.etag, ""),
            ("versionId=v1", SOURCE.etag, f"bytes={9 * MIB}-"),
        ]

    def test_may_break_again_on_the_way(self, lies, fetch):
        lies.breaks = [4 * MIB, 0, 5 * MIB]
        assert fetch().read_bytes() == BODY

    def test_costs_no_wrong_byte_where_ranges_are_unknown(self, lies, fetch):
        lies.breaks, lies.knows_ranges = [4 * MIB, 3 * MIB, 7 * MIB], False
        assert fetch().read_bytes() == BODY

    def test_is_the_last_after_a_few(self, lies, fetch):
        lies.breaks = [1000] * 100
        with pytest.raises(storage.Errors):
            fetch()
        assert len(lies.asked) == 1 + TRIES

    def test_brings_nothing_from_elsewhere(self, lies, fetch):
        lies.breaks, lies.off_by = [9 * MIB], 1
        with pytest.raises(Damaged, match="instead of"):
            fetch()

    def test_brings_nothing_of_another_version(self, lies, fetch):
        lies.breaks, lies.versions = [9 * MIB], ["v1", "v2"]
        with pytest.raises(Damaged, match="v2"):
            fetch()

    @pytest.mark.parametrize("place", [0, 9 * MIB + 1])
    def test_hides_no_wrong_byte(self, lies, fetch, place):
        lies.breaks = [9 * MIB]
        lies.body = BODY[:place] + bytes([BODY[place] ^ 1]) + BODY[place + 1 :]
        with pytest.raises(Damaged):
            fetch()
