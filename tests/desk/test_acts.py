"""What staff do to videos: asked first, done once, written down twice."""

from __future__ import annotations

import pytest
from django.contrib.admin.models import LogEntry

from tests import factories
from tests.clients import browser
from tests.desk.conftest import act, kinds
from transcode.models import CANCELLED, Job
from videos.models import Video


def logged() -> list[str]:
    return [entry.get_change_message() for entry in LogEntry.objects.order_by("pk")]


class ActsTests:
    NAMES = ("encode_again", "cancel", "take_down", "restore", "change_owner", "delete_for_good")

    @pytest.mark.parametrize("name", NAMES)
    def test_say_what_they_mean_before_they_do_it(self, staff, alice, name):
        video = factories.ready(alice, title="Cats")
        before = Video.objects.values().get()
        answer = staff.post("/admin/videos/video/", {"action": name, "_selected_action": [str(video.pk)]})
        assert (answer.status_code, b"Cats" in answer.content, b"No, go back" in answer.content) == (200,) + (
            True,
        ) * 2
        assert (Video.objects.values().get(), kinds(video), logged()) == (before, [], [])

    @pytest.mark.parametrize("name", NAMES)
    def test_are_offered_on_the_page_of_a_video(self, staff, alice, name):
        video = factories.ready(alice)
        path = f"/admin/videos/video/{video.pk}/change/"
        asked = staff.post(path, {"CHANGE_FORM-action": name, "_selected_action": str(video.pk)})
        assert b'name="CHANGE_FORM-action"' in asked.content and b"No, go back" in asked.content

    def test_are_done_from_the_page_of_a_video(self, staff, alice):
        video = factories.ready(alice)
        sent = {"CHANGE_FORM-action": "take_down", "_selected_action": str(video.pk)}
        answer = staff.post(
            f"/admin/videos/video/{video.pk}/change/",
            {**sent, "confirmed": "yes", "reason": "Spam"},
            follow=True,
        )
        assert (Video.objects.get().taken_down_reason, b"Take down: done." in answer.content) == (
            "Spam",
            True,
        )

    @pytest.mark.parametrize("name", NAMES)
    def test_are_for_staff(self, alice, charlie, name):
        video = factories.ready(alice)
        before = Video.objects.values().get()
        for client in (browser(), browser(charlie), browser(alice)):
            act(client, name, video, reason="Mine", owner="charlie")
        assert (Video.objects.values().get(), kinds(video), logged()) == (before, [], [])

    @pytest.mark.parametrize("name", NAMES)
    def test_are_for_staff_who_may_change_videos(self, alice, name):
        clerk = factories.user("clerk", is_staff=True)
        video = factories.ready(alice)
        assert act(browser(clerk), name, video, reason="Mine", owner="alice").status_code == 403

    def test_are_done_to_a_hundred_at_most(self, staff, alice):
        videos = [factories.ready(alice) for _ in range(101)]
        answer = act(staff, "take_down", *videos, reason="Spam")
        assert b"Choose 100 at most" in answer.content
        assert not Video.objects.exclude(taken_down_at=None).exists()

    def test_leave_alone_what_is_in_no_state_for_them(self, staff, alice):
        fresh, old = factories.ready(alice), factories.ready(alice)
        act(staff, "take_down", old, reason="First")
        answer = act(staff, "take_down", fresh, old, reason="Second")
        assert (b"Take down: done." in answer.content, b"one was left as it is" in answer.content) == (
            True,
            True,
        )
        old.refresh_from_db()
        assert (old.taken_down_reason, kinds(old)) == ("First", ["taken-down"])


class TakeDownTests:
    def test_needs_a_reason(self, staff, alice):
        video = factories.ready(alice)
        answer = act(staff, "take_down", video, reason=" ")
        assert (b"This field is required" in answer.content, kinds(video)) == (True, [])

    def test_is_written_down_with_who_and_why(self, staff, root, alice):
        video = factories.ready(alice)
        act(staff, "take_down", video, reason="Spam")
        event = video.events.get()
        assert (event.kind, event.actor, event.detail) == ("taken-down", root, "Spam")
        assert logged() == ["Take down. reason: Spam"]

    def test_can_be_restored_as_it_was(self, staff, alice):
        video = factories.ready(alice, visibility="unlisted")
        before = Video.objects.values().get()
        act(staff, "take_down", video, reason="Spam")
        act(staff, "restore", video)
        # What was handed out before stays closed.
        after = {**Video.objects.values().get(), "close_at": None}
        assert (after, kinds(video)) == (before, ["taken-down", "restored"])


class RestoreTests:
    def test_is_for_what_was_taken_down(self, staff, alice):
        video = factories.ready(alice)
        act(staff, "restore", video)
        assert (kinds(video), logged()) == ([], [])


class ChangeOwnerTests:
    def test_gives_the_video_to_somebody_else(self, staff, alice, charlie):
        video = factories.ready(alice)
        act(staff, "change_owner", video, owner="charlie")
        video.refresh_from_db()
        assert (video.owner, video.events.get().detail) == (charlie, "alice → charlie")
        assert logged() == ["Change owner. owner: charlie"]

    @pytest.mark.parametrize("name", ["nobody", "gone"])
    def test_wants_somebody_who_may_sign_in(self, staff, alice, name):
        factories.user("gone", is_active=False)
        video = factories.ready(alice)
        answer = act(staff, "change_owner", video, owner=name)
        assert (b"Nobody who may sign in" in answer.content, kinds(video)) == (True, [])

    def test_changes_nothing_where_it_is_so_already(self, staff, alice):
        video = factories.ready(alice)
        act(staff, "change_owner", video, owner="alice")
        assert kinds(video) == []


class DeleteTests:
    def test_hides_the_video_and_leaves_the_rest_to_the_sweep(self, staff, alice):
        video = factories.ready(alice)
        act(staff, "delete_for_good", video)
        assert (Video.objects.existing().exists(), kinds(video), logged()) == (
            False,
            ["deleted"],
            ["Delete."],
        )


class CancelTests:
    def test_takes_a_waiting_job_out_of_the_queue(self, staff, root, alice):
        video = factories.video(alice, status="processing", queue_position=1)
        factories.job(video)
        act(staff, "cancel", video)
        video.refresh_from_db()
        assert (video.status, video.failure, video.job.state) == ("failed", CANCELLED, Job.State.FAILED)
        assert (video.events.get().actor, kinds(video), logged()) == (
            root,
            ["cancelled"],
            ["Cancel the work."],
        )

    def test_can_be_tried_again_by_its_owner(self, staff, alice, now):
        video = factories.video(alice, status="processing")
        job = factories.job(video)
        act(staff, "cancel", video)
        assert not Job.objects.asked_again().exists()
        video.refresh_from_db()
        video.request_encode(now.replace(year=2027), alice)
        assert Job.objects.asked_again().get() == job

    @pytest.mark.parametrize("state", [Job.State.SUCCEEDED, Job.State.FAILED])
    def test_leaves_what_is_over_alone(self, staff, alice, now, state):
        video = factories.ready(alice)
        factories.job(video, state=state, finished_at=now)
        act(staff, "cancel", video)
        video.refresh_from_db()
        assert (video.status, kinds(video)) == ("ready", [])

    def test_leaves_what_plays_playing(self, staff, alice):
        video = factories.ready(alice)
        factories.job(video)
        act(staff, "cancel", video)
        video.refresh_from_db()
        assert (video.status, video.failure, kinds(video)) == ("ready", "", ["cancelled"])


class EncodeAgainTests:
    def test_queues_a_video_that_failed(self, staff, alice, now):
        video = factories.failed(alice)
        factories.job(video, state=Job.State.FAILED, finished_at=now, failures=3)
        act(staff, "encode_again", video)
        video.refresh_from_db()
        assert (video.status, video.job.state, video.job.failures) == ("processing", "queued", 0)
        assert (kinds(video), logged()) == (["queued", "encode-asked"], ["Encode again."])

    def test_leaves_a_video_that_plays_playing(self, staff, alice, now):
        video = factories.ready(alice)
        factories.job(video, state=Job.State.SUCCEEDED, finished_at=now)
        act(staff, "encode_again", video)
        video.refresh_from_db()
        assert (video.status, video.playable, video.version, video.job.state) == (
            "ready",
            "final",
            "a1",
            "queued",
        )

    @pytest.mark.parametrize("state", [Job.State.QUEUED, Job.State.RUNNING])
    def test_is_refused_while_work_goes_on(self, staff, alice, now, state):
        video = factories.ready(alice)
        factories.job(video, state=state, leased_until=now if state == Job.State.RUNNING else None)
        act(staff, "encode_again", video)
        assert (kinds(video), logged()) == ([], [])

    def test_is_refused_for_what_was_never_there(self, staff, alice):
        video = factories.video(alice)
        act(staff, "encode_again", video)
        assert (kinds(video), logged()) == ([], [])

    def test_is_refused_for_what_is_deleted(self, staff, alice, now):
        video = factories.ready(alice, deleted_at=now)
        job = factories.job(video, state=Job.State.SUCCEEDED, finished_at=now)
        act(staff, "encode_again", video)
        job.refresh_from_db()
        assert (job.state, kinds(video)) == (Job.State.SUCCEEDED, [])
