"""`make audit`: one table of what the pages, the access rules and the lists promise, and bench/results/audit.json."""

from __future__ import annotations

import gzip
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from playwright.sync_api import Browser, Error, Page, ViewportSize, sync_playwright

from bench.camera import View, launch, look, sessions
from bench.matrix import walked
from bench.place import Place, furnished
from bench.shots import Shot, shots

RESULTS = Path("bench/results/audit.json")
DESK, PHONE = ViewportSize(width=1366, height=850), ViewportSize(width=390, height=844)
AXE = {"resultTypes": ["violations"]}
KB = 1000
SLOWER = 4
LOADS = 5
# Pages that play.
WITH_PLAYER = ("watch", "embed")
# Colours fade into each other when the theme changes under a page.
FADED_MS = 400
LISTS = ("home", "search", "channel", "watch", "api_list")
LARGEST_CONTENT = """() => new Promise((tell) => new PerformanceObserver(
    (list) => tell(list.getEntries().at(-1).startTime)).observe({type: "largest-contentful-paint", buffered: true}))"""
# What is promised: at most this much.
MOST = {
    "leaks": 0,
    "axe_violations": 0,
    "console_errors": 0,
    "csp_reports": 0,
    "js_watch_kb": 260,
    "js_other_kb": 25,
    "lcp_home_ms": 1000,
    "queries_home": 5,
    "queries_search": 5,
    "queries_channel": 5,
    "queries_watch": 7,
    "queries_api_list": 5,
    "list_scale_ratio": 1.5,
}


@dataclass
class Looked:
    """What was found wrong on the pages."""

    pages: int = 0
    axe: list[str] = field(default_factory=list)
    console: list[str] = field(default_factory=list)
    csp: list[str] = field(default_factory=list)
    # Gzipped kilobytes of scripts, by the name of the page.
    scripts: dict[str, float] = field(default_factory=dict)

    def heaviest(self, *, player: bool) -> float:
        return max(kb for name, kb in self.scripts.items() if name.startswith(WITH_PLAYER) == player)


# --- the pages --------------------------------------------------------------------------------------------------------


def pages_looked_at(browser: Browser, place: Place) -> Looked:
    """Look at every page in every state with axe: on a desk in both themes, on a phone in dark."""
    people, looked = sessions(browser, place), Looked()
    for shot in shots(place):
        try:
            _look(browser, place, shot, people.get(shot.who), looked)
        except Error as error:
            looked.console.append(f"{shot.name} was not reached: {str(error).splitlines()[0]}")
        print(
            f"looked at {shot.name}: {len(looked.axe) + len(looked.console) + len(looked.csp)}",
            file=sys.stderr,
        )
    return looked


def _look(browser: Browser, place: Place, shot: Shot, session: Any, looked: Looked) -> None:
    looked.pages += 1
    with look(browser, place, shot, session, viewport=DESK, color_scheme="light") as view:
        looked.axe += _violations(shot.name, view.page, AXE)
        looked.scripts[shot.name] = _weight(view.page.content())
        view.page.emulate_media(color_scheme="dark", reduced_motion="reduce")
        view.page.wait_for_timeout(FADED_MS)
        looked.axe += _violations(f"{shot.name}, dark", view.page, {**AXE, "runOnly": ["color-contrast"]})
        _take_down(shot, view, looked)
    with look(browser, place, shot, session, viewport=PHONE, color_scheme="dark") as view:
        looked.axe += _violations(f"{shot.name}, phone", view.page, AXE)
        _take_down(shot, view, looked)


def _take_down(shot: Shot, view: View, looked: Looked) -> None:
    looked.csp += [f"{shot.name}: {words}" for words in view.violations]
    looked.console += [f"{shot.name}: {words}" for words in view.console]
    if not shot.expects_trouble:
        looked.console += [f"{shot.name}: {words}" for words in view.failed]


def _violations(name: str, page: Page, options: dict[str, Any]) -> list[str]:
    found = Axe().run(page, options=options).response["violations"]
    return [f"{name}: {each['id']} {node['html'][:120]}" for each in found for node in each["nodes"]]


# --- what they weigh, and when they are there -------------------------------------------------------------------------


def _weight(html: str) -> float:
    names = set(re.findall(r'<script [^>]*src="/static/([^"]+)"', html))
    files = (settings.BASE_DIR / "static" / name for name in names)
    return round(sum(len(gzip.compress(file.read_bytes(), 9)) for file in files if file.exists()) / KB, 1)


def largest_content(browser: Browser, place: Place) -> float:
    """Return the median milliseconds until home's largest picture is painted, on a processor so much slower."""
    return round(median(_painted(browser, place) for _ in range(LOADS)))


def _painted(browser: Browser, place: Place) -> float:
    context = browser.new_context(base_url=place.stack.site, viewport=DESK)
    page = context.new_page()
    context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    page.goto("/", wait_until="networkidle")
    assert page.locator("main .card").count() == 24
    found: float = page.evaluate(LARGEST_CONTENT)
    context.close()
    return found


# --- the lists --------------------------------------------------------------------------------------------------------


def lists(*before: str) -> dict[str, Any]:
    """Measure the lists on SQLite, or on the database of the command that is to go `before`."""
    with tempfile.TemporaryDirectory(prefix="streamsite-lists-") as folder:
        (Path(folder) / "static").mkdir()
        environment = {**os.environ, "VAR_DIR": folder, "DATABASE_URL": "", "ENVIRONMENT": "laptop"}
        command = (*before, sys.executable, "-m", "bench.lists")
        told = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True, timeout=900)
        found: dict[str, Any] = json.loads(told.stdout.splitlines()[-1])
        return found


# --- the table --------------------------------------------------------------------------------------------------------


def audit() -> dict[str, Any]:
    cells = walked()
    wrong = [cell for cell in cells if not cell.is_right]
    with furnished() as place, sync_playwright() as playwright:
        browser = launch(playwright)
        painted = largest_content(browser, place)
        looked = pages_looked_at(browser, place)
        browser.close()
    scale = {"sqlite": lists(), "mariadb": lists(sys.executable, "-m", "tests.mariadb")}
    return {
        "matrix_cells": len(cells),
        "leaks": len(wrong),
        "axe_pages": looked.pages,
        "axe_violations": len(looked.axe),
        "console_errors": len(looked.console),
        "csp_reports": len(looked.csp),
        "js_watch_kb": looked.heaviest(player=True),
        "js_other_kb": looked.heaviest(player=False),
        "lcp_home_ms": painted,
        "queries": {name: scale["sqlite"]["queries"][name] for name in LISTS},
        "list_scale_ratio": max(max(each["ratio"].values()) for each in scale.values()),
        "lists": scale,
        "found": [*map(str, wrong), *looked.axe, *looked.console, *looked.csp],
    }


def rows(found: dict[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    """Yield the lines of the table: name, what was found, the most that is allowed."""
    flat = {**found, **{f"queries_{name}": count for name, count in found["queries"].items()}}
    for name, value in flat.items():
        if not isinstance(value, dict | list):
            yield name, value, MOST.get(name, "")


def main() -> None:
    found = audit()
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(found, indent=1) + "\n")
    for words in found["found"]:
        print(words)
    for name, value, most in rows(found):
        print(f"{name:20} {value:>10} {most:>8}")
    sys.exit(any(value > most for _, value, most in rows(found) if most != ""))


if __name__ == "__main__":
    main()
