"""Rows for pictures: people, and videos in every state, with posters from the folder in argv. Prints what is where.

It runs inside the private copy of the site that bench/screenshots.py starts, and nowhere else.
"""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils import timezone

from accounts.models import User
from tests.factories import PASSWORD
from videos import keys, storage
from videos.models import GrowingPlaylist, Rendition, Upload, Video

ERRORS = ("400", "403", "403_csrf", "404", "410", "413", "429", "500", "503")
# Moments, in milliseconds, whose pictures an owner may choose from.
CHOICES = [1_000, 14_000, 61_000, 140_000, 200_000]
NOW = timezone.now()
TITLES = (
    "Three nights above the Arctic Circle: how we filmed the aurora with borrowed cameras",
    "Fixing the kiln",
    "Q3 in numbers",
    "Line 4 changeover in nine minutes",
    "جولة في البيت الزجاجي الجديد",
    "The workshop opens at six: a first morning in Tromsø",
    "Winter driving, refreshed",
    "Sea trials, day two",
    "How to sharpen a bandsaw blade without taking it off",
    "東京の朝、静かな通り",
    "Band practice",
    "A walk through the archive with Ingrid",
    "Welding aluminium for people who have only welded steel",
    "Why the bridge hums",
)


def make_user(name: str, **fields: Any) -> User:
    user = User(username=name, email=f"{name}@example.org", **fields)
    user.set_password(PASSWORD)
    user.save()
    return user


def make_ready(owner: User, title: str, poster: Path, age: int, **fields: Any) -> Video:
    video = Video.objects.create(
        owner=owner,
        title=title,
        status=Video.Status.READY,
        playable=Video.Playable.FINAL,
        version="a1",
        duration_ms=(47 + age * 173) * 1000,
        progress=100,
        published_at=NOW - timedelta(days=age * 3),
        stored_bytes=40_000_000 * (age + 1),
        **{"visibility": "public", **fields},
    )
    Rendition.objects.create(video=video, name="720p", width=1280, height=720, kbps=1800)
    prefix = keys.version_prefix(video.pk, video.epoch, video.version)
    storage.store(f"{prefix}poster.jpg", poster)
    for number, _ in enumerate(video.posters_ms, start=1):
        storage.store(f"{prefix}poster-{number}.jpg", poster.with_stem(str(number)))
    return video


def make_unfinished(owner: User, title: str, **fields: Any) -> Video:
    return Video.objects.create(owner=owner, title=title, **fields)


def make_growing(owner: User, title: str, folder: Path, **fields: Any) -> Video:
    """Make a video whose beginning plays, of the demo clip."""
    (folder / "360p").mkdir()
    command = (
        *(settings.FFMPEG, "-loglevel", "error", "-i", str(settings.DEMO_CLIP), "-an", "-vf", "scale=640:-2"),
        *("-c:v", "libx264", "-g", "48", "-hls_time", "2", "-hls_playlist_type", "event"),
        *("-hls_segment_type", "fmp4", "360p/media.m3u8"),
    )
    subprocess.run(command, cwd=folder, check=True, timeout=60, stdin=subprocess.DEVNULL)
    video = Video.objects.create(
        owner=owner,
        title=title,
        status="processing",
        playable="growing",
        version="a1",
        published_at=NOW,
        watchable_ms=130_000,
        duration_ms=750_000,
        progress=17,
        eta_at=NOW + timedelta(minutes=6),
        **fields,
    )
    for path in (folder / "360p").iterdir():
        storage.store(f"{video.version_path[1:]}360p/{path.name}", path)
    media = (folder / "360p" / "media.m3u8").read_text().replace("#EXT-X-ENDLIST\n", "")
    top = '#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=900000,CODECS="avc1.64001e"\n360p/media.m3u8\n'
    GrowingPlaylist.objects.write(video.pk, {"multivariant.m3u8": top, "360p/media.m3u8": media}, NOW)
    return video


def make_states(owner: User, posters: list[Path]) -> dict[str, Video]:
    working = {"status": "processing", "visibility": "public"}
    damaged = (
        "The file ends in the middle of a frame, so the upload was probably cut off."
        " If the original plays on your computer, uploading it again will work."
    )
    made = {
        "unlisted": make_ready(
            owner, "Rehearsal, for the band only", posters[0], 3, visibility="unlisted", posters_ms=CHOICES
        ),
        "taken down": make_ready(
            owner,
            "Someone else's concert",
            posters[1],
            2,
            taken_down_at=NOW,
            taken_down_reason="The label asked us to: the music in it is theirs. Write to us if you have leave to show it.",
        ),
        "failed": make_unfinished(owner, "Harbour at dawn", status="failed", failure=damaged),
        "processing": make_unfinished(
            owner, "A first morning", progress=42, eta_at=NOW + timedelta(minutes=6), **working
        ),
        "growing": make_growing(owner, "Breakfast on the ferry", posters[0].parent, visibility="public"),
        "queued": make_unfinished(owner, "Winter driving (Norwegian)", queue_position=3, **working),
        "uploading": make_unfinished(owner, "tromso-final-v3"),
    }
    Upload.objects.create(
        video=made["uploading"],
        filename="tromso-final-v3.mov",
        size=20_000_000_000,
        part_size=8 * 1024**2,
        multipart_id="none",
        expires_at=NOW + timedelta(days=6),
    )
    return made


def error_pages() -> dict[str, str]:
    request = RequestFactory().get("/somewhere/")
    request.user = AnonymousUser()
    return {name: render_to_string(f"{name}.html", request=request) for name in ERRORS}


def main() -> None:
    posters = sorted(Path(sys.argv[1]).glob("?.jpg"))
    olivia, bo = make_user("olivia"), make_user("bo")
    make_user("sam", is_staff=True, is_superuser=True)
    make_user("newcomer")
    # A page of home, and a little more.
    for age, title in enumerate((*TITLES, *(f"{title}, a second look" for title in TITLES))):
        make_ready((olivia, bo)[age % 2], title, posters[age % len(posters)], age)
    states = make_states(olivia, posters)
    found = {name: str(video.pk) for name, video in states.items()}
    print(json.dumps({"person": str(olivia.pk), "states": found, "errors": error_pages()}))


main()
