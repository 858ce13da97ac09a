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

from streamsite.acceptance import corpus
from streamsite.acceptance.clips import NoClips, clips_below, clips_in
from streamsite.acceptance.expected import Expected, expectations_in, missing_in
from streamsite.acceptance.people import TurnedAway
from streamsite.acceptance.stack import Gone, Log, private_stack
from streamsite.acceptance.trial import Outcome, trial
from streamsite.supervisor import CannotStart

# As when a command is not typed as it should be.
NOTHING_TO_TRY = 2


class Command(BaseCommand):
    help = "Upload a clip, or a folder of them, to a private copy of the site, play each back, and report."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        add = parser.add_argument
        add("clip", nargs="?", type=Path, metavar="CLIP", help="a file or a folder; otherwise the demo clip")
        add(
            "--corpus",
            action="store_true",
            help="with all below the folder, and a table beside its MANIFEST.tsv",
        )
        add("--json", type=Path, metavar="FILE", help="write the lines here, too")
        add("--out", type=Path, metavar="FOLDER", help="keep what was fetched here")
        add("--longest", type=float, default=900, metavar="SECONDS", help="wait no longer for one file; 900")
        add("--log", type=Path, metavar="FILE", help="write what the site said here")

    def handle(self, *args: Any, **options: Any) -> None:
        # As on Ctrl-C, so that nothing is left behind.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        log, where = Log(), options["clip"] or settings.DEMO_CLIP
        try:
            clips = clips_below(where) if options["corpus"] else clips_in(where)
            problems = self._run(clips, log, options)
        except NoClips as error:
            raise CommandError(str(error), returncode=NOTHING_TO_TRY if options["corpus"] else 1) from error
        except OSError as error:
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
        with ExitStack() as block:
            written = block.enter_context(options["json"].open("w")) if options["json"] else None
            stack = block.enter_context(private_stack(log))
            attempts = block.enter_context(trial(stack, options["longest"], options["out"]))
            outcomes = attempts.run(clips)
            if options["corpus"]:
                problems = self._compare(options["clip"], clips, outcomes, log, written)
            else:
                problems = self._report(outcomes, log, written)
        return problems

    def _report(self, outcomes: Iterable[Outcome], log: Log, written: TextIO | None) -> int:
        problems = 0
        for outcome in outcomes:
            line = outcome.report.as_json()
            self._write(line, line, written)
            self._show(outcome.problems)
            problems += len(outcome.problems)
        if log.tracebacks:
            # Not a check: a worker logs one for each try that fails, also if the next one succeeds.
            self._show([f"The site logged {log.tracebacks} tracebacks; --log FILE keeps them."])
        return problems + self._server_errors(log)

    def _compare(
        self,
        folder: Path,
        clips: tuple[Path, ...],
        outcomes: Iterable[Outcome],
        log: Log,
        written: TextIO | None,
    ) -> int:
        """Print a line of the table for each file, and below it what is not as the folder's manifest says."""
        expected = {parent: expectations_in(parent) for parent in {clip.parent for clip in clips}}
        rows, problems = [], 0
        self._write(corpus.head())
        for clip, outcome in zip(clips, outcomes, strict=True):
            wanted = expected[clip.parent].get(clip.name, Expected())
            row = corpus.Row(str(clip.relative_to(folder)), wanted, outcome.report)
            self._write(row.as_line(), row.as_json(), written)
            self._show([*outcome.problems, *row.differences])
            problems += len(outcome.problems) + len(row.differences)
            rows.append(row)
        missing = list(missing_in(folder))
        self._show(missing)
        self._write(corpus.summary(rows, log.tracebacks))
        return problems + len(missing) + log.tracebacks + self._server_errors(log)

    def _server_errors(self, log: Log) -> int:
        if log.server_errors:
            self._show([f"The site answered {log.server_errors} requests with an error of its own."])
        return bool(log.server_errors)

    def _write(self, shown: str, line: str = "", written: TextIO | None = None) -> None:
        self.stdout.write(shown)
        self.stdout.flush()
        if written:
            written.write(f"{line}\n")
            written.flush()

    def _show(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.stderr.write(line)
