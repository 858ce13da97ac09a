"""What a search engine and a chat window are told about a public video: JSON-LD, and what OpenGraph needs."""

from __future__ import annotations

import json
from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from videos.models import Video
from videos.moments import iso_duration

FRAME = (
    '<iframe src="{}" width="640" height="360" title="{}"'
    ' allow="fullscreen; picture-in-picture" style="border:0"></iframe>'
)
# Inside <script> these could end it or begin another; in JSON they may be written as escapes.
ESCAPES = {ord(character): f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"}
WORDS = 300


@dataclass(frozen=True, slots=True)
class LinkCard:
    url: str
    title: str
    description: str
    # Empty while it is made: its pictures come last.
    poster: str
    embed: str
    json_ld: SafeString


def link_card(request: HttpRequest, video: Video) -> LinkCard | None:
    """Return what strangers may be told, which is nothing unless everybody may watch."""
    if not is_for_everybody(video):
        return None
    url, poster, embed = (
        request.build_absolute_uri(reverse(name, args=[video.pk])) for name in ("watch", "poster", "embed")
    )
    poster = "" if video.is_growing else poster
    described = " ".join(video.description.split())[:WORDS] or video.title
    facts = _video_object(video, described, url, poster, embed)
    return LinkCard(url, video.title, described, poster, embed, data_block(facts))


def embed_code(url: str, title: str) -> SafeString:
    """Return the HTML that somebody pastes into a page of theirs."""
    return format_html(FRAME, url, title)


def is_for_everybody(video: Video) -> bool:
    shown = video.published_at is not None and video.visibility == Video.Visibility.PUBLIC
    return shown and not (video.taken_down_at or video.deleted_at)


def data_block(facts: dict[str, object]) -> SafeString:
    """Return JSON that is safe inside a <script> which is data and not run."""
    return mark_safe(json.dumps(facts, ensure_ascii=False).translate(ESCAPES))


def _video_object(video: Video, described: str, url: str, poster: str, embed: str) -> dict[str, object]:
    assert video.published_at is not None
    facts = {
        "@context": "https://schema.org",
        "@type": "VideoObject",
        "name": video.title,
        "description": described,
        "url": url,
        "thumbnailUrl": poster,
        "embedUrl": embed,
        "uploadDate": video.published_at.isoformat(),
        "duration": iso_duration(video.duration_ms) if video.duration_ms else "",
        "author": {"@type": "Person", "name": video.owner.username},
    }
    return {name: fact for name, fact in facts.items() if fact}
