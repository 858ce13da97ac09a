"""What the site stands on, made and restored."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from django.conf import settings
from django.core.management import call_command

from streamsite import provision
from videos import storage
from videos.signatures import signer

EVENTS = {
    "Id": "streamsite-sources",
    "QueueArn": "arn:aws:sqs:us-east-1:000000000000:s3-events",
    "Events": ["s3:ObjectCreated:*"],
    "Filter": {"Key": {"FilterRules": [{"Name": "prefix", "Value": "uploads/"}]}},
}


def versioning() -> Any:
    return storage.client().get_bucket_versioning(Bucket=settings.INGEST_BUCKET).get("Status")


def cors() -> Any:
    return storage.client().get_bucket_cors(Bucket=settings.INGEST_BUCKET)["CORSRules"]


def lifecycle() -> Any:
    try:
        return storage.client().get_bucket_lifecycle_configuration(Bucket=settings.INGEST_BUCKET)["Rules"]
    except ClientError:
        return []


def notification() -> Any:
    found = storage.client().get_bucket_notification_configuration(Bucket=settings.INGEST_BUCKET)
    return found.get("QueueConfigurations", [])


def attribute(url: str, name: str) -> Any:
    return provision.queue_attributes(url, name).get(name, "")


def everything() -> list[Any]:
    urls = (settings.TASKS_QUEUE_URL, settings.EVENTS_QUEUE_URL)
    queues = [
        attribute(url, name) for url in urls for name in ("RedrivePolicy", "VisibilityTimeout", "Policy")
    ]
    return [
        versioning(),
        cors(),
        lifecycle(),
        notification(),
        settings.SIGNING_KEY_FILE.read_bytes(),
        *queues,
    ]


@pytest.mark.usefixtures("emulator", "db")
class ProvisionTests:
    def test_is_harmless_the_second_time(self):
        call_command("provision", verbosity=0)
        before = everything()
        call_command("provision", verbosity=0)
        assert everything() == before

    def test_versions_sources_and_only_them(self):
        media = storage.client().get_bucket_versioning(Bucket=settings.MEDIA_BUCKET).get("Status")
        assert (versioning(), media) == ("Enabled", None)

    def test_lets_only_our_pages_send_parts(self):
        origins = [settings.SITE_URL, f"http://127.0.0.1:{settings.PORT}"]
        assert [(rule["AllowedOrigins"], rule["AllowedMethods"]) for rule in cors()] == [(origins, ["PUT"])]

    def test_lets_s3_drop_uploads_that_we_forgot(self):
        (rule,) = lifecycle()
        assert (rule["Status"], rule["Filter"], rule["AbortIncompleteMultipartUpload"]) == (
            "Enabled",
            {"Prefix": "uploads/"},
            {"DaysAfterInitiation": 8},
        )

    def test_tells_the_events_queue_of_every_source(self):
        assert notification() == [EVENTS]

    def test_lets_the_ingest_bucket_alone_write_events(self):
        assert json.loads(attribute(settings.EVENTS_QUEUE_URL, "Policy"))["Statement"] == [
            {
                "Effect": "Allow",
                "Principal": {"Service": "s3.amazonaws.com"},
                "Action": "sqs:SendMessage",
                "Resource": EVENTS["QueueArn"],
                "Condition": {
                    "ArnEquals": {"aws:SourceArn": "arn:aws:s3:::ingest"},
                    "StringEquals": {"aws:SourceAccount": "000000000000"},
                },
            }
        ]

    @pytest.mark.parametrize("name", ["tasks", "s3-events"])
    def test_keeps_messages_that_fail_five_times_for_two_weeks(self, name):
        url = settings.TASKS_QUEUE_URL.replace("tasks", name)
        redrive = json.loads(attribute(url, "RedrivePolicy"))
        kept = attribute(f"{url}-dead", "MessageRetentionPeriod")
        assert (redrive["deadLetterTargetArn"].rpartition(":")[2], int(redrive["maxReceiveCount"]), kept) == (
            f"{name}-dead",
            5,
            str(14 * 24 * 3600),
        )


def suspend_versioning() -> None:
    wanted = {"Status": "Suspended"}
    storage.client().put_bucket_versioning(Bucket=settings.INGEST_BUCKET, VersioningConfiguration=wanted)


def open_to_every_origin() -> None:
    rules = [{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}]
    storage.client().put_bucket_cors(Bucket=settings.INGEST_BUCKET, CORSConfiguration={"CORSRules": rules})


def drop_lifecycle() -> None:
    storage.client().delete_bucket_lifecycle(Bucket=settings.INGEST_BUCKET)


def drop_notification() -> None:
    notify()


def notify_of_other_things() -> None:
    notify({**EVENTS, "Events": ["s3:ObjectRemoved:*"]})


def notify_of_other_keys() -> None:
    notify({key: value for key, value in EVENTS.items() if key != "Filter"})


def notify(*configurations: dict[str, Any]) -> None:
    storage.client().put_bucket_notification_configuration(
        Bucket=settings.INGEST_BUCKET, NotificationConfiguration={"QueueConfigurations": list(configurations)}
    )


def drop_queue_policy() -> None:
    provision.sqs().set_queue_attributes(QueueUrl=settings.EVENTS_QUEUE_URL, Attributes={"Policy": ""})


def drop_dead_letters() -> None:
    provision.sqs().set_queue_attributes(QueueUrl=settings.EVENTS_QUEUE_URL, Attributes={"RedrivePolicy": ""})


LOSSES = [
    suspend_versioning,
    open_to_every_origin,
    drop_lifecycle,
    drop_notification,
    notify_of_other_things,
    notify_of_other_keys,
    drop_queue_policy,
    drop_dead_letters,
]


@pytest.mark.usefixtures("emulator")
class RestoringTests:
    """What somebody took away is there again after the next start."""

    @pytest.mark.parametrize("lose", LOSSES, ids=lambda lose: lose.__name__)
    def test_brings_back_what_was_lost(self, lose):
        restore()
        before = everything()
        lose()
        lost = everything()
        restore()
        assert (lost != before, everything()) == (True, before)


@pytest.mark.usefixtures("emulator")
class NeighboursTests:
    """Somebody else uses the same bucket."""

    @pytest.fixture(autouse=True)
    def restored(self, emulator) -> Iterator[None]:
        restore()
        yield
        drop_lifecycle()
        drop_notification()
        restore()

    def test_keep_their_notifications(self):
        rules = [{"Name": "prefix", "Value": "reports/"}]
        theirs = {**EVENTS, "Id": "theirs", "Filter": {"Key": {"FilterRules": rules}}}
        notify(theirs)
        restore()
        assert {each["Id"]: each["Filter"] for each in notification()} == {
            "theirs": theirs["Filter"],
            EVENTS["Id"]: EVENTS["Filter"],
        }

    def test_keep_their_lifecycle_rules(self):
        theirs = {"ID": "theirs", "Status": "Enabled", "Filter": {"Prefix": "x/"}, "Expiration": {"Days": 1}}
        rules = {"Rules": [theirs]}
        storage.client().put_bucket_lifecycle_configuration(
            Bucket=settings.INGEST_BUCKET, LifecycleConfiguration=rules
        )
        restore()
        assert [rule["ID"] for rule in lifecycle()] == ["theirs", "unfinished-uploads"]

    def test_do_not_keep_what_lets_pages_of_others_send_parts(self):
        open_to_every_origin()
        restore()
        assert [rule["AllowedOrigins"][0] for rule in cors()] == [settings.SITE_URL]


def restore() -> None:
    provision.make_buckets()
    provision.make_queues()
    provision.connect_events()


class SigningKeyTests:
    def test_is_made_once_for_its_owner_alone(self, tmp_path):
        path = tmp_path / "keys" / "signing.pem"
        provision.make_signing_key(path)
        before = path.read_bytes()
        provision.make_signing_key(path)
        assert (path.read_bytes() == before, stat.S_IMODE(path.stat().st_mode)) == (True, 0o600)

    def test_can_sign(self, tmp_path):
        provision.make_signing_key(tmp_path / "signing.pem")
        assert signer(tmp_path / "signing.pem", "K1").key.key_size == 2048

    def test_is_never_made_in_production(self, tmp_path, settings):
        settings.LAPTOP = False
        provision.make_signing_key(tmp_path / "signing.pem")
        assert not (tmp_path / "signing.pem").exists()
