"""Mail on a laptop: it is read in the log, by people and by their terminals, which open links."""

from __future__ import annotations

from typing import Any

from django.core.mail.backends.console import EmailBackend


class LogBackend(EmailBackend):
    """Writes what a person would read. On its way a mail is wrapped in the middle of long links."""

    def write_message(self, message: Any) -> None:
        words = f"To: {', '.join(message.recipients())}\nSubject: {message.subject}\n\n{message.body.strip()}"
        self.stream.write(f"{'-' * 79}\n{words}\n{'-' * 79}\n")
