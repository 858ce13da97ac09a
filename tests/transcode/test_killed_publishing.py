"""A worker that dies between two steps of publishing; `make faults ONLY=publish_killed` has every one of them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bench.faults import publishing
from bench.faults.audit import dangling
from videos.models import Video

pytestmark = [pytest.mark.ffmpeg, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("step", [8, 20, 30])
class KilledWorkerTests:
    def test_leaves_no_playlist_that_names_what_is_not_there(self, job_of, clip, step):
        video = job_of(clip.read_bytes()).video
        assert publishing.in_child(die_at=step) == 0
        assert dangling(video) == []
        publishing.in_child(later=timedelta(hours=1))
        assert (Video.objects.get().status, dangling(video)) == (Video.Status.READY, [])
