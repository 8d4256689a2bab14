#!/bin/sh
# Makes sure that the Debian packages named as arguments are installed.
#
# usage: tools/system-packages.sh PACKAGE…
#
# Installs what is missing through apt, as root or by a sudo that asks for no password; where
# neither is to be had, names what is missing and exits 1. Never removes a package.
set -eu

if ! command -v dpkg-query >/dev/null; then
    echo "This system has no dpkg; install by hand what these Debian packages hold: $*" >&2
    exit 0
fi

missing=
for package in "$@"; do
    # shellcheck disable=SC2016 # ${…} is dpkg-query's own
    status=$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null) || true
    [ "$status" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

give_up() {
    echo "These system packages are needed:$missing" >&2
    echo "$1 Install them, then try again:" >&2
    echo "    sudo apt-get install --no-install-recommends$missing" >&2
    exit 1
}

if [ "$(id -u)" -eq 0 ]; then
    as_root=
elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
    as_root='sudo -n'
else
    give_up 'Installing them takes root, or a sudo that asks for no password.'
fi

# shellcheck disable=SC2086 # both are lists of words
apt_get() {
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 "$@" </dev/null
}

echo "Installing system packages:$missing"
apt_get update || echo 'The list of packages could not be renewed; trying with the old one.' >&2
# --no-remove: a desktop's sound server must not give way to the one that the tests start.
# shellcheck disable=SC2086 # a list of words
apt_get install --yes --no-remove --no-install-recommends $missing ||
    give_up 'They could not be installed; apt says why above.'
