# shellcheck shell=sh disable=SC2034
# Where everything of the kiosk lies on this machine, and who may read it.

RELEASES=/opt/kiosk
STATE=/var/lib/kiosk
CACHE=/var/cache/kiosk
# The data as the previous release left them; for root alone. While a switch is under way, those of the
# one that is being left lie beside them.
BEFORE_UPDATE=/var/lib/kiosk-before-update
BEFORE_SWITCH=/var/lib/kiosk-before-update.new
ASIDE=/var/lib/kiosk-put-aside
# Which release is being left, from before the switch until the new one is well.
COMING_FROM=$RELEASES/coming-from

UNITS=/usr/local/lib/systemd/system
SYSUSERS=/usr/local/lib/sysusers.d
TMPFILES=/usr/local/lib/tmpfiles.d
AVAHI=/etc/avahi/services
COMMAND=/usr/local/bin/kiosk
LOCK=/run/kiosk-install.lock
LOG_FILE=/var/log/kiosk-install.log

# current_name, previous_name: the releases' names; nothing where there is none.
current_name() { readlink "$RELEASES/current" 2>/dev/null || true; }
previous_name() { readlink "$RELEASES/previous" 2>/dev/null || true; }

# version_of NAME: a release that was made anew beside a damaged one has the same.
version_of() { printf '%s\n' "${1%.again}"; }

is_running() { systemctl --quiet is-active kiosk.service; }

# as_kiosk COMMAND…: runs it as the kiosk's user, on the kiosk's folders, with nothing of ours around.
as_kiosk() {
    (cd / && exec setpriv --reuid=kiosk --regid=kiosk --init-groups --no-new-privs env -i \
        PATH=/usr/local/bin:/usr/bin:/bin HOME="$STATE" LANG=C.UTF-8 TERM="${TERM:-dumb}" \
        STATE_DIRECTORY="$STATE" CACHE_DIRECTORY="$CACHE" "$@")
}

# put FILE PLACE [MODE]: copies it where it is not there yet as it is.
put() {
    cmp -s "$1" "$2" && return 0
    do_it install -D -m "${3:-644}" "$1" "$2"
}
