"""What the trial finds, on this kernel and on kernels that can do less."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap

import pytest
from django.conf import settings as django_settings

from transcode import launcher, trial, worker
from transcode.core.containment import Containment, Level, judge, too_open
from transcode.hosts import GONE, Host

pytestmark = pytest.mark.ffmpeg
# What an older kernel says to a call: a filter around everything, written by hand, because ours allows neither of these.
OLDER = """
import ctypes, os, struct
libc = ctypes.CDLL(None, use_errno=True)
x86 = os.uname().machine == "x86_64"
CALLS = {"landlock": (444, None, 38), "seccomp": (157 if x86 else 167, 22, 22)}
number, first, error = CALLS[%r]
refuse = (6, 0, 0, 0x50000 | error)
argument = [(0x20, 0, 0, 16), (0x15, 0, 1, first)] if first else []
program = [(0x20, 0, 0, 0), (0x15, 0, len(argument) + 1, number), *argument, refuse, (6, 0, 0, 0x7FFF0000)]
code = b"".join(struct.pack("<HBBI", *part) for part in program)
class Filter(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("code", ctypes.c_char_p))
assert libc.prctl(38, 1, 0, 0, 0) == 0 and libc.prctl(22, 2, ctypes.byref(Filter(len(program), code)), 0, 0) == 0
"""
START = """
os.environ["DJANGO_SETTINGS_MODULE"] = "streamsite.settings"
import django; django.setup()
from transcode import trial, worker
"""


def without(what: str, code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run Python where the kernel lacks something."""
    whole = OLDER % what + START + textwrap.dedent(code)
    variables = {**os.environ, **environment}
    return subprocess.run(
        (sys.executable, "-c", whole),
        cwd=django_settings.BASE_DIR,
        env=variables,
        capture_output=True,
        text=True,
    )


class TrialTests:
    def test_finds_what_this_kernel_can_do(self):
        assert trial.contain().level == (launcher.landlock_version() > 0) + launcher.has_seccomp()

    def test_finds_nothing_closed_without_a_sandbox(self, settings):
        settings.SANDBOX = False
        found = trial.contain()
        assert (found.level, found.could) == (Level.NOTHING, ("file", "process", "socket"))

    def test_says_what_to_do_where_not_even_an_encode_works(self, settings):
        settings.FFMPEG = "/bin/false"
        with pytest.raises(trial.Broken, match="SANDBOX_READ"):
            trial.contain()

    @pytest.mark.parametrize(
        ("what", "could"), [("landlock", "('file',)"), ("seccomp", "('process', 'socket')")]
    )
    def test_finds_half_of_it_on_a_kernel_without(self, what, could):
        done = without(what, "found = trial.contain(); print(found.level.value, found.could)")
        assert (
            done.stdout.strip()
            == f"{1 if launcher.landlock_version() and launcher.has_seccomp() else 0} {could}"
        )

    def test_keeps_a_production_worker_from_starting_on_such_a_kernel(self):
        done = without("landlock", "worker.require_containment()", SANDBOX_MIN_LEVEL="2")
        assert done.returncode == 1
        assert "can open or start: a file" in done.stderr and "SANDBOX_MIN_LEVEL is 2" in done.stderr


class JudgeTests:
    @pytest.mark.parametrize(
        ("could", "level"),
        [((), 2), (("file",), 1), (("socket",), 1), (("process",), 1), (("file", "socket"), 0)],
    )
    def test_counts_what_is_closed(self, could, level):
        assert judge(frozenset(could), "Landlock 7").level == level

    def test_says_what_is_open(self):
        assert str(judge({"file"}, "no Landlock, seccomp")).endswith("can open or start: a file)")

    def test_says_what_to_do(self):
        assert "SANDBOX_MIN_LEVEL is 2" in too_open(judge({"file"}, "no Landlock"), 2)


class HostTests:
    def test_is_told_once_and_forgotten_when_gone(self, db, now):
        found = Containment(Level.ALL, "Landlock 7, seccomp")
        for at in (now, now + GONE / 2):
            Host.objects.tell("one", found, at)
        assert [host.name for host in Host.objects.here(now + GONE)] == ["one"]
        assert not Host.objects.here(now + 2 * GONE).exists()

    @pytest.mark.django_db(transaction=True)
    def test_is_told_of_by_a_worker_that_starts(self):
        worker.tell_host()
        assert Host.objects.get().sandbox == str(worker.containment())
