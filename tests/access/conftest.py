"""The people at their browsers, and a world in which there is one of everything."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import User
from tests import factories
from tests.access.table import PEOPLE
from tests.access.walk import World, make_world
from tests.clients import browser


@pytest.fixture
def sam(db: None) -> User:
    return factories.user("sam", is_staff=True, is_superuser=True)


@pytest.fixture
def browsers(alice: User, charlie: User, sam: User) -> dict[str, Client]:
    people = (None, charlie, alice, sam)
    return {name: browser(person) for name, person in zip(PEOPLE, people, strict=True)}


@pytest.fixture
def world(alice: User, objects) -> World:
    return make_world(alice, objects)
