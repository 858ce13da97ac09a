from __future__ import annotations

import signal
import sys
import textwrap
import time
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import settings

from transcode import process
from transcode.core.progress import Course
from transcode.process import CommandFailed, Overdue, Silent, Stopped, Talkative
from transcode.sandbox import Box

PYTHON = Box(read=(sys.base_prefix, sys.prefix))


def python(code: str) -> tuple[str, ...]:
    return (sys.executable, "-c", textwrap.dedent(code))


def run(code: str, folder: Path, **options) -> str:
    return process.run(python(code), folder, **{"silence": 20, "box": PYTHON, **options})


def ends(pid: int) -> bool:
    """True if a process of no parent ends within seconds; a signal may take a moment, and so may who waits for it."""
    over_at = time.monotonic() + 10
    while time.monotonic() < over_at:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except FileNotFoundError:
            return True
        if state == "Z":
            return True
        time.sleep(0.01)
    return False


class RunTests:
    def test_returns_what_was_printed(self, tmp_path):
        assert run("print('hello')", tmp_path) == "hello\n"

    def test_hears_each_line_as_it_comes(self, tmp_path):
        lines: list[str] = []
        run("print('frame=1'); print('frame=2')", tmp_path, on_line=lines.append)
        assert lines == ["frame=1", "frame=2"]

    def test_gives_no_environment_and_no_input(self, tmp_path):
        code = "import os, sys; print(sorted(set(os.environ) - {'LC_CTYPE'}), repr(sys.stdin.read()))"
        assert run(code, tmp_path) == "[] ''\n"

    def test_runs_in_the_folder(self, tmp_path):
        assert run("import os; print(os.getcwd())", tmp_path).strip() == str(tmp_path)

    def test_tells_the_status_and_the_last_words(self, tmp_path):
        with pytest.raises(CommandFailed) as failed:
            run("import sys; sys.exit('x' * 9000 + 'the end')", tmp_path)
        assert failed.value.status == 1 and not failed.value.is_killed
        assert failed.value.stderr.strip().endswith("the end") and len(failed.value.stderr) <= process.TAIL

    def test_blames_no_file_for_a_signal(self, tmp_path):
        with pytest.raises(CommandFailed) as failed:
            run("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", tmp_path)
        assert failed.value.status == -signal.SIGSEGV and failed.value.is_killed

    def test_ends_a_silent_program(self, tmp_path):
        with pytest.raises(Silent):
            run("import time; time.sleep(600)", tmp_path, silence=0.5)

    def test_ends_a_program_that_says_nothing_new(self, tmp_path):
        code = """
        import sys, time
        while True:
            print("frame=7", flush=True); print("no memory", file=sys.stderr, flush=True); time.sleep(0.1)
        """
        with pytest.raises(Silent):
            run(code, tmp_path, silence=1, is_news=Course().is_news)

    def test_ends_a_program_whose_time_is_over(self, tmp_path):
        code = "import time\nwhile True: print('frame=7', flush=True); time.sleep(0.1)"
        with pytest.raises(Overdue):
            run(code, tmp_path, box=replace(PYTHON, wall_seconds=1))

    def test_ends_a_program_that_closes_its_pipes_and_goes_on(self, tmp_path):
        code = "import os, time; os.close(1); os.close(2); time.sleep(600)"
        with pytest.raises(Silent):
            run(code, tmp_path, silence=1)

    @pytest.mark.ffmpeg
    def test_ends_an_ffmpeg_that_reports_and_does_not_get_on(self, tmp_path):
        stalling = ("-f", "lavfi", "-i", "testsrc2=s=64x48:r=25,realtime=speed=0.001:limit=9999")
        command = (
            settings.FFMPEG,
            "-nostdin",
            "-v",
            "error",
            "-progress",
            "pipe:1",
            *stalling,
            "-f",
            "null",
            "-",
        )
        with pytest.raises(Silent):
            process.run(command, tmp_path, silence=3, is_news=Course().is_news)

    def test_ends_a_program_that_says_too_much(self, tmp_path):
        with pytest.raises(Talkative):
            run("while True: print('x' * 99_999)", tmp_path)

    def test_ends_a_program_whose_line_never_ends(self, tmp_path):
        with pytest.raises(Talkative):
            run("while True: print('x' * 99_999, end='')", tmp_path, on_line=lambda line: None)

    def test_hears_a_program_for_as_long_as_it_reports_in_lines(self, tmp_path):
        heard: list[int] = []
        run(
            f"for _ in range({2 * process.MOST_PRINTED} // 1024): print('x' * 1023)",
            tmp_path,
            on_line=lambda line: heard.append(len(line) + 1),
        )
        assert sum(heard) == 2 * process.MOST_PRINTED

    def test_ends_when_the_worker_stops(self, tmp_path):
        process.stopping.set()
        try:
            with pytest.raises(Stopped):
                run("import time; time.sleep(600)", tmp_path)
        finally:
            process.stopping.clear()

    def test_leaves_nothing_running_when_the_listener_fails(self, tmp_path):
        pids: list[int] = []

        def fail(line: str) -> None:
            pids.append(int(line))
            raise LookupError

        with pytest.raises(LookupError):
            run("import os, time; print(os.getpid(), flush=True); time.sleep(600)", tmp_path, on_line=fail)
        assert not Path(f"/proc/{pids[0]}").exists()

    # Its first program holds the pipes, which is silence; without them, its end is a good one.
    @pytest.mark.parametrize(("pipes", "end"), [("None", Silent), ("-3", None)])
    def test_leaves_nothing_running_that_a_program_left(self, tmp_path, settings, pipes, end):
        settings.SANDBOX = False
        code = f"""
        import subprocess, sys
        child = subprocess.Popen(("sleep", "600"), stdout={pipes}, stderr={pipes})
        open("pid", "w").write(str(child.pid))
        """
        with pytest.raises(end) if end else nullcontext():
            run(code, tmp_path, silence=1)
        assert ends(int((tmp_path / "pid").read_text()))

    def test_says_that_a_program_is_not_there(self, tmp_path):
        with pytest.raises(FileNotFoundError):
            process.run(("/nowhere/ffmpeg",), tmp_path, silence=1)
