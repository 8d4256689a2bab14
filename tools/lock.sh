#!/bin/sh
# Pins the requirements of pyproject.toml, with hashes, for Linux on every kind of processor.
#
# usage: tools/lock.sh UV [--upgrade]
#
# Pins that still fit are kept, unless --upgrade is given.
set -eu
uv=$1
shift

if ! command -v "$uv" >/dev/null; then
    echo 'There is no uv. Install it ("pip install uv"), or say where it is: make lock UV=…' >&2
    exit 1
fi

# lock NAME WHAT-FOR ARGUMENT…
lock() {
    file=requirements/$1.txt
    purpose=$2
    shift 2
    "$uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes \
        --no-header --no-annotate --output-file "$file" "$@" >/dev/null
    {
        echo "# $purpose"
        echo "# Made by 'make lock' from pyproject.toml; change it there."
        cat "$file"
    } >"$file.new"
    mv "$file.new" "$file"
}

lock runtime 'What the kiosk needs to run.' pyproject.toml "$@"
lock build 'What installing or packaging the kiosk itself needs.' --group build "$@"
lock dev 'What tests and checks need, on top of all the rest.' pyproject.toml --group dev \
    --constraint requirements/runtime.txt --constraint requirements/build.txt "$@"
