# Shared by scripts/setup and scripts/setup-test, which read it with `.` (POSIX sh).

log=var/log/setup.log

say() {
    printf 'streamsite: %s\n' "$*"
}

fail() {
    printf 'streamsite: %s\n' "$*" >&2
    exit 1
}

# Everything lives in this folder, so it must be writable; and two set-ups at once would spoil each other's work.
begin() {
    umask 022
    mkdir -p var/log var/demo 2>/dev/null && touch "$log" var/setup.lock 2>/dev/null ||
        fail "$PWD/var cannot be written: put the repository into a folder of your own, on a disk with free space, and run this again."
    if command -v flock >/dev/null; then
        exec 9>var/setup.lock
        flock -n 9 || { say "waiting for another set-up in this folder to end"; flock 9; }
    fi
}

# Prints "3.13.0 good", or "old" or "no-venv" in place of "good".
probe='
import sys
from importlib.util import find_spec
state = "old" if sys.version_info < (3, 12) else "good" if find_spec("venv") and find_spec("ensurepip") else "no-venv"
print("%d.%d.%d" % sys.version_info[:3], state)
'

# Sets $python and $version. A name on the PATH proves nothing (a pyenv shim may stand for no Python), so each one is run.
find_python() {
    if [ -n "${PYTHON:-}" ]; then
        set -- "$PYTHON"
    else
        set -- python3 python3.14 python3.13 python3.12 "${PYENV_ROOT:-${HOME:-}/.pyenv}"/versions/3.1[2-9]*/bin/python3
    fi
    found='' found_without_venv=''
    for python in "$@"; do
        answer=$("$python" -c "$probe" 2>/dev/null) || continue
        version=${answer% *}
        case $answer in
        *' good') return ;;
        *' no-venv') found_without_venv=${found_without_venv:-$version} ;;
        esac
        found="$found${found:+, }$version ($python)"
    done
    [ -z "$found_without_venv" ] ||
        fail "Python $found_without_venv cannot make virtual environments here, because its module ensurepip is missing:" \
            "as root run \`apt-get install python${found_without_venv%.*}-venv\`, or name another Python: make run PYTHON=/path/to/python3."
    fail "Python 3.12 or newer is needed, but found ${found:-none}${PYTHON:+ by PYTHON=$PYTHON}: get one without root" \
        "by \`uv python install 3.13\` or \`pyenv install 3.13\`, or name one that you have: make run PYTHON=/path/to/python3."
}

free_mb() {
    df -Pk . | awk 'NR == 2 { print int($4 / 1024) }'
}

# A full disk is better said before the download than after it.
need_space() {
    free=$(free_mb)
    [ "$free" -ge "$1" ] ||
        fail "the disk is too full: $free MB are free in $PWD and $1 MB are needed; free some space and run this again."
}

# Runs pip, its output in the log. What goes wrong for most people gets a sentence; the rest shows its last lines.
pip() {
    environment=$1
    shift
    note_log_position
    PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1 PIP_USER=0 \
        "$environment/bin/python" -m pip "$@" >>"$log" 2>&1 || explain_failure
}

note_log_position() {
    start=$(($(wc -c <"$log") + 1))
}

# On a full disk the log may lack the very line that says so.
explain_failure() {
    if [ "$(free_mb)" -lt 20 ] || failure_says 'no space left|errno 28|disk quota|errno 122'; then
        fail "the disk became full during the installation (here, in ${TMPDIR:-/tmp}, or in pip's cache): free 2 GB and run this again."
    fi
    if failure_says "$no_network"; then
        fail "the package index does not answer, and the first run needs it: check the network (or pip's index and proxy settings)" \
            "and run this again; details are in $log."
    fi
    tail -c "+$start" "$log" | tail -n 15 >&2
    fail "the installation failed; the lines above are the end of $log."
}

no_network='NewConnectionError|NameResolutionError|ProxyError|ConnectTimeout|name resolution|failed to fetch|unreachable'
no_network="$no_network|timed out|connection (refused|reset|broken|aborted)"

failure_says() {
    tail -c "+$start" "$log" | grep -qiE "$1"
}

# is_installed ENVIRONMENT LOCK…: the stamp has a line for each of these files, exactly as they are now.
is_installed() {
    environment=$1
    shift
    [ -x "$environment/bin/python" ] && [ -f "$environment/installed" ] || return 1
    for lock in "$@"; do
        grep -qxF "$(cksum "$lock")" "$environment/installed" || return 1
    done
}

# install ENVIRONMENT LOCK…: the stamp is away while pip works, so an environment without one was never finished and is made anew.
install() {
    environment=$1
    shift
    if [ -x "$environment/bin/python" ] && [ -f "$environment/installed" ]; then
        mv "$environment/installed" "$environment/installing"
    else
        make_environment
    fi
    for lock in "$@"; do
        say "installing $lock into $environment"
        pip "$environment" install --require-hashes --progress-bar off -r "$lock"
    done
    pip "$environment" check
    # One line a lock, the newest wins: `make test` and `make run` share an environment.
    { cat "$environment/installing"; cksum "$@"; } |
        awk '{ line[$3] = $0 } END { for (lock in line) print line[lock] }' >"$environment/installed.new"
    mv "$environment/installed.new" "$environment/installed"
    rm "$environment/installing"
}

make_environment() {
    find_python
    say "making $environment with Python $version ($python)${first_time:+; $first_time}"
    first_time=''
    note_log_position
    "$python" -m venv --clear "$environment" >>"$log" 2>&1 || explain_failure
    : >"$environment/installing"
}
