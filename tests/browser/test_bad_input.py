"""Files that are not what they should be, and connections that break."""

from __future__ import annotations

import re

import boto3
import pytest
from django.conf import settings
from playwright.sync_api import Request, expect

from streamsite.acceptance.stack import Stack
from tests.browser.clips import make_noise
from tests.browser.visitor import FOR_THE_WORKER

FAILED = "This video could not be processed"
PART = re.compile(r"partNumber=(\d+)")


@pytest.fixture
def on_upload_page(visit, owner):
    visitor = visit(owner)
    visitor.open("/upload/")
    return visitor


@pytest.fixture
def failed(on_upload_page, tmp_path):
    """Return somebody who watched their file fail."""
    file = tmp_path / "letter.mp4"
    file.write_text("Dear site, this is a letter.")
    on_upload_page.open_uploaded(on_upload_page.choose(file))
    expect(on_upload_page.heading(FAILED)).to_be_visible(timeout=FOR_THE_WORKER)
    return on_upload_page


class NotAVideoTests:
    def test_ends_failed_with_a_sentence(self, failed):
        expect(failed.page.locator("#status p")).to_have_text(re.compile(r"^\w.*\w.*\.$"))

    def test_is_tried_once_more_and_fails_again(self, failed):
        failed.button("Try once more").click()
        expect(failed.page.locator("#status")).to_have_text(re.compile("Queued|Processing"))
        expect(failed.heading(FAILED)).to_be_visible(timeout=FOR_THE_WORKER)


class EmptyFileTests:
    def test_gets_its_sentence(self, on_upload_page, tmp_path):
        (tmp_path / "empty.mp4").touch()
        row = on_upload_page.choose(tmp_path / "empty.mp4")
        expect(row.get_by_text("This file is empty, so there is nothing to upload.")).to_be_visible()


class InterruptedUploadTests:
    def test_sends_only_the_missing_parts_when_the_file_is_chosen_again(self, on_upload_page, tmp_path):
        page, file = on_upload_page.page, make_noise(tmp_path / "long.mp4", 20 * 1024**2)
        page.route(re.compile("partNumber=[23]"), lambda route: route.abort())
        with page.expect_request_finished(lambda request: "partNumber=1" in request.url):
            on_upload_page.choose(file)
        page.reload()
        on_upload_page.troubles.clear()
        page.unroute_all()
        sent: list[Request] = []
        page.on("request", lambda request: sent.append(request) if request.method == "PUT" else None)
        on_upload_page.wait_until_uploaded(on_upload_page.choose(file))
        assert sorted(PART.findall(" ".join(request.url for request in sent))) == ["2", "3"]

    def test_begins_again_when_storage_has_lost_what_had_arrived(self, on_upload_page, site, tmp_path):
        page, file = on_upload_page.page, make_noise(tmp_path / "lost.mp4", 20 * 1024**2)
        page.route(re.compile("partNumber=[23]"), lambda route: route.abort())
        with page.expect_request_finished(lambda request: "partNumber=1" in request.url):
            on_upload_page.choose(file)
        lose_unfinished_uploads(site)
        page.reload()
        page.unroute_all()
        on_upload_page.wait_until_uploaded(on_upload_page.choose(file))
        # The answer that said so is in the console, and nothing else is.
        on_upload_page.troubles.clear()


def lose_unfinished_uploads(site: Stack) -> None:
    """What the emulator does when it is killed."""
    address = f"http://127.0.0.1:{site.environment['S3_PORT']}"
    s3 = boto3.client("s3", region_name="us-east-1", endpoint_url=address, **settings.AWS_KEY)
    for upload in s3.list_multipart_uploads(Bucket="ingest").get("Uploads", []):
        s3.abort_multipart_upload(Bucket="ingest", Key=upload["Key"], UploadId=upload["UploadId"])
