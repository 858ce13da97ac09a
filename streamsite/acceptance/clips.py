"""Which files are tried, and what the folder is called that keeps what came of each."""

from __future__ import annotations

import unicodedata
from pathlib import Path

NOT_CLIPS = ("README", "MANIFEST")
# A file system takes 255 bytes; the number in front needs a few.
MOST_NAME_BYTES = 200


class NoClips(Exception):
    """There is nothing to try; the text says why."""


def clips_in(path: Path) -> tuple[Path, ...]:
    """Return the file itself, or every regular file right in the folder, by name."""
    if not path.is_dir():
        if not path.is_file():
            raise NoClips(f"There is no file or folder {str(path)!r}.")
        return (path,)
    found = [entry for entry in path.iterdir() if entry.is_file() and not entry.name.startswith(NOT_CLIPS)]
    if not found:
        raise NoClips(f"There is no file to try in {str(path)!r}.")
    return tuple(sorted(found))


def clips_below(folder: Path) -> tuple[Path, ...]:
    """Return every regular file in the folder and the ones below it, folder by folder."""
    if not folder.is_dir():
        raise NoClips(f"There is no folder {str(folder)!r}. Name one that has videos: make corpus DIR=folder")
    found = [entry for entry in folder.rglob("*") if entry.is_file() and not entry.name.startswith(NOT_CLIPS)]
    if not found:
        raise NoClips(f"There is no file to try below {str(folder)!r}.")
    return tuple(sorted(found, key=lambda path: (path.parent, path.name)))


def folder_name(number: int, name: str) -> str:
    """Return the name as it is, but for what a folder cannot be called or a terminal should not show."""
    kept = "".join("_" if c == "/" or unicodedata.category(c) == "Cc" else c for c in name)
    short = kept.encode(errors="surrogateescape")[:MOST_NAME_BYTES].decode(errors="ignore")
    return f"{number}-{short}"
