#!/bin/sh
# Makes a virtual environment, over whatever half of one may be there.
#
# usage: tools/make-venv.sh PYTHON FOLDER [FLAG…]
#
# FLAGs go to `python -m venv`. Exits 1, saying what to do, where PYTHON is missing or too old.
set -eu
python=$1
folder=$2
shift 2

if ! command -v "$python" >/dev/null; then
    echo "There is no $python. The kiosk needs Python 3.11 or later; name one: make PYTHON=…" >&2
    exit 1
fi
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    echo "The kiosk needs Python 3.11 or later; $python is $("$python" --version 2>&1)." >&2
    echo 'Name another: make PYTHON=python3.11' >&2
    exit 1
fi
# Debian keeps what venv needs of pip in a package of its own.
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    "$(dirname "$0")/system-packages.sh" "python$version-venv"
    if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        echo "$python has no modules venv and ensurepip; install them, or name another Python:" >&2
        echo '    make PYTHON=…' >&2
        exit 1
    fi
fi

echo "Making the virtual environment $folder with $("$python" --version)…"
"$python" -m venv --clear "$@" "$folder"
