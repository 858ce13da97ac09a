"""Read the environment: every variable once, by name, and never in silence."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from pathlib import Path

WORDS = {
    "1": True,
    "true": True,
    "yes": True,
    "on": True,
    "0": False,
    "false": False,
    "no": False,
    "off": False,
}


class Misconfigured(SystemExit):
    """A variable is missing or wrong; the process ends with its name and the fix."""

    def __init__(self, name: str, wrong: str, fix: str) -> None:
        super().__init__(f"streamsite: {name} {wrong}. {fix}")


class Env:
    """Typed reads from a mapping of strings; `fix` is the sentence shown when one cannot be used."""

    def __init__(self, source: Mapping[str, str]) -> None:
        self._source = source

    def text(self, name: str, default: str | None = None, *, fix: str = "") -> str:
        value = self._source.get(name, "").strip()
        if value:
            return value
        if default is None:
            raise Misconfigured(
                name, "is not set", fix or "Set it in the environment; README lists what it means."
            )
        return default

    def choice(self, name: str, default: str | None, allowed: tuple[str, ...]) -> str:
        value = self.text(name, default, fix=f"Set it to one of: {', '.join(allowed)}.")
        if value not in allowed:
            raise Misconfigured(name, f"is {value!r}", f"Set it to one of: {', '.join(allowed)}.")
        return value

    def flag(self, name: str, default: bool) -> bool:
        value = self.text(name, "1" if default else "0").lower()
        if value not in WORDS:
            raise Misconfigured(name, f"is {value!r}", "Set it to 1 or 0.")
        return WORDS[value]

    def number(self, name: str, default: int, *, least: int = 0) -> int:
        value = self.text(name, str(default))
        if not value.isdecimal() or int(value) < least:
            raise Misconfigured(name, f"is {value!r}", f"Set it to a whole number, at least {least}.")
        return int(value)

    def seconds(self, name: str, default: float) -> float:
        value = self.text(name, str(default))
        try:
            seconds = float(value)
        except ValueError:
            seconds = -1
        if not 0 < seconds < float("inf"):
            raise Misconfigured(name, f"is {value!r}", "Set it to a number of seconds above 0.")
        return seconds

    def words(self, name: str, default: str | None = None, *, fix: str = "") -> list[str]:
        return [word.strip() for word in self.text(name, default, fix=fix).split(",") if word.strip()]


def kept_secret(path: Path) -> str:
    """Return the secret in `path`, made there the first time and readable by its owner alone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(48))
    return path.read_text().strip()
