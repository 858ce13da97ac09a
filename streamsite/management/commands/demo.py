"""manage.py demo [CLIP]"""

from __future__ import annotations

import signal
import sys
from argparse import ArgumentParser
from collections import deque
from contextlib import ExitStack
from pathlib import Path
from typing import Any, TextIO

import httpx
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from streamsite.acceptance.clips import NoClips, clips_in
from streamsite.acceptance.people import Turned
from streamsite.acceptance.stack import LOG_LINES, private_stack
from streamsite.acceptance.trial import trial
from streamsite.supervisor import CannotStart

LAST_LINES = 40


class Command(BaseCommand):
    help = "Upload a clip, or a folder of them, to a private copy of the site, play each back, and report."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "clip", nargs="?", type=Path, metavar="CLIP", help="a file or a folder; the demo clip"
        )
        parser.add_argument("--json", type=Path, metavar="FILE", help="write the lines here, too")
        parser.add_argument("--out", type=Path, metavar="FOLDER", help="keep what was fetched here")
        parser.add_argument(
            "--longest", type=float, default=900, metavar="SECONDS", help="to wait for one file; 900"
        )
        parser.add_argument("--log", type=Path, metavar="FILE", help="write what the site said here")

    def handle(self, *args: Any, **options: Any) -> None:
        # As on Ctrl-C, so that nothing is left behind.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        log: deque[str] = deque(maxlen=LOG_LINES)
        try:
            problems = self._run(clips_in(options["clip"] or settings.DEMO_CLIP), log, options)
        except NoClips as error:
            raise CommandError(str(error)) from error
        except (CannotStart, Turned, httpx.HTTPError) as error:
            self._show_log(log)
            raise CommandError(f"streamsite: {error}") from error
        except KeyboardInterrupt:
            raise CommandError("Stopped.", returncode=130) from None
        finally:
            if options["log"]:
                options["log"].write_text("\n".join(log) + "\n")
        if problems:
            self._show_log(log)
            raise CommandError(f"{problems} checks did not hold; they are named above.")

    def _run(self, clips: tuple[Path, ...], log: deque[str], options: dict[str, Any]) -> int:
        """Try every clip and report on each at once; return how many checks did not hold."""
        problems = 0
        with ExitStack() as block:
            written = block.enter_context(options["json"].open("w")) if options["json"] else None
            stack = block.enter_context(private_stack(log))
            attempt = block.enter_context(trial(stack, options["longest"], options["out"]))
            for outcome in attempt.run(clips):
                self._write(outcome.report.as_json(), written)
                for problem in outcome.problems:
                    self.stderr.write(problem)
                problems += len(outcome.problems)
        return problems

    def _write(self, line: str, written: TextIO | None) -> None:
        self.stdout.write(line)
        self.stdout.flush()
        if written:
            written.write(f"{line}\n")
            written.flush()

    def _show_log(self, log: deque[str]) -> None:
        sys.stderr.write("".join(f"    {line}\n" for line in list(log)[-LAST_LINES:]))
