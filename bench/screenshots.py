"""`make screenshots`: every page in every state, on a phone and on a desk, in light and in dark, into a folder.

It starts a private copy of the site, fills it (bench/showcase.py, and one video that really plays), and looks around.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Error, sync_playwright

from bench.camera import launch, look, sessions
from bench.place import Place, furnished
from bench.shots import Shot, shots

WIDTHS = {390: 844, 1366: 850}
THEMES = ("light", "dark")
# How some people have set up what they see with; for the pages where most is done.
SPECIAL: dict[str, dict[str, Any]] = {
    "320": {"viewport": {"width": 320, "height": 640}},
    "contrast": {"viewport": {"width": 1366, "height": 850}, "contrast": "more"},
    "forced": {"viewport": {"width": 1366, "height": 850}, "forced_colors": "active", "color_scheme": "dark"},
}
MAIN = ("home", "watch", "upload-details", "studio-ticked", "edit", "accounts-sign-in-wrong", "admin")


def ways(name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield in which ways a page is looked at, and how each is called."""
    for width, height in WIDTHS.items():
        for theme in THEMES:
            viewport = {"width": width, "height": height}
            yield f"{name}-{width}-{theme}", {"viewport": viewport, "color_scheme": theme}
    if name in MAIN:
        yield from ((f"{name}-{way}", options) for way, options in SPECIAL.items())


def take(browser: Browser, place: Place, shot: Shot, file: Path, **options: Any) -> str:
    """Return what went wrong, or nothing."""
    try:
        with look(browser, place, shot, **options) as view:
            view.page.screenshot(path=file, full_page=shot.whole)
            wide = view.page.evaluate("document.documentElement.scrollWidth > innerWidth + 1")
            trouble = [*([] if shot.expects_trouble else view.failed), *view.console, *view.violations]
            return ", ".join(["wider than the window"] * wide + trouble)
    except Error as error:  # the others are still worth seeing
        return str(error).splitlines()[0]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("var/screenshots"))
    parser.add_argument("--only", default="", help="a pattern for the names of the pictures that are wanted")
    wanted = parser.parse_args()
    wanted.out.mkdir(parents=True, exist_ok=True)
    failed = 0
    with furnished() as place, sync_playwright() as playwright:
        browser = launch(playwright)
        people = sessions(browser, place)
        for shot in shots(place):
            for name, options in ways(shot.name):
                if re.search(wanted.only, name):
                    file = wanted.out / f"{name}.png"
                    trouble = take(browser, place, shot, file, session=people.get(shot.who), **options)
                    failed += bool(trouble)
                    print(f"{file.name}: {trouble or 'taken'}", flush=True)
        browser.close()
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
