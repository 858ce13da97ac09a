"""`make fuzz`: damaged files through everything that a worker does with a source, for as long as one likes."""

from __future__ import annotations

import argparse
import logging
import os
import sys
import tempfile
from collections import Counter
from pathlib import Path

import tests.environment  # noqa: F401 (a place of its own, before Django reads its settings)

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "streamsite.settings")

import django  # noqa: E402

django.setup()

from tests.attacks import fuzz, mutations  # noqa: E402

KEEP = "A finding becomes a test: its name and number go into FINDINGS in tests/transcode/test_fuzz.py, with the seed."


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    wanted = parser.parse_args()
    logging.disable(logging.CRITICAL)
    with tempfile.TemporaryDirectory() as folder:
        return run(wanted.count, wanted.seed or fuzz.SEED, Path(folder))


def run(count: int, seed: int, folder: Path) -> int:
    clips = {kind: mutations.clip(folder, kind) for kind in mutations.CLIPS}
    ends: Counter[str] = Counter()
    findings = 0
    for found in fuzz.fuzz(clips, range(-(-count // len(clips))), folder, seed):
        ends["ready" if found.is_ready else "ours" if found.is_ours else found.end] += 1
        findings += found.is_ours
        if found.is_ours:
            print(f"FOUND seed {seed}: {found}", flush=True)
    for end, number in ends.most_common():
        print(f"{number:6} {end}")
    print(f"{sum(ends.values())} files, seed {seed}, {findings} findings.{' ' + KEEP if findings else ''}")
    return min(1, findings)


if __name__ == "__main__":
    sys.exit(main())
