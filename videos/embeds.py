"""Playlists that Django hands out.

Of what grows, because they change; and to frames on other sites, where no cookie travels, with a signature in each address.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from urllib.parse import urlencode

from django.http import Http404, HttpRequest

from videos import access, keys, storage
from videos.growing import MULTIVARIANT
from videos.models import Video

LONGEST = timedelta(hours=12)
STORYBOARD = "storyboard.vtt"
TRACK = re.compile(r"[A-Za-z0-9_-]+/[A-Za-z0-9_-]+\.m3u8", re.ASCII)
URI = re.compile(r'(URI=")([^"]*)(")')


def read(request: HttpRequest, video: Video, name: str, now: datetime) -> str:
    """Return one of the player's text files, with addresses that open without cookies."""
    if name not in (MULTIVARIANT, STORYBOARD) and not TRACK.fullmatch(name):
        raise Http404
    text = _growing(video, name) if video.is_growing else _stored(video, name)
    if name == MULTIVARIANT:
        return text  # its addresses are relative, so the player asks here for the media playlists too
    query = urlencode(access.sign_version(request, video, expires_at(video, now)))
    rewrite = signed_cues if name == STORYBOARD else placed_playlist
    return rewrite(text, _folder(video, name), f"?{query}")


def read_growing(video: Video, name: str) -> str:
    """Return a playlist of what was there when it was last written; what it names opens with the cookies of the page."""
    text = _growing(video, name)
    return text if name == MULTIVARIANT else placed_playlist(text, _folder(video, name))


def expires_at(video: Video, now: datetime) -> datetime:
    """Leave time for pauses: half as long again, and ten minutes."""
    length = timedelta(milliseconds=video.duration_ms or video.watchable_ms or 0)
    return now + min(length * 1.5 + timedelta(minutes=10), LONGEST)


def placed_playlist(text: str, folder: str, query: str = "") -> str:
    """Make every address of a media playlist absolute, with `query` at its end."""
    return "\n".join(_placed_line(line, folder, query) for line in text.split("\n"))


def _placed_line(line: str, folder: str, query: str) -> str:
    if line.startswith("#"):
        return URI.sub(lambda found: f"{found[1]}{folder}{found[2]}{query}{found[3]}", line)
    return f"{folder}{line}{query}" if line else line


def signed_cues(text: str, folder: str, query: str) -> str:
    """Do the same to the pictures of a storyboard, whose addresses end in #xywh=."""
    return re.sub(r"(?m)^([\w.-]+)(#xywh=)", rf"{_plain(folder)}\1{_plain(query)}\2", text)


def _plain(text: str) -> str:
    return text.replace("\\", r"\\")


def _folder(video: Video, name: str) -> str:
    return (video.version_path + name.rpartition("/")[0]).rstrip("/") + "/"


def _growing(video: Video, name: str) -> str:
    row = video.growing.filter(name=name).first()
    if row is None:
        raise Http404
    return row.text


def _stored(video: Video, name: str) -> str:
    try:
        found = storage.read_media(keys.version_prefix(video.pk, video.epoch, video.version) + name, "")
    except storage.Missing as error:
        raise Http404 from error
    return b"".join(found.blocks).decode()
