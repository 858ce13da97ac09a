"""What S3 makes of a presigned part address."""

from __future__ import annotations

import time

import httpx
import pytest

from tests import factories
from videos import storage
from videos.models import Upload


class AddressTests:
    @pytest.fixture
    def url(self, sending: Upload) -> str:
        return storage.sign_part(sending.key, sending.multipart_id, 1, 5)

    def test_takes_the_part(self, url, sending: Upload):
        stored = httpx.put(url, content=b"01234").status_code
        assert (
            stored,
            [(p.number, p.size) for p in storage.list_parts(sending.key, sending.multipart_id)],
        ) == (200, [(1, 5)])

    @pytest.mark.parametrize("body", [b"", b"0123", b"012345"])
    def test_takes_no_other_length(self, url, sending: Upload, body):
        refused = httpx.put(url, content=body).status_code
        assert (refused, storage.list_parts(sending.key, sending.multipart_id)) == (403, ())

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("partNumber=1", "partNumber=2"),
            ("/source?", "/other?"),
            ("X-Amz-Expires=3600", "X-Amz-Expires=99999"),
            ("&X-Amz-Signature=", "&X-Amz-Signature=0"),
        ],
    )
    def test_takes_nothing_for_a_changed_address(self, url, sending: Upload, name, value):
        refused = httpx.put(url.replace(name, value), content=b"01234").status_code
        assert (refused, storage.list_parts(sending.key, sending.multipart_id)) == (403, ())

    def test_is_not_for_somebody_elses_key(self, url, sending: Upload, charlie):
        theirs = factories.upload(factories.video(charlie), size=5, part_size=5)
        assert httpx.put(url.replace(str(sending.pk), str(theirs.pk)), content=b"01234").status_code == 403

    def test_does_nothing_but_put(self, url):
        assert {method(url).status_code for method in (httpx.get, httpx.delete, httpx.post)} == {403}

    def test_is_refused_without_its_signature(self, url):
        assert httpx.put(url.partition("&X-Amz-Algorithm")[0], content=b"01234").status_code == 403

    def test_is_refused_once_it_has_expired(self, sending: Upload, settings):
        settings.PART_URL_SECONDS = 1
        url = storage.sign_part(sending.key, sending.multipart_id, 1, 5)
        # The one wait in these tests: S3 has no clock but the wall's.
        time.sleep(1.5)
        assert httpx.put(url, content=b"01234").status_code == 403
