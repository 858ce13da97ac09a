"""Read the environment: every variable once, by name, and never in silence."""

from __future__ import annotations

import os
import re
import secrets
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

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
RATE = re.compile(r"[1-9][0-9]{0,8}/(second|minute|hour|day)")
LIMITS = re.compile(r"\d+/\d*[smhd](/[a-z]+)?(,\d+/\d*[smhd](/[a-z]+)?)*")


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

    def number(self, name: str, default: int, *, least: int = 0, most: int | None = None) -> int:
        value = self.text(name, str(default))
        if not value.isdecimal() or int(value) < least or (most is not None and int(value) > most):
            limits = f"at least {least}" if most is None else f"{least} to {most}"
            raise Misconfigured(name, f"is {value!r}", f"Set it to a whole number, {limits}.")
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

    def rate(self, name: str, default: str) -> str:
        value = self.text(name, default)
        if not RATE.fullmatch(value):
            fix = "Set it to so many a second, minute, hour or day, like 60/hour."
            raise Misconfigured(name, f"is {value!r}", fix)
        return value

    def limits(self, name: str, default: str) -> str:
        """Rate limits as allauth writes them: `20/m/ip,10/30m/key`."""
        value = self.text(name, default)
        if not LIMITS.fullmatch(value):
            raise Misconfigured(name, f"is {value!r}", f"Set it to limits like {default}.")
        return value

    def url(self, name: str, default: str | None = None, *, path: bool = True) -> str:
        """An address, without a slash at its end; empty only where that is the default."""
        fix = "Set it to an address like https://video.example.org."
        value = self.text(name, default, fix=fix).rstrip("/")
        parts = urlsplit(value)
        good = parts.scheme in ("http", "https") and parts.hostname and (path or not parts.path)
        if not good and (value or default != ""):
            raise Misconfigured(name, f"is {value!r}", fix)
        return value

    def folder(self, name: str, default: Path) -> Path:
        """A folder of ours, made where it is missing."""
        value = Path(self.text(name, str(default))).absolute()
        try:
            value.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            fix = "Set it to a folder that can be written, on a disk with room."
            raise Misconfigured(
                name, f"is {str(value)!r}, which cannot be made: {error.strerror}", fix
            ) from error
        return value

    def words(self, name: str, default: str | None = None, *, fix: str = "") -> list[str]:
        return [word.strip() for word in self.text(name, default, fix=fix).split(",") if word.strip()]


def kept_secret(path: Path) -> str:
    """Return the secret in `path`, made there the first time and readable by its owner alone."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        # Whole or not at all: a process that is killed here, or a full disk, must leave no empty secret.
        descriptor, unfinished = tempfile.mkstemp(dir=path.parent)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(48))
        with suppress(FileExistsError):
            os.link(unfinished, path)
        os.unlink(unfinished)
    secret = path.read_text().strip()
    if not secret:
        raise Misconfigured(
            "SECRET_KEY", f"is empty in {path}", "Remove that file; a new secret signs everybody out."
        )
    return secret
