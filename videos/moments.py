"""Points and lengths of time as people write and say them. Pure: seconds in, words out."""

from __future__ import annotations

import re
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

LAST_SECOND = 7 * 24 * 3600
AS_NUMBER = re.compile(r"(\d{1,6})s?", re.ASCII)
AS_PARTS = re.compile(r"(?:(\d{1,3})h)?(?:(\d{1,4})m)?(?:(\d{1,6})s)?", re.ASCII)


def parse_moment(text: str) -> int:
    """Return the second that `?t=` names (90, 90s, 1m30s, 1h2m); 0 for what is none."""
    number = AS_NUMBER.fullmatch(text)
    if number:
        return min(int(number[1]), LAST_SECOND)
    match = AS_PARTS.fullmatch(text)
    hours, minutes, seconds = (int(part or 0) for part in match.groups()) if match else (0, 0, 0)
    return min(hours * 3600 + minutes * 60 + seconds, LAST_SECOND)


def moment_text(second: int) -> str:
    """Write a second as `?t=` takes it: 90 is 1m30s."""
    minutes, seconds = divmod(second, 60)
    hours, minutes = divmod(minutes, 60)
    parts = ((hours, "h"), (minutes, "m"), (seconds, "s"))
    return "".join(f"{number}{unit}" for number, unit in parts if number) or "0s"


def iso_duration(milliseconds: int) -> str:
    """Write a length as schema.org wants it: PT1H2M3S."""
    return "PT" + moment_text(round(milliseconds / 1000)).upper()


def time_left(until: datetime | None, now: datetime) -> str:
    """Say how long it takes, rounded as a person would; nothing where it is not known or over."""
    seconds = (until - now).total_seconds() if until else 0
    if not 0 < seconds < 86_400:
        return ""
    if seconds < 10:
        return _("a few seconds left")
    if seconds < 55:
        return _("about %(count)s seconds left") % {"count": -int(-seconds // 10) * 10}
    if seconds < 5400:
        minutes = max(1, round(seconds / 60))
        return ngettext("about %(count)s minute left", "about %(count)s minutes left", minutes) % {
            "count": minutes
        }
    hours = round(seconds / 3600)
    return ngettext("about %(count)s hour left", "about %(count)s hours left", hours) % {"count": hours}


def clock_text(seconds: int) -> str:
    """65 is 1:05, 3661 is 1:01:01."""
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
