"""Somebody takes their data along, and leaves."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings

from accounts.leaving import MustStay
from accounts.models import AccessToken, User
from tests import factories
from tests.accounts import passwords
from tests.accounts.passwords import reauthenticated, sign_in, signed_in
from tests.clients import browser
from tests.videos.ingest import multiparts, put_part, put_parts, versions
from transcode.sweep import sweep
from videos import leaving, storage, uploads
from videos.models import Upload, Video

EXPORT, LEAVE = "/accounts/data/export/", "/accounts/leave/"


def token_of(user: User, now) -> str:
    return AccessToken.issue(user, "camera van", now + timedelta(days=365), now)[1]


class ExportTests:
    @pytest.fixture
    def found(self, alice, charlie, now) -> Any:
        """What Alice gets where both she and Charlie have one of everything."""
        for person in (charlie, alice):
            video = factories.ready(person, title=f"{person.username}'s walk", description="In the rain.")
            factories.upload(video, filename=f"{person.username}.mp4")
            token_of(person, now)
            passwords.with_app(passwords.confirmed(person))
        passwords.with_codes(alice)
        return browser(alice), leaving.export_of(alice)

    def test_has_everything(self, found):
        data = found[1]
        assert {name: len(rows) for name, rows in data.items() if name != "account"} == {
            "email_addresses": 1,
            "room": 2,
            "second_factors": 2,
            "sessions": 0,
            "tokens": 1,
            "videos": 1,
        }

    def test_has_a_video_with_its_facts(self, found):
        video = found[1]["videos"][0]
        names = ("title", "description", "visibility", "status", "duration_ms")
        assert [video[name] for name in names] == ["alice's walk", "In the rain.", "private", "ready", 65_000]
        assert (video["source"]["filename"], video["renditions"][0]["name"]) == ("alice.mp4", "360p")
        assert video["address"].startswith(f"{settings.SITE_URL}/v/")

    def test_has_the_room_and_what_is_taken_of_it(self, alice):
        alice.set_quota(5000)
        factories.upload(factories.ready(alice, stored_bytes=300))
        alice.refresh_from_db()
        assert leaving.export_of(alice)["room"] == {"limit_bytes": 5000, "taken_bytes": 1300}

    def test_has_what_happened_to_a_video_and_not_who_of_the_staff_did_it(self, alice, charlie, now):
        video = factories.ready(alice)
        video.edit({"title": "New"}, now, alice)
        video.take_down("Not yours.", now, charlie)
        video.request_new_version(now)
        events = leaving.export_of(alice)["videos"][0]["events"]
        assert [(event["kind"], event["by"], event["detail"]) for event in events] == [
            ("edited", "you", "title"),
            ("taken-down", "staff", "Not yours."),
            ("encode-asked", "the site", ""),
        ]

    def test_has_nothing_of_anybody_else(self, found):
        assert "charlie" not in json.dumps(found[1], default=str)

    def test_has_no_secret(self, found, alice):
        text = json.dumps(found[1], default=str)
        factor = alice.authenticator_set.get(type="totp").data["secret"]
        secrets = (alice.password, AccessToken.objects.get(owner=alice).digest, factor)
        assert [secret in text for secret in secrets] == [False, False, False]

    def test_has_nothing_that_was_deleted(self, alice, now):
        factories.ready(alice, deleted_at=now)
        assert leaving.export_of(alice)["videos"] == []

    def test_costs_the_same_for_many_videos(self, alice, django_assert_num_queries):
        for _ in range(5):
            factories.upload(factories.ready(alice))
        # account, addresses, second factors, sessions, tokens, room, videos with uploads, renditions, events
        with django_assert_num_queries(9):
            leaving.export_of(alice)

    def test_is_a_file_for_who_shows_the_password_again(self, alice):
        factories.ready(alice, title="A walk")
        answers = [client.get(EXPORT) for client in (sign_in(alice), reauthenticated(alice))]
        assert answers[0]["Location"].startswith("/accounts/reauthenticate/?next=")
        assert (answers[1]["Content-Disposition"], answers[1].json()["videos"][0]["title"]) == (
            'attachment; filename="streamsite-data.json"',
            "A walk",
        )


class LeavePageTests:
    def test_asks_for_the_password_again(self, alice):
        client = sign_in(alice)
        answers = [client.get(LEAVE), client.post(LEAVE)]
        assert [a["Location"].split("?")[0] for a in answers] == ["/accounts/reauthenticate/"] * 2
        assert User.objects.get(pk=alice.pk).left_at is None

    def test_changes_nothing_when_it_is_only_opened(self, alice):
        page = reauthenticated(alice).get(LEAVE)
        assert (page.status_code, User.objects.get(pk=alice.pk).left_at) == (200, None)

    def test_ends_in_front_of_the_door(self, alice):
        client = reauthenticated(alice)
        answer = client.post(LEAVE, follow=True)
        assert (b"Your account is closed" in answer.content, signed_in(client)) == (True, False)

    def test_keeps_the_only_admin(self, db):
        root = factories.user("root", is_staff=True, is_superuser=True)
        answer = reauthenticated(root).post(LEAVE, follow=True)
        assert b"Make somebody else an admin first" in answer.content
        assert User.objects.get().left_at is None


class LeaveTests:
    def test_hides_every_video_at_once(self, alice, charlie, now):
        for visibility in ("public", "private"):
            factories.ready(alice, visibility=visibility)
        kept = factories.ready(charlie, visibility="public")
        leaving.leave(alice, now)
        assert list(Video.objects.existing()) == [kept]

    def test_stands_in_the_timeline_of_each_video(self, alice, now):
        videos = [factories.ready(alice) for _ in range(2)]
        leaving.leave(alice, now)
        told = [video.events.values_list("kind", "actor", "at").get() for video in videos]
        assert told == [("deleted", alice.pk, now)] * 2

    def test_ends_every_way_in(self, alice, now):
        video, text = factories.ready(alice, visibility="public"), token_of(alice, now)
        clients = [sign_in(alice), browser(alice)]
        leaving.leave(alice, now)
        told = browser().get(f"/api/v1/videos/{video.pk}/", headers={"Authorization": f"Bearer {text}"})
        again = sign_in(alice)
        assert [signed_in(client) for client in (*clients, again)] == [False, False, False]
        assert told.status_code == 401

    def test_can_not_be_taken_back_by_a_new_password(self, alice, now, mailoutbox):
        leaving.leave(alice, now)
        browser().post("/accounts/password/reset/", {"email": alice.email})
        assert [message.subject for message in mailoutbox] == ["There is no account with this address"]

    def test_is_harmless_the_second_time(self, alice, now):
        factories.ready(alice)
        for minutes in range(2):
            leaving.leave(alice, now + timedelta(minutes=minutes))
        assert (User.objects.get().left_at, Video.objects.get().deleted_at) == (now, now)

    def test_leaves_an_admin_where_there_is_another(self, db, now):
        first, second = (factories.user(name, is_superuser=True) for name in ("first", "second"))
        leaving.leave(first, now)
        with pytest.raises(MustStay):
            leaving.leave(second, now)


class FinishTests:
    @pytest.fixture
    def gone(self, sending: Upload, objects, now) -> User:
        """Somebody who left with a published video and an upload under way."""
        put_parts(sending)
        uploads.complete(sending, now)
        objects(sending.video)
        owner = sending.video.owner
        half = factories.upload(factories.video(owner), size=12, part_size=5)
        half.multipart_id = storage.start_multipart(half.key)
        half.save()
        put_part(half, 1)
        leaving.leave(owner, now)
        return owner

    def left(self, keys: list[str], prefixes: list[str]) -> list[int]:
        """Count what S3 still has: versions, open multiparts, published objects."""
        return [
            sum(len(versions(key)) for key in keys),
            sum(multiparts(key) for key in keys),
            sum(len(storage.list_media(prefix)) for prefix in prefixes),
        ]

    def test_leaves_no_object_and_no_row(self, gone, now):
        keys = [upload.key for upload in Upload.objects.all()]
        prefixes = [f"media/v/{video.pk}/" for video in Video.objects.all()]
        before = self.left(keys, prefixes)
        sweep(now, lambda: None)
        assert (before, self.left(keys, prefixes)) == ([1, 1, 5], [0, 0, 0])
        assert (Video.objects.count(), User.objects.count()) == (0, 0)

    def test_keeps_the_person_while_objects_are_left(self, gone, now, settings):
        settings.MEDIA_BUCKET = "nowhere"
        sweep(now, lambda: None)
        assert (Video.objects.count() > 0, User.objects.count()) == (True, 1)

    def test_is_harmless_the_second_time(self, gone, now):
        for minutes in range(3):
            sweep(now + timedelta(minutes=minutes), lambda: None)
        assert User.objects.count() == 0

    def test_takes_along_what_a_request_under_way_began_after_they_left(self, alice, now):
        leaving.leave(alice, now)
        late = factories.video(alice)
        leaving.finish(now)
        late.refresh_from_db()
        assert (late.deleted_at, User.objects.count()) == (now, 1)

    def test_leaves_everybody_else(self, alice, charlie, now):
        leaving.leave(alice, now)
        leaving.finish(now)
        assert list(User.objects.all()) == [charlie]

    def test_asks_little_where_nobody_left(self, alice, now, django_assert_num_queries):
        # who left; who of them has no videos any more
        with django_assert_num_queries(2):
            leaving.finish(now)
