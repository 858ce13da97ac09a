"""Go to every address as everybody, and see what comes back.

It works inside a test, and from outside on a site that runs: what it needs to know of the rows is in a `World`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any, Self
from uuid import UUID

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.contrib.auth.models import Group
from django.urls import reverse

from accounts.models import AccessToken, Invitation, User
from tests import factories
from tests.access.table import (
    IN_THE_BUCKET,
    KINDS,
    LISTED,
    OF_A_VIDEO,
    PEOPLE,
    POSTED,
    expected,
    expected_elsewhere,
    routes,
)
from tests.clients import browser
from transcode.models import Job, SweepLease
from videos.events import Event, Kind
from videos.models import Video


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    # Everything that can be read: the body, and the headers that carry names.
    text: str


# `<uuid:pk>` as paths spell it, `(?P<pk>…)` as regular expressions do.
HOLE = re.compile(r"\(\?P<(\w+)>[^)]*\)|<(?:\w+:)?(\w+)>")
Ask = Callable[[str, str, object], Answer]  # GET or POST, the path, what is sent


@dataclass(frozen=True, slots=True)
class Known:
    """What can be known of a video: `shown` to who may watch it, `kept` for its owner and staff."""

    pk: str
    upload: str
    epoch_path: str
    shown: tuple[str, ...]
    kept: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class World:
    """One video of each kind, all of one owner; and one row of everything there is a desk for."""

    videos: dict[str, Known]
    rows: dict[str, str]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, found: dict[str, Any]) -> Self:
        videos = {
            kind: Known(**{**known, "shown": tuple(known["shown"]), "kept": tuple(known["kept"])})
            for kind, known in found["videos"].items()
        }
        return cls(videos, found["rows"])


@dataclass(frozen=True, slots=True)
class Cell:
    route: str
    person: str
    kind: str
    expected: int
    got: int
    leaked: tuple[str, ...]

    @property
    def is_right(self) -> bool:
        return self.expected == self.got and not self.leaked


# --- the rows ---------------------------------------------------------------------------------------------------------


def make_world(owner: User, store: Callable[[Video], None]) -> World:
    """Make the rows, and let `store` put each video's objects into the bucket."""
    videos = {kind: _make(owner, kind, store) for kind in KINDS}
    _fill_the_desk(owner, UUID(videos["public"].pk))
    # Of the video that stays, whatever is purged meanwhile.
    kept = {"videos_video": videos["public"].pk, "videos_upload": videos["public"].upload}
    kept["transcode_job"] = str(Job.objects.get(video_id=kept["videos_video"]).pk)
    rows = {}
    for model in admin.site._registry:
        first = model._default_manager.order_by("pk").first()
        rows[f"{model._meta.app_label}_{model._meta.model_name}"] = str(first.pk) if first else "1"
    return World(videos, {**rows, **kept})


def _fill_the_desk(owner: User, video: UUID) -> None:
    """Make one row of everything else there is a page for."""
    Group.objects.create(name="Editors")
    EmailAddress.objects.get_or_create(user=owner, email=owner.email)
    Invitation.objects.create()
    AccessToken.objects.create(
        owner=owner, name="A script", digest="0", created_at=factories.AT, expires_at=factories.AT
    )
    # Not the owner, whose own pages would change with it.
    Authenticator.objects.create(user=factories.user("dora"), type=Authenticator.Type.TOTP, data={})
    key = browser(owner).session.session_key
    UserSession.objects.create(user=owner, session_key=key, ip="::1", user_agent="A browser")
    SweepLease.take(factories.AT, timedelta(0))
    Event.objects.create(video_id=video, at=factories.AT, kind=Kind.QUEUED)


def _make(owner: User, kind: str, store: Callable[[Video], None]) -> Known:
    words = {word: f"ZQX-{kind}-{word}" for word in ("title", "description", "filename")}
    fields = {"title": words["title"], "description": words["description"], **KINDS[kind]}
    video = _factory(fields)(owner, **fields)
    upload = factories.upload(video, state="completed", completed_at=factories.AT, filename=words["filename"])
    # Over, so that no worker of a site that runs takes it up.
    factories.job(video, state=Job.State.SUCCEEDED, finished_at=factories.AT)
    store(video)
    shown = (words["title"], words["description"], video.epoch_path)
    # Of a deleted video there is nothing to know; its owner's address is still its owner's.
    kept = (words["filename"],) if kind == "deleted" else (words["filename"], owner.email)
    return Known(str(video.pk), str(upload.pk), video.epoch_path, shown, kept)


def _factory(fields: dict[str, Any]) -> Callable[..., Video]:
    if "playable" in fields:
        return factories.growing
    return factories.video if "status" in fields else factories.ready


# --- the walk ---------------------------------------------------------------------------------------------------------


def walk(world: World, asks: Mapping[str, Ask]) -> Iterator[Cell]:
    """Yield every cell: each address as each of `asks`, for each kind of video."""
    for route, pattern in routes().items():
        if route in OF_A_VIDEO:
            continue
        for person in asks:
            answer = asks[person]("GET", path_of(pattern, world), None)
            wanted = expected_elsewhere(route)[PEOPLE.index(person)]
            for kind, video in world.videos.items():
                leaked = _leaks(answer, video, _may_read(route, person, kind, ""))
                yield Cell(route, person, kind, wanted, answer.status, leaked)
    for route in OF_A_VIDEO:
        for kind, video in world.videos.items():
            for person in asks:
                yield _cell(route, kind, video, person, asks[person], world)


def _cell(route: str, kind: str, video: Known, person: str, ask: Ask, world: World) -> Cell:
    if route in IN_THE_BUCKET:
        # As a player does, that has its cookies from the page.
        ask("GET", reverse("watch", args=[video.pk]), None)
    answer = ask("POST" if route in POSTED else "GET", path_of_video(route, video), POSTED.get(route))
    leaked = [
        word
        for other, known in world.videos.items()
        for word in _leaks(answer, known, _may_read(route, person, other, kind))
    ]
    return Cell(
        route, person, kind, expected(route, kind)[PEOPLE.index(person)], answer.status, tuple(leaked)
    )


def _may_read(route: str, person: str, kind: str, asked: str) -> tuple[bool, bool]:
    """May this person read here what is shown of a video of that kind, and what is kept?"""
    if person == "sam" and route.startswith("admin:"):
        return True, True
    if kind == "deleted":
        return False, False
    if person == "alice":
        return True, True
    # Who may watch because of the link, or because of the office, reads it at the video's own address alone.
    at_its_own = kind == asked and (kind == "unlisted" or person == "sam")
    return kind in LISTED or at_its_own, False


def _leaks(answer: Answer, video: Known, may_read: tuple[bool, bool]) -> tuple[str, ...]:
    shown, kept = may_read
    hidden = (*(() if shown else video.shown), *(() if kept else video.kept))
    return tuple(word for word in hidden if word in answer.text)


# --- addresses --------------------------------------------------------------------------------------------------------


def path_of_video(route: str, video: Known) -> str:
    if route == "media":
        return f"{video.epoch_path}a1/poster.jpg"
    if route == "embed-file":
        return reverse(route, args=[video.pk, "multivariant.m3u8"])
    if route == "growing-file":
        return reverse(route, args=[video.pk, "360p/media.m3u8"])
    of_upload = route in ("api-upload", "api-parts", "api-complete")
    return reverse(route, args=[video.upload if of_upload else video.pk])


def path_of(pattern: str, world: World) -> str:
    """Return an address that fits, of a row there is where it names one."""
    values = {"username": "alice", "app_label": "videos", "pk": "1", **_row(pattern, world)}
    path = HOLE.sub(lambda hole: values.get(hole[1] or hole[2], "1"), pattern)
    return f"/{path}?q=ZQX" if path.endswith("search/") else f"/{path}"


def _row(pattern: str, world: World) -> dict[str, str]:
    at = re.match(r"admin/(\w+)/(\w+)/", pattern)
    row = world.rows.get(f"{at[1]}_{at[2]}") if at else None
    return dict.fromkeys(("pk", "id", "object_id"), row) if row else {}
