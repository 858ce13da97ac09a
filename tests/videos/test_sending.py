"""Parts, complete, resume, cancel: an upload on its way."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import settings as site

from tests import factories
from tests.clients import browser, send
from tests.videos.ingest import multiparts, put_part, put_parts, versions
from videos import storage
from videos.models import Upload, Video


@pytest.fixture
def client(alice):
    return browser(alice)


def sign(client, upload: Upload, *numbers: object) -> Any:
    return send(client, f"/api/v1/uploads/{upload.pk}/parts/", {"numbers": numbers})


def complete(client, upload: Upload) -> Any:
    return send(client, f"/api/v1/uploads/{upload.pk}/complete/", {})


def resume(client, upload: Upload) -> Any:
    return client.get(f"/api/v1/uploads/{upload.pk}/")


def cancel(client, upload: Upload) -> Any:
    return client.delete(f"/api/v1/uploads/{upload.pk}/")


class PartsTests:
    def test_hands_out_an_address_for_each_number(self, client, sending: Upload):
        answer = sign(client, sending, 1, 3)
        assert (answer.status_code, list(answer.json()["urls"])) == (200, ["1", "3"])

    def test_signs_for_this_key_this_part_and_this_length(self, client, sending: Upload):
        url = urlsplit(sign(client, sending, 3).json()["urls"]["3"])
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        names = ["uploadId", "partNumber", "X-Amz-Algorithm", "X-Amz-SignedHeaders"]
        assert (url.path, [query[name] for name in names]) == (
            f"/ingest/uploads/{sending.pk}/source",
            [sending.multipart_id, "3", "AWS4-HMAC-SHA256", "content-length;host"],
        )

    def test_says_how_long_an_address_lasts(self, client, sending: Upload):
        answer = sign(client, sending, 1).json()
        assert (answer["expires_in"], parse_qs(urlsplit(answer["urls"]["1"]).query)["X-Amz-Expires"]) == (
            3600,
            ["3600"],
        )

    @pytest.mark.parametrize(
        ("numbers", "status", "detail"),
        [
            ([4], 409, "There is no part 4: this file has 3."),
            ([1, 10**30], 409, f"There is no part {10**30}: this file has 3."),
            ([0], 400, "0: Ensure this value is greater than or equal to 1."),
            ([], 400, "numbers: Ensure this field has at least 1 elements."),
            ([1] * 21, 400, "numbers: Ensure this field has no more than 20 elements."),
            (["one"], 400, "0: A valid integer is required."),
        ],
    )
    def test_refuses_with_a_sentence(self, client, sending: Upload, numbers, status, detail):
        answer = sign(client, sending, *numbers)
        assert (answer.status_code, answer.json()["detail"]) == (status, detail)


class CompleteTests:
    def test_joins_the_parts(self, client, sending: Upload):
        put_parts(sending)
        answer = complete(client, sending)
        pinned = storage.pin(sending.key)
        assert (answer.status_code, answer.json()["id"], pinned and pinned.size, multiparts(sending.key)) == (
            202,
            str(sending.video_id),
            12,
            0,
        )

    def test_remembers_it(self, client, sending: Upload):
        put_parts(sending)
        complete(client, sending)
        sending.refresh_from_db()
        assert (sending.state, sending.completed_at is not None) == ("completed", True)

    def test_does_nothing_the_second_time(self, client, sending: Upload):
        put_parts(sending)
        answers = [complete(client, sending) for _ in range(2)]
        assert (
            [a.status_code for a in answers],
            answers[0].json() == answers[1].json(),
            len(versions(sending.key)),
        ) == (
            [202, 202],
            True,
            1,
        )

    def test_goes_on_where_it_was_cut_off_after_s3_had_joined(self, client, sending: Upload):
        put_parts(sending)
        parts = storage.list_parts(sending.key, sending.multipart_id)
        storage.complete_multipart(sending.key, sending.multipart_id, parts)
        assert complete(client, sending).status_code == 202

    def test_names_the_part_that_is_missing(self, client, sending: Upload):
        put_part(sending, 1)
        put_part(sending, 3)
        assert refusal(complete(client, sending)) == (
            409,
            "Part 2 has 0 of 5 bytes. Send it again.",
            "incomplete",
        )

    def test_names_a_part_of_no_bytes(self, client, sending: Upload):
        put_parts(sending)
        put_raw(sending, 2, b"")
        assert refusal(complete(client, sending)) == (
            409,
            "Part 2 has 0 of 5 bytes. Send it again.",
            "incomplete",
        )

    def test_names_a_part_of_another_length(self, client, sending: Upload):
        put_parts(sending)
        put_raw(sending, 3, b"012")
        assert refusal(complete(client, sending)) == (
            409,
            "Part 3 has 3 of 2 bytes. Send it again.",
            "incomplete",
        )

    def test_says_when_what_had_arrived_is_gone(self, client, sending: Upload):
        storage.abort_multipart(sending.key, sending.multipart_id)
        sentence = "What had arrived of this upload is gone. Choose the file again to begin from the start."
        assert refusal(complete(client, sending)) == (409, sentence, "gone")

    def test_leaves_the_upload_open_when_refused(self, client, sending: Upload):
        put_part(sending, 1)
        complete(client, sending)
        assert (resume(client, sending).json()["state"], multiparts(sending.key)) == ("issued", 1)


class ResumeTests:
    def test_lists_the_parts_that_arrived(self, client, sending: Upload):
        put_part(sending, 1)
        put_part(sending, 3)
        answer = resume(client, sending)
        assert (answer.status_code, answer.json()["parts"]) == (
            200,
            [{"number": 1, "size": 5}, {"number": 3, "size": 2}],
        )

    def test_lists_none_once_the_object_is_there(self, client, sending: Upload):
        put_parts(sending)
        complete(client, sending)
        answer = resume(client, sending).json()
        assert (answer["state"], answer["parts"]) == ("completed", [])

    def test_lists_none_where_s3_has_joined_them_and_nobody_knows_yet(self, client, sending: Upload):
        put_parts(sending)
        parts = storage.list_parts(sending.key, sending.multipart_id)
        storage.complete_multipart(sending.key, sending.multipart_id, parts)
        answer = resume(client, sending).json()
        assert (answer["state"], answer["parts"]) == ("issued", [])

    def test_says_when_nothing_is_left_to_resume(self, client, sending: Upload):
        storage.abort_multipart(sending.key, sending.multipart_id)
        assert resume(client, sending).status_code == 409


class CancelTests:
    def test_drops_what_arrived(self, client, sending: Upload):
        put_part(sending, 1)
        answer = cancel(client, sending)
        assert (answer.status_code, answer.content, multiparts(sending.key)) == (204, b"", 0)

    def test_hides_the_video_at_once(self, client, sending: Upload):
        cancel(client, sending)
        assert (client.get(f"/v/{sending.video_id}/").status_code, resume(client, sending).status_code) == (
            404,
            404,
        )

    def test_leaves_other_uploads_alone(self, client, sending: Upload, alice):
        other = factories.upload(factories.video(alice), size=5, part_size=5)
        other.multipart_id = storage.start_multipart(other.key)
        other.save()
        cancel(client, sending)
        assert (multiparts(other.key), Video.objects.existing().get()) == (1, other.video)
        storage.abort_multipart(other.key, other.multipart_id)


class StorageAwayTests:
    @pytest.mark.parametrize("step", [complete, resume, cancel])
    def test_is_said_in_a_sentence(self, client, sending: Upload, settings, step):
        settings.INGEST_BUCKET = "nowhere"
        answer = step(client, sending)
        assert (answer.status_code, answer.json()["code"]) == (503, "storage")


def refusal(answer: Any) -> tuple[int, str, str]:
    return answer.status_code, answer.json()["detail"], answer.json()["code"]


def put_raw(upload: Upload, number: int, body: bytes) -> None:
    """Store a part that no address of ours would take."""
    storage.client().upload_part(
        Bucket=site.INGEST_BUCKET, Key=upload.key, UploadId=upload.multipart_id, PartNumber=number, Body=body
    )
