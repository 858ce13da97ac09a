"""Attacks from inside the sandbox, on this machine's real kernel: as who runs the tests, and as nobody."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import subprocess
import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from transcode import launcher, sandbox, trial
from transcode.core.calls import GUARDED_CALLS, MACHINES

NOBODY = 65534
# Root can try both; others are unprivileged as they are.
WHO = [None, NOBODY] if os.geteuid() == 0 else [None]
# What this kernel can do. A test must find it refused, or this machine must be known for not refusing it.
CLOSES_FILES, CLOSES_CALLS = launcher.landlock_version() > 0, launcher.has_seccomp()
# Landlock says the first, and the second of files that would leave their folder; the filter says the third of all calls.
REFUSALS = (errno.EACCES, errno.EXDEV, errno.ENOSYS)
PRELUDE = """
import ctypes, os, socket, sys, threading
libc = ctypes.CDLL(None, use_errno=True)

def call(number, *words):
    answer = libc.syscall(ctypes.c_long(number), *(ctypes.c_long(w) if isinstance(w, int) else w for w in words))
    if answer < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return answer
"""


@dataclass(frozen=True)
class Prison:
    """A folder with a source, and who is locked into it."""

    place: Path
    python: str
    launcher: sandbox.Launcher
    user: int | None

    @property
    def folder(self) -> Path:
        return self.place / "attempt"

    @property
    def who(self) -> dict[str, Any]:
        return {"user": self.user, "group": self.user, "extra_groups": []} if self.user else {}

    def start(self, code: str, **limits: int) -> subprocess.Popen[str]:
        box = sandbox.Box(read=(str(self.launcher.root), sys.base_prefix, sys.prefix), **limits)
        argv = (self.python, "-I", "-S", "-c", PRELUDE + textwrap.dedent(code))
        command = sandbox.command(argv, self.python, self.folder, box, self.launcher)
        pipes: dict[str, Any] = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
        return subprocess.Popen(command, cwd=self.folder, env={}, text=True, **pipes, **self.who)

    def run(self, code: str, **limits: int) -> subprocess.CompletedProcess[str]:
        with self.start(code, **limits) as inmate:
            printed, stderr = inmate.communicate()
        return subprocess.CompletedProcess(inmate.args, inmate.returncode, printed, stderr)

    def attempt(self, code: str) -> str:
        """Return what an attack printed, or `refused` for one that the sandbox did not let through, or why else it failed."""
        body = textwrap.indent(textwrap.dedent(code), "    ")
        done = self.run(
            f"try:\n{body}\n    print('worked')\nexcept OSError as error:\n    print(error.errno)"
        )
        assert done.returncode == 0, done.stderr
        said = done.stdout.strip()
        if not said.isdecimal():
            return said
        return "refused" if int(said) in REFUSALS else errno.errorcode[int(said)]


@pytest.fixture(scope="session")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Python and the launcher, where anybody can reach them: wheels and homes of root are closed to others."""
    place = tmp_path_factory.mktemp("reachable")
    place.chmod(0o755)
    for above in place.parents[:2]:
        above.chmod(above.stat().st_mode | 0o011)
    lib = Path(os.__file__).parent
    large = shutil.ignore_patterns(
        "site-packages", "test", "idlelib", "ensurepip", "tkinter", "config-*", "__pycache__"
    )
    shutil.copytree(lib, place / "lib" / lib.name, ignore=large)
    for library in Path(sys.base_prefix, "lib").glob("libpython*.so*"):
        shutil.copy2(library, place / "lib")
    (place / "bin").mkdir()
    # It may look for its library where it was built, in a home that is closed to others.
    there, here = os.fsencode(Path(sys.base_prefix, "lib")), b"$ORIGIN/../lib"
    program = Path(sys.executable).resolve().read_bytes()
    (place / "bin/python").write_bytes(program.replace(there, here.ljust(len(there), b"\0")))
    (place / "bin/python").chmod(0o755)
    ours = Path(launcher.__file__).parent
    (place / "transcode/core").mkdir(parents=True)
    for name in ("__init__.py", "launcher.py", "core/__init__.py", "core/calls.py"):
        shutil.copy2(ours / name, place / "transcode" / name)
    return place


@pytest.fixture(params=WHO, ids=lambda user: "nobody" if user else "ourselves")
def prison(request: pytest.FixtureRequest, tmp_path: Path, copy: Path) -> Prison:
    user = request.param
    (tmp_path / "attempt").mkdir()
    (tmp_path / "attempt/source").write_text("source")
    (tmp_path / "secret").write_text("secret")
    # So that only the sandbox can be what refuses it.
    for path, mode in ((tmp_path, 0o777), (tmp_path / "attempt", 0o777), (tmp_path / "secret", 0o666)):
        path.chmod(mode)
    for above in tmp_path.parents[:2]:
        above.chmod(above.stat().st_mode | 0o011)
    (tmp_path / "attempt/source").chmod(0o666)
    python = str(copy / "bin/python") if user else sys.executable
    return Prison(tmp_path, python, sandbox.Launcher(python, copy) if user else sandbox.OURS, user)


class WorkTests:
    """What ffmpeg needs goes on working."""

    def test_reads_its_source_and_writes_beside_it(self, prison):
        code = """
        os.mkdir("360p"); open("360p/1.part", "w").write(open("source").read()); os.rename("360p/1.part", "360p/1.m4s")
        os.truncate(os.open("360p/1.m4s", os.O_RDWR), 3); os.remove("source")
        """
        assert prison.attempt(code) == "worked"
        assert (prison.folder / "360p/1.m4s").read_text() == "sou"

    def test_has_threads_random_numbers_and_nothing(self, prison):
        code = """
        thread = threading.Thread(target=os.urandom, args=(8,)); thread.start(); thread.join()
        open("/dev/null", "w").write("x"); open("/dev/urandom", "rb").read(8); os.sched_getaffinity(0)
        """
        assert prison.attempt(code) == "worked"

    @pytest.mark.ffmpeg
    def test_encodes(self, prison, copy):
        program = Path(shutil.copy2(settings.FFMPEG, copy / "ffmpeg"))
        program.chmod(0o755)
        argv = (str(program), "-nostdin", "-v", "error", *trial.PICTURE)
        command = sandbox.command(argv, str(program), prison.folder, sandbox.SMALL, prison.launcher)
        done = subprocess.run(command, cwd=prison.folder, env={}, capture_output=True, **prison.who)
        assert (done.returncode, done.stderr) == (0, b"")
        assert (prison.folder / "picture.mp4").stat().st_size > 1000


class WithoutSandboxTests:
    """The same attacks, with limits alone: what refuses them elsewhere is the sandbox."""

    @pytest.mark.parametrize(
        "act",
        [
            *("open('/etc/passwd', 'rb').read(1)", "os.listdir('/')", "open('../secret', 'a')"),
            *("os.mkdir('../new')", "os.rename('source', '../new')", "os.symlink('/etc/passwd', 'source2')"),
            *("os.memfd_create('x')", "socket.socket()", "socket.socketpair()", "os.fork() or os._exit(0)"),
            *("os.posix_spawn('/bin/true', ['true'], {})", "os.pidfd_open(os.getppid())", "os.setsid()"),
        ],
    )
    def test_work(self, prison, settings, act):
        settings.SANDBOX = False
        assert prison.attempt(act) == "worked"


class FilesTests:
    @pytest.mark.parametrize(
        "path",
        [
            *(
                "/etc/passwd",
                "/etc/hostname",
                "/etc/resolv.conf",
                "/proc/1/environ",
                "/proc/1/cmdline",
                "/proc/1/maps",
            ),
            *(
                "/proc/1/root/etc/passwd",
                "/proc/self/root/etc/passwd",
                "/proc/version",
                "/proc/net/tcp",
                "/dev/zero",
            ),
            *("../secret", "/proc/self/mountinfo", "/sys/kernel/uevent_seqnum", "/var/log/dpkg.log"),
        ],
    )
    def test_outside_cannot_be_read(self, prison, path):
        assert prison.attempt(f"open({path!r}, 'rb').read(1)") == "refused" or not CLOSES_FILES

    @pytest.mark.parametrize("path", ["/", "/etc", "/tmp", "/home", "/proc", "/proc/1", "/usr/bin", ".."])
    def test_outside_cannot_be_listed(self, prison, path):
        assert prison.attempt(f"os.listdir({path!r})") == "refused" or not CLOSES_FILES

    @pytest.mark.parametrize(
        "act",
        [
            *("open('../new', 'w')", "open('../secret', 'a')", "open('/tmp/new', 'w')", "os.mkdir('../new')"),
            *("os.rename('source', '../new')", "os.rename('../secret', 'mine')", "os.remove('../secret')"),
            *("os.truncate('../secret', 0)", "os.link('source', '../new')", "os.rmdir('../attempt')"),
        ],
    )
    def test_outside_cannot_be_written(self, prison, act):
        assert prison.attempt(act) == "refused" or not CLOSES_FILES

    @pytest.mark.parametrize(
        "act",
        [
            *("os.chmod('../secret', 0)", "os.chown('../secret', os.getuid(), -1)", "os.utime('../secret')"),
            *("os.symlink('/etc/passwd', 'source2')", "os.link('../secret', 'mine')", "os.mkfifo('pipe')"),
            *("os.setxattr('../secret', 'user.x', b'x')", "os.chroot('.')", "os.memfd_create('x')"),
        ],
    )
    def test_cannot_be_changed_in_kind(self, prison, act):
        assert prison.attempt(act) == "refused" or not CLOSES_CALLS

    @pytest.mark.parametrize(
        "act",
        [
            *("open('source', 'r+')", "os.truncate('source', 0)", "os.chmod('source', 0o777)"),
            *("os.rename('source', 'mine'); open('mine', 'a')", "open('../attempt.source', 'r+')"),
            *("os.symlink('../secret', 'source2')", "os.rename('../attempt.source', 'mine')"),
        ],
    )
    def test_that_other_attempts_share_cannot_be_written(self, prison, act):
        shared = prison.place / "attempt.source"
        (prison.folder / "source").rename(shared)
        (prison.folder / "source").symlink_to(shared)
        assert (
            prison.attempt(f"assert open('source').read() == 'source'; {act}") == "refused"
            or not CLOSES_FILES
        )
        assert shared.read_text() == "source" or not CLOSES_FILES

    def test_of_its_parent_are_out_of_reach(self, prison):
        code = f"open('/proc/{os.getpid()}/environ', 'rb').read(1)"
        assert prison.attempt(code) == "refused" or not CLOSES_FILES

    def test_are_not_inherited(self, prison):
        code = "print(sorted(fd for fd in range(3, 4096) if not refuses(os.fstat, fd)))"
        done = prison.run(f"""
        def refuses(act, *words):
            try: act(*words)
            except OSError: return True
        {code}
        """)
        assert done.stdout.strip() == "[]"


class EnvironmentTests:
    def test_is_empty(self, prison):
        assert prison.run("print(sorted(set(os.environ) - {'LC_CTYPE'}))").stdout.strip() == "[]"

    def test_cannot_be_read_from_the_kernel(self, prison):
        assert prison.attempt("open('/proc/self/environ', 'rb').read(1)") == "refused" or not CLOSES_FILES

    def test_has_no_privileges(self, prison):
        with prison.start("print('here', flush=True); sys.stdin.read()") as inmate:
            inmate.stdout.readline()
            lines = Path(f"/proc/{inmate.pid}/status").read_text().splitlines()
            inmate.communicate()
        status = {name: words.strip() for name, _, words in (line.partition(":") for line in lines)}
        assert (status["NoNewPrivs"], int(status["CapEff"], 16), int(status["CapPrm"], 16)) == ("1", 0, 0)
        assert (status["Seccomp"] == "2") == CLOSES_CALLS


class NetworkTests:
    def test_has_no_socket_of_any_family(self, prison):
        code = """
        for family in range(64):
            for kind in (1, 2, 3, 5, 10):
                try: call(NUMBER, family, kind, 0)
                except OSError: continue
                print(family, kind)
        """
        number = {"x86_64": 41, "aarch64": 198}[os.uname().machine]
        done = prison.run(code.replace("NUMBER", str(number)))
        assert (done.returncode, done.stdout) == (0, "") or not CLOSES_CALLS

    @pytest.mark.parametrize("address", [("169.254.169.254", 80), ("127.0.0.1", 22), ("fd00:ec2::254", 80)])
    def test_reaches_no_metadata_and_nobody_else(self, prison, address):
        assert prison.attempt(f"socket.create_connection({address!r}, 2)") == "refused"

    def test_has_no_pair_of_sockets(self, prison):
        assert prison.attempt("socket.socketpair()") == "refused" or not CLOSES_CALLS


class ProcessesTests:
    @pytest.mark.parametrize(
        "act",
        [
            *(
                "os.fork() or os._exit(0)",
                "os.posix_spawn('/bin/true', ['true'], {})",
                "os.execv('/bin/true', ['true'])",
            ),
            *(
                "os.execv(sys.executable, ['python', '-V'])",
                "os.execve(os.open(sys.executable, 0), ['python'], {})",
            ),
            *("os.unshare(os.CLONE_NEWUSER)", "os.unshare(os.CLONE_NEWNS)", "os.unshare(os.CLONE_NEWNET)"),
            *("os.kill(os.getppid(), 0)", "os.kill(-1, 0)", "os.setpriority(0, 0, 5)", "os.setsid()"),
            *("os.pidfd_open(os.getppid())", "os.sched_setaffinity(os.getppid(), {0})", "os.setuid(12345)"),
        ],
    )
    def test_cannot_be_made_or_touched(self, prison, act):
        assert prison.attempt(act) == "refused" or not CLOSES_CALLS

    def test_cannot_be_started_by_a_number_that_is_free_again(self, prison):
        code = f"os.dup2(os.open(sys.executable, 0), {launcher.FILES}); os.execve({launcher.FILES}, ['python'], {{}})"
        # There is no such number to be had.
        assert prison.attempt(code) == "EBADF" or not CLOSES_CALLS

    def test_cannot_have_more_files_again(self, prison):
        code = "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (512, 512))"
        done = prison.run(code)
        assert (done.returncode, done.stderr.count("Error")) == (1, 1) or not CLOSES_CALLS

    def test_are_not_made_by_raw_calls(self, prison):
        kernel = (Path(__file__).parent / "probes/kernel_calls.tsv").read_text().splitlines()
        column = 1 + MACHINES[os.uname().machine][1]
        numbers = {row[0]: row[column] for row in (line.split("\t") for line in kernel)}
        tried = (
            "ptrace process_vm_readv process_vm_writev setns mount umount2 pivot_root bpf io_uring_setup keyctl add_key"
            " userfaultfd perf_event_open kexec_load init_module clone3 pidfd_getfd landlock_restrict_self seccomp"
        )
        for name in tried.split():
            assert prison.attempt(f"call({numbers[name]}, 0, 0, 0, 0, 0)") == "refused" or not CLOSES_CALLS

    def test_cannot_be_signalled_by_a_pipe(self, prison):
        code = "import fcntl; fcntl.fcntl(os.pipe()[0], fcntl.F_SETOWN, os.getppid())"
        assert prison.attempt(code) == "refused" or not CLOSES_CALLS


# What passes the filter again: an absolute path beside the number of the program (execveat(2)).
AGAIN = """
def become(*argv):
    words = (ctypes.c_char_p * (len(argv) + 1))(*map(os.fsencode, argv), None)
    call(NUMBER, FILES, words[0], words, (ctypes.c_char_p * 1)(None), 0x1000)
"""


class SecondProgramTests:
    def again(self, code: str) -> str:
        number = str(GUARDED_CALLS["execveat"][MACHINES[os.uname().machine][1]])
        return AGAIN.replace("NUMBER", number).replace("FILES", str(launcher.FILES)) + textwrap.dedent(code)

    def test_is_caged_as_the_first_one(self, prison):
        attacks = ["open('/etc/passwd')", "socket.socket()", "os.fork()", "open('../secret', 'a')"]
        inside = "import os, socket\n" + "".join(
            f"try: {act}; print('worked')\nexcept OSError as error: print('refused')\n" for act in attacks
        )
        done = prison.run(self.again(f"become({prison.python!r}, '-I', '-S', '-c', {inside!r})"))
        expected = ["refused"] * len(attacks)
        assert done.stdout.split() == expected or not (CLOSES_FILES and CLOSES_CALLS)

    def test_is_none_but_its_own(self, prison):
        done = prison.run(self.again("become('/bin/true')"))
        assert done.stderr.strip().endswith("Permission denied") or not CLOSES_FILES


class LimitsTests:
    def test_refuse_more_memory(self, prison):
        done = prison.run("bytearray(600 * 1024**2)", memory_bytes=512 * 1024**2)
        assert (done.returncode, done.stderr.split()[-1]) == (1, "MemoryError")

    def test_end_who_writes_a_large_file(self, prison):
        done = prison.run("open('large', 'wb').write(bytes(3_000_000))", file_bytes=1_000_000)
        assert done.returncode in (-signal.SIGXFSZ, 1)
        assert (prison.folder / "large").stat().st_size <= 1_000_000

    def test_end_who_computes_for_ever(self, prison):
        assert prison.run("while True: pass", cpu_seconds=1).returncode == -signal.SIGKILL


class LauncherTests:
    def test_aborts_where_it_cannot_become_the_program(self, prison):
        prison = Prison(prison.place, str(prison.folder / "source"), prison.launcher, prison.user)
        done = prison.run("")
        assert done.returncode == -signal.SIGABRT and done.stderr.startswith("launcher: PermissionError")

    def test_starts_nothing_for_a_parent_that_is_gone(self, prison):
        argv = (prison.python, "-c", "print('here')")
        command = list(sandbox.command(argv, prison.python, prison.folder, sandbox.SMALL, prison.launcher))
        command[command.index("--parent") + 1] = "1"
        done = subprocess.run(command, capture_output=True, env={})
        assert (done.returncode, done.stdout) == (-signal.SIGKILL, b"")

    @pytest.mark.parametrize(
        ("version", "bits"), [(1, (13,)), (2, (14,)), (3, (15,)), (4, (15, 2)), (5, (16, 2))]
    )
    def test_refuses_what_each_landlock_knows(self, version, bits):
        assert launcher.rights_of(version) == tuple((1 << count) - 1 for count in bits)

    @pytest.mark.parametrize("version", [6, 7, 20])
    def test_refuses_as_much_with_a_landlock_that_is_newer(self, version):
        assert launcher.rights_of(version) == ((1 << 16) - 1, 3, 3)
