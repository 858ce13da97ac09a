"""Somebody at the desk."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from tests import factories
from tests.clients import browser
from videos.models import Video


@pytest.fixture
def root(db: None) -> User:
    return factories.user("root", is_staff=True, is_superuser=True)


@pytest.fixture
def staff(root: User) -> Client:
    return browser(root)


def act(client: Client, name: str, *rows: Any, **answers: Any) -> Any:
    """Choose rows in their list and confirm what is to be done to them."""
    model = rows[0]._meta
    sent = {"action": name, "_selected_action": [str(row.pk) for row in rows], "confirmed": "yes"}
    return client.post(f"/admin/{model.app_label}/{model.model_name}/", {**sent, **answers}, follow=True)


def kinds(video: Video) -> list[str]:
    """What the timeline says."""
    return list(video.events.order_by("id").values_list("kind", flat=True))
