"""manage.py demo [CLIP]"""

from __future__ import annotations

import signal
from argparse import ArgumentParser
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import Any, TextIO

import httpx
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from streamsite.acceptance.clips import NoClips, clips_in
from streamsite.acceptance.people import TurnedAway
from streamsite.acceptance.stack import Gone, Log, private_stack
from streamsite.acceptance.trial import trial
from streamsite.supervisor import CannotStart


class Command(BaseCommand):
    help = "Upload a clip, or a folder of them, to a private copy of the site, play each back, and report."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        add = parser.add_argument
        add("clip", nargs="?", type=Path, metavar="CLIP", help="a file or a folder; otherwise the demo clip")
        add("--json", type=Path, metavar="FILE", help="write the lines here, too")
        add("--out", type=Path, metavar="FOLDER", help="keep what was fetched here")
        add("--longest", type=float, default=900, metavar="SECONDS", help="wait no longer for one file; 900")
        add("--log", type=Path, metavar="FILE", help="write what the site said here")

    def handle(self, *args: Any, **options: Any) -> None:
        # As on Ctrl-C, so that nothing is left behind.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        log = Log()
        try:
            problems = self._run(clips_in(options["clip"] or settings.DEMO_CLIP), log, options)
        except (NoClips, OSError) as error:
            raise CommandError(str(error)) from error
        except (CannotStart, Gone, TurnedAway, httpx.HTTPError) as error:
            self._show(log.tail())
            raise CommandError(f"streamsite: {error}") from error
        except KeyboardInterrupt:
            raise CommandError("Stopped.", returncode=130) from None
        finally:
            if options["log"]:
                options["log"].write_text("\n".join(log.lines) + "\n")
        if problems:
            self._show(log.tail())
            raise CommandError(f"{problems} checks did not hold; they are named above.")

    def _run(self, clips: tuple[Path, ...], log: Log, options: dict[str, Any]) -> int:
        """Try every clip and report on each at once; return how many checks did not hold."""
        problems: list[str] = []
        with ExitStack() as block:
            written = block.enter_context(options["json"].open("w")) if options["json"] else None
            stack = block.enter_context(private_stack(log))
            attempts = block.enter_context(trial(stack, options["longest"], options["out"]))
            for outcome in attempts.run(clips):
                self._write(outcome.report.as_json(), written)
                self._show(outcome.problems)
                problems += outcome.problems
            if log.server_errors:
                problems.append(f"The site answered {log.server_errors} requests with an error of its own.")
                self._show(problems[-1:])
            if log.tracebacks:
                # Not a check: a worker logs one for each try that fails, also if the next one succeeds.
                self._show([f"The site logged {log.tracebacks} tracebacks; --log FILE keeps them."])
        return len(problems)

    def _write(self, line: str, written: TextIO | None) -> None:
        self.stdout.write(line)
        self.stdout.flush()
        if written:
            written.write(f"{line}\n")
            written.flush()

    def _show(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.stderr.write(line)
