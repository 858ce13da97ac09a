"""One JSON object a file."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any

from streamsite.acceptance.listing import Listing

OWN = ("sounds", "rung_bytes", "listed")


@dataclass(slots=True)
class Report:
    """What came of one file; the fields are the keys, in their order. Times are from the end of the upload."""

    file: str
    status: str = "failed"
    # Of a failed file: the sentence its uploader reads.
    reason: str | None = None
    duration_s: float | None = None
    # Best first.
    renditions: list[dict[str, int]] = field(default_factory=list)
    # Of all renditions and the sound.
    segments: int = 0
    watchable_after_s: float | None = None
    ready_after_s: float | None = None
    source_bytes: int = 0
    # The API does not tell, so it is what the client fetched: every object of the version, without the source.
    stored_bytes: int = 0
    # Until somebody has tried, it is not known.
    refused_without_cookies: bool = False
    # What viewers can choose to hear.
    sounds: list[str] = field(default_factory=list)
    # Of each rendition, best first, without its sound.
    rung_bytes: list[int] = field(default_factory=list)
    # What the multivariant playlist says, which is what players go by.
    listed: Listing | None = None

    def as_json(self) -> str:
        """Return the line of `make demo`, whose keys others read: without what only the corpus is judged by."""
        return json.dumps({key: value for key, value in asdict(self).items() if key not in OWN})

    def describe(self, video: Any) -> None:
        """Take over what the API tells of a video."""
        self.status = video["status"]
        self.reason = video["failure"] or None
        self.duration_s = video["duration_seconds"]
        self.renditions = [{key: r[key] for key in ("width", "height", "kbps")} for r in video["renditions"]]
