"""What is installed is what is locked: a resolver that backtracks does so in silence."""

from __future__ import annotations

import re
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PIN = re.compile(r"^(?P<name>[\w.-]+)==(?P<version>[^\s;]+)(?P<marker> ;.*)? \\$", re.MULTILINE)


class RequirementsTests:
    def test_every_locked_version_is_the_installed_one(self):
        pins = PIN.finditer((ROOT / "requirements.txt").read_text())
        locked = {
            pin["name"]: pin["version"]
            for pin in pins
            if "win32'" not in (pin["marker"] or "").replace("!= 'win32'", "")
        }
        assert {name: version(name) for name in locked} == locked
