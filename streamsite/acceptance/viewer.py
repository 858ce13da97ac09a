"""Watches a video as a browser would: the page for its cookies, then everything through the edge with them alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from pathlib import Path, PurePosixPath
from urllib.parse import urljoin

import httpx

from streamsite.acceptance import listing

CONTENT_TYPES = {
    ".m3u8": "application/vnd.apple.mpegurl",
    ".m4s": "video/mp4",
    ".mp4": "video/mp4",
    ".vtt": "text/vtt",
    ".jpg": "image/jpeg",
}


class Broken(Exception):
    """A check that did not hold, after which nothing can be fetched any more."""


@dataclass(frozen=True, slots=True)
class WatchPage:
    """What a watch page gives a player: addresses, and cookies with the path they are for."""

    src: str
    poster: str
    storyboard: str
    cookies: Mapping[str, str]
    cookie_path: str


@dataclass(slots=True)
class Viewing:
    """What was fetched, and a sentence for each check that did not hold."""

    urls: list[str] = field(default_factory=list)
    segments: int = 0
    stored_bytes: int = 0
    resolutions: tuple[tuple[int, int], ...] = ()
    sounds: tuple[str, ...] = ()
    # What the multivariant playlist says.
    told: listing.Listing | None = None
    # Of each variant, in their order: its segments and its playlist, without its sound.
    rung_bytes: list[int] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def open_page(http: httpx.Client, url: str) -> WatchPage:
    answer = http.get(url)
    if answer.status_code != 200:
        raise Broken(f"the watch page {url} answered {answer.status_code} to the owner")
    player = _Player()
    player.feed(answer.text)
    morsels = [
        morsel
        for header in answer.headers.get_list("set-cookie")
        for name, morsel in SimpleCookie(header).items()
        if name.startswith("CloudFront-")
    ]
    paths = {morsel["path"] for morsel in morsels}
    if len(paths) != 1:
        raise Broken(f"the watch page {url} set cookies for {len(paths)} paths, not for one")
    return WatchPage(
        src=player.found.get("src", ""),
        poster=player.found.get("poster", ""),
        storyboard=player.found.get("storyboard", ""),
        cookies={morsel.key: morsel.value for morsel in morsels},
        cookie_path=paths.pop(),
    )


class _Player(HTMLParser):
    """Finds the player's element: the one that knows of a storyboard."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if "storyboard" in attributes and not self.found:
            self.found = attributes


class Edge:
    """The edge as it meets one visitor, who has these cookies and nothing else."""

    def __init__(self, site: str, cookies: Mapping[str, str]) -> None:
        header = {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}
        self._http = httpx.Client(
            base_url=site, headers=header if cookies else {}, timeout=60, trust_env=False
        )

    def __enter__(self) -> Edge:
        return self

    def __exit__(self, *args: object) -> None:
        self._http.close()

    def get(self, url: str) -> httpx.Response:
        return self._http.get(url)

    def opens(self, urls: list[str]) -> list[str]:
        """Return those addresses that are not refused."""
        return [url for url in urls if self.get(url).status_code != 403]


class Viewer:
    """Fetches all there is of one video, into `keep` if that is given."""

    def __init__(self, edge: Edge, page: WatchPage, keep: Path | None) -> None:
        self._edge, self._page, self._keep = edge, page, keep
        self._base = urljoin(page.src, ".")
        self.viewing = Viewing()

    def watch(self) -> Viewing:
        try:
            for _ in self._fetch_all():
                pass
        except Broken as broken:
            self.viewing.problems.append(str(broken))
        return self.viewing

    def _fetch_all(self) -> Iterator[str]:
        yield from self._playlists()
        yield self._get(self._page.poster)
        for sheet in listing.sheets(self._get(self._page.storyboard)):
            yield self._get(urljoin(self._page.storyboard, sheet))

    def _playlists(self) -> Iterator[str]:
        multivariant = listing.parse(self._get(self._page.src))
        self.viewing.resolutions, self.viewing.sounds = multivariant.resolutions, multivariant.sounds
        self.viewing.told = multivariant
        for name in multivariant.lines:
            before = self.viewing.stored_bytes
            yield from self._tracks([name])
            self.viewing.rung_bytes.append(self.viewing.stored_bytes - before)
        yield from self._tracks(multivariant.attributes)

    def _tracks(self, names: Iterable[str]) -> Iterator[str]:
        for name in names:
            url = urljoin(self._page.src, name)
            media = listing.parse(self._get(url))
            if not media.ended or not media.lines or not media.attributes:
                self.viewing.problems.append(f"{url} is not a whole playlist")
            # A playlist of key frames names segments again, by the bytes in them.
            for file in self._new(url, media.attributes):
                yield self._get(file)
            for file in self._new(url, media.lines):
                self.viewing.segments += 1
                yield self._get(file)

    def _new(self, playlist: str, names: Iterable[str]) -> list[str]:
        addresses = dict.fromkeys(urljoin(playlist, name) for name in names)
        return [address for address in addresses if address not in self.viewing.urls]

    def _get(self, url: str) -> str:
        """Fetch one file, note what is wrong with it, keep it; return it as text if it is text."""
        if not url.startswith(self._base) or ".." in url:
            raise Broken(f"{url!r} does not lie where the video does, {self._base}")
        answer = self._edge.get(url)
        if answer.status_code != 200 or not answer.content:
            raise Broken(f"{url} answered {answer.status_code} with {len(answer.content)} bytes to the owner")
        expected = CONTENT_TYPES.get(PurePosixPath(url).suffix)
        found = answer.headers.get("content-type", "").partition(";")[0]
        if found != expected:
            self.viewing.problems.append(f"{url} is called {found!r}, not {expected!r}")
        self.viewing.urls.append(url)
        self.viewing.stored_bytes += len(answer.content)
        self._save(url.removeprefix(self._base), answer.content)
        return answer.text if expected in (CONTENT_TYPES[".m3u8"], CONTENT_TYPES[".vtt"]) else ""

    def _save(self, name: str, content: bytes) -> None:
        if self._keep:
            path = self._keep / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
