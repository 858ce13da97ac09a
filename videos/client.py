"""The API as a client sees it: begin, send parts to S3, complete, wait."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

PARTS_AT_ONCE = 4
URLS_AT_ONCE = 20
TRIES = 4
OVER = ("ready", "failed")
LOOPBACK = ("localhost", "127.0.0.1", "::1")


class ClientRefused(Exception):
    """The site said no; the text is its sentence."""


class SiteClient:
    """Speaks to the site at `base` for somebody: in their session, or with an access token of theirs."""

    def __init__(self, base: str, session: tuple[str, str], csrf_cookie: str) -> None:
        self._open(base, cookies=dict([session]), headers={"Referer": base})
        # Any page with a form hands out the token that the API wants to see again.
        self._answer("GET", "/upload/")
        self._http.headers["X-CSRFToken"] = self._http.cookies.get(csrf_cookie) or ""

    @classmethod
    def with_token(cls, base: str, token: str) -> SiteClient:
        """Return a client that needs no session; a token must not be read on its way."""
        address = urlsplit(base)
        if address.scheme != "https" and address.hostname not in LOOPBACK:
            raise ClientRefused(f"A token goes over https only, not to {base}.")
        client = cls.__new__(cls)
        client._open(base, headers={"Authorization": f"Bearer {token}"})
        return client

    def _open(self, base: str, **options: Any) -> None:
        self._http = httpx.Client(base_url=base, timeout=60, **options)
        self._parts = httpx.Client(timeout=120)

    def close(self) -> None:
        self._http.close()
        self._parts.close()

    def upload(self, path: Path, on_bytes: Callable[[int], object] = lambda total: None, **words: str) -> Any:
        """Send one file as a browser would and return its video; `on_bytes` hears the total sent so far."""
        # A name may hold bytes that are no text; JSON may not.
        name = os.fsencode(path.name).decode(errors="replace")
        wanted = {"filename": name, "size": path.stat().st_size, **words}
        upload = self._call("POST", "/api/v1/uploads/", json=wanted)
        sent = 0
        pool = ThreadPoolExecutor(PARTS_AT_ONCE)
        try:
            for size in pool.map(lambda part: self._send(path, upload, *part), self._signed_parts(upload)):
                sent += size
                on_bytes(sent)
        finally:
            # Whoever gives up does not wait for the parts that have not begun.
            pool.shutdown(cancel_futures=True)
        return self._call("POST", f"/api/v1/uploads/{upload['id']}/complete/")

    def video(self, pk: str) -> Any:
        return self._call("GET", f"/api/v1/videos/{pk}/")

    def wait(
        self, pk: str, on_video: Callable[[Any], object] = lambda video: None, every: float = 0.5
    ) -> Any:
        """Return the video once it is ready or failed."""
        while (video := self.video(pk))["status"] not in OVER:
            on_video(video)
            time.sleep(every)
        on_video(video)
        return video

    def _signed_parts(self, upload: Any) -> Iterator[tuple[int, str]]:
        numbers = list(range(1, upload["part_count"] + 1))
        for start in range(0, len(numbers), URLS_AT_ONCE):
            urls = self._sign(upload["id"], numbers[start : start + URLS_AT_ONCE])
            yield from ((int(number), url) for number, url in urls.items())

    def _sign(self, pk: str, numbers: list[int]) -> dict[str, str]:
        urls: dict[str, str] = self._call("POST", f"/api/v1/uploads/{pk}/parts/", json={"numbers": numbers})[
            "urls"
        ]
        return urls

    def _send(self, path: Path, upload: Any, number: int, url: str) -> int:
        """Put one part, again with a fresh address where that fails; return its size."""
        with path.open("rb") as file:
            file.seek((number - 1) * upload["part_size"])
            data = file.read(upload["part_size"])
        for attempt in range(TRIES):
            try:
                response = self._parts.put(url, content=data)
                if response.is_success:
                    return len(data)
                problem = f"status {response.status_code}"
            except httpx.TransportError as error:
                problem = str(error)
            time.sleep(2**attempt / 4)
            url = self._sign(upload["id"], [number])[str(number)]
        raise ClientRefused(f"Part {number} could not be sent: {problem}.")

    def _call(self, method: str, path: str, **arguments: Any) -> Any:
        response = self._answer(method, path, **arguments)
        if not response.is_success:
            raise ClientRefused(_sentence(response))
        return response.json()

    def _answer(self, method: str, path: str, **arguments: Any) -> httpx.Response:
        try:
            return self._http.request(method, path, **arguments)
        except httpx.TransportError as error:
            raise ClientRefused(
                f"The site at {self._http.base_url} does not answer ({error}). Is it running? `make run` starts it; with"
                " another PORT, every command needs the same one."
            ) from error


def _sentence(response: httpx.Response) -> str:
    try:
        return str(response.json()["detail"])
    except (ValueError, KeyError, TypeError):
        return f"The site answered with status {response.status_code}."
