"""One event, one line: text that people typed can neither start a line of its own nor steer a terminal."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime


class JsonFormatter(logging.Formatter):
    """For machines: an object a line."""

    def format(self, record: logging.LogRecord) -> str:
        event = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            event["traceback"] = self.formatException(record.exc_info)
        return json.dumps(event, ensure_ascii=True)


class PlainFormatter(logging.Formatter):
    """For people, on a laptop: a traceback stands in its event's line as well."""

    def format(self, record: logging.LogRecord) -> str:
        return _on_one_line(super().format(record))


def _on_one_line(text: str) -> str:
    """Write what is not to be seen as Python would: line ends, escapes, letters that turn the direction of others."""
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in text
    )
