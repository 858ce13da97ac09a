"""One file, from its owner's hand to the screen, and everybody else kept out."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from streamsite.acceptance.clips import folder_name
from streamsite.acceptance.people import Person
from streamsite.acceptance.report import Report
from streamsite.acceptance.stack import Gone, Stack
from streamsite.acceptance.viewer import Broken, Edge, Viewer, Viewing, WatchPage, open_page
from videos.client import OVER, ClientRefused

LOOK_EVERY = 0.1
# Where a failed video would lie if anything of it could be fetched.
NOTHING_HERE = "a1/multivariant.m3u8"


@dataclass(frozen=True, slots=True)
class Outcome:
    report: Report
    # A sentence for each check that did not hold.
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Trial:
    stack: Stack
    owner: Person
    stranger: Person
    # Those that open a video of the stranger's.
    strange_cookies: Mapping[str, str]
    longest: float
    out: Path | None

    def run(self, clips: tuple[Path, ...]) -> Iterator[Outcome]:
        """Try one file after the other, so that its times are its own and not the queue's."""
        for number, clip in enumerate(clips, start=1):
            if not self.stack.is_running():
                raise Gone("the private copy of the site ended by itself.")
            yield self._try(number, clip)

    def _try(self, number: int, clip: Path) -> Outcome:
        report = Report(clip.name, source_bytes=clip.stat().st_size)
        try:
            problems = self._send_and_watch(number, clip, report)
        except (Broken, ClientRefused, httpx.TransportError) as error:
            problems = [str(error)]
        return Outcome(report, tuple(f"{clip.name}: {problem.rstrip('.')}." for problem in problems))

    def _send_and_watch(self, number: int, clip: Path, report: Report) -> list[str]:
        """Fill in the report; return a sentence for each check that did not hold."""
        video = self._send(clip, report)
        if video is None:
            return []
        try:
            video, seconds = self._wait(video)
            report.describe(video)
            if video["status"] == "failed":
                return self._find_nothing(video, report)
            if video["status"] != "ready":
                return [f"it did not end within {self.longest:.0f} seconds"]
            # Today a video can be watched once it is ready, and no sooner.
            report.watchable_after_s = report.ready_after_s = seconds
            return self._watch(video, report, self._kept(number, clip))
        finally:
            # The emulator holds objects in memory; and a file that never ends must let go of the worker.
            self.owner.delete(video)

    def _send(self, clip: Path, report: Report) -> Any:
        """Return the uploaded video, or None if the site does not take the file, which is an end like any other."""
        try:
            return self.owner.api.upload(clip, visibility="private")
        except ClientRefused as refusal:
            # No answer is not an answer.
            if refusal.__cause__:
                raise
            report.reason, report.refused_without_cookies = str(refusal), True
            return None

    def _wait(self, video: Any) -> tuple[Any, float]:
        """Return the video once it is over, or as it is when the time is, and the seconds that took."""
        started = time.monotonic()
        while True:
            video, seconds = self.owner.api.video(video["id"]), time.monotonic() - started
            if video["status"] in OVER or seconds > self.longest:
                return video, round(seconds, 2)
            time.sleep(LOOK_EVERY)

    def _kept(self, number: int, clip: Path) -> Path | None:
        if self.out is None:
            return None
        folder = self.out / folder_name(number, clip.name)
        # Of an earlier run; what is kept is to be this one's and nothing else.
        shutil.rmtree(folder, ignore_errors=True)
        return folder

    def _watch(self, video: Any, report: Report, keep: Path | None) -> list[str]:
        page = open_page(self.owner.http, video["url"])
        with Edge(self.stack.site, page.cookies) as edge:
            viewing = Viewer(edge, page, keep).watch()
        report.segments, report.stored_bytes = viewing.segments, viewing.stored_bytes
        report.sounds, report.rung_bytes = list(viewing.sounds), viewing.rung_bytes
        report.listed = viewing.told
        told = tuple((r["width"], r["height"]) for r in report.renditions)
        if told != viewing.resolutions:
            viewing.problems.append(f"the API tells of {told}, the playlist of {viewing.resolutions}")
        return [*viewing.problems, *self._refusals(video, report, page, viewing)]

    def _refusals(self, video: Any, report: Report, page: WatchPage, viewing: Viewing) -> list[str]:
        """Ask for everything again as those who must not have it."""
        problems: list[str] = []
        visitors = {
            "no cookies": {},
            "another video's cookies": self.strange_cookies,
            "expired cookies": self._signed(page, timedelta(minutes=-1)),
        }
        for visitor, cookies in visitors.items():
            with Edge(self.stack.site, cookies) as edge:
                opened = edge.opens(viewing.urls)
            if opened:
                problems.append(f"{len(opened)} files open with {visitor}, like {opened[0]}")
            if not cookies:
                report.refused_without_cookies = not opened and bool(viewing.urls)
        # Were these refused too, the expired ones would prove nothing.
        with Edge(self.stack.site, self._signed(page, timedelta(minutes=1))) as edge:
            if edge.opens(viewing.urls) != viewing.urls:
                problems.append("cookies that we sign for the next minute do not open it")
        return [*problems, *self._strangers(video)]

    def _signed(self, page: WatchPage, length: timedelta) -> dict[str, str]:
        resource = f"{self.stack.site}{page.cookie_path}*"
        return self.stack.signer.cookies(resource, datetime.now(UTC) + length)

    def _strangers(self, video: Any) -> list[str]:
        """The page and what the API tells are private, too."""
        answers = [
            (url, self.stranger.http.get(url).status_code)
            for url in (video["url"], f"/api/v1/videos/{video['id']}/")
        ]
        return [f"{url} answered {status} to a stranger" for url, status in answers if status != 404]

    def _find_nothing(self, video: Any, report: Report) -> list[str]:
        """A failed video has no player, and nothing lies where one would look."""
        page = open_page(self.owner.http, video["url"])
        url = page.cookie_path + NOTHING_HERE
        problems = [f"the page of a failed video plays {page.src}"] if page.src else []
        with Edge(self.stack.site, page.cookies) as edge, Edge(self.stack.site, {}) as outside:
            if edge.get(url).status_code != 404:
                problems.append(f"something lies at {url}")
            report.refused_without_cookies = not outside.opens([url])
        if not report.refused_without_cookies:
            problems.append(f"{url} is not refused without cookies")
        return [*problems, *self._strangers(video)]


@contextmanager
def trial(stack: Stack, longest: float, out: Path | None) -> Iterator[Trial]:
    """Yield a trial with two people who have nothing to do with each other."""
    owner, stranger = Person(stack.site, "owner"), Person(stack.site, "stranger")
    try:
        theirs = open_page(stranger.http, stranger.begin_nothing()["url"])
        yield Trial(stack, owner, stranger, theirs.cookies, longest, out)
    finally:
        owner.close()
        stranger.close()
