# Sourced by the commands beside it: the virtual environment, made and refreshed when the locked requirements change.

home=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
venv="$home/.venv"

# environment LOCK: instant when nothing changed; `dev` satisfies `base`, since it holds all of it.
environment() {
    local lock=$1 wanted held file
    held=$(cat "$venv/.locked" 2>/dev/null || true)
    for file in "$lock" dev; do
        wanted="$file $(sha256sum <"$home/requirements/$file.txt")"
        [ "$held" = "$wanted" ] && [ -x "$venv/bin/python" ] && return 0
    done
    case $held in dev\ *) lock=dev ;; esac
    wanted="$lock $(sha256sum <"$home/requirements/$lock.txt")"
    echo "Installing what Taiga needs; this happens once …" >&2
    (
        flock 9
        [ "$(cat "$venv/.locked" 2>/dev/null || true)" = "$wanted" ] || install "$lock" "$wanted"
    ) 9<"$home/bin/common.sh"
}

install() {
    local lock=$1 wanted=$2 python
    python=$(suitable_python) || exit 1
    if [ ! -x "$venv/bin/python" ] || ! "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
        "$python" -m venv --clear "$venv" >&2 || stop "Python could not make a virtual environment. On Debian and Ubuntu:" \
            "    apt install python3-venv"
    fi
    "$venv/bin/python" -m pip install --quiet --quiet --disable-pip-version-check --no-input --prefer-binary \
        --require-hashes --requirement "$home/requirements/$lock.txt" >&2 ||
        stop "The requirements could not be installed; the lines above say why."
    echo "$wanted" >"$venv/.locked.new"
    mv "$venv/.locked.new" "$venv/.locked"
}

suitable_python() {
    local candidate
    for candidate in "${PYTHON:-python3}" python3.14 python3.13 python3.12 python3.11; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$candidate"
            return
        fi
    done
    stop "Taiga needs Python 3.11 or newer. On Debian and Ubuntu:" "    apt install python3 python3-venv"
}

stop() {
    printf '%s\n' "$@" >&2
    exit 1
}
