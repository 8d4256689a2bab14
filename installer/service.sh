# shellcheck shell=sh disable=SC2154
# The service: its units, whether it is well, and where its pages are.

PATIENCE=${KIOSK_INSTALL_PATIENCE:-180}

# units_and_places: what a release has in its folder systemd, where that goes, and with which rights.
units_and_places() {
    echo "kiosk.service $UNITS/kiosk.service 644"
    echo "kiosk.sysusers $SYSUSERS/kiosk.conf 644"
    echo "kiosk.tmpfiles $TMPFILES/kiosk.conf 644"
    echo "kiosk-command $COMMAND 755"
    if [ -n "$ROOM" ] || [ -e "$UNITS/kiosk-room.service" ]; then
        echo "kiosk-room.service $UNITS/kiosk-room.service 644"
        echo "kiosk-room.sysusers $SYSUSERS/kiosk-room.conf 644"
    fi
}

# put_units FOLDER: the units of the release in that folder, and the command.
put_units() {
    units_and_places | while read -r unit place mode; do
        put "$1/systemd/$unit" "$place" "$mode"
    done
    do_it systemctl daemon-reload
}

# units_are_those_of FOLDER: nothing would be changed by put_units.
units_are_those_of() {
    units_and_places | while read -r unit place mode; do
        cmp -s "$1/systemd/$unit" "$place" || exit 1
    done
}

start() {
    do_it systemctl --quiet enable kiosk.service
    [ ! -e "$UNITS/kiosk-room.service" ] || do_it systemctl --quiet enable kiosk-room.service
    do_it systemctl reset-failed kiosk.service 2>/dev/null || true
    # Not waited for here: whether it gets well is looked at below, with more patience and more to say.
    do_it systemctl start --no-block kiosk.service
    [ ! -e "$UNITS/kiosk-room.service" ] || do_it systemctl start --no-block kiosk-room.service
}

stop() {
    do_it systemctl stop kiosk.service 2>/dev/null || true
}

property() { systemctl show --value --property="$1" kiosk.service; }

# addresses: of the pages, as the kiosk itself tells systemd.
addresses() { property StatusText | tr ' ' '\n' | grep '^http' || true; }

# page_port: the one the pages listen on; an address without one means 80.
page_port() {
    port=$(addresses | tail -n 1 | sed -n 's#^http://.*:\([0-9]*\)/$#\1#p')
    echo "${port:-80}"
}

# advertise: tells the network where the pages are.
advertise() {
    [ -d "$(dirname "$AVAHI")" ] || return 0
    sed "s#<port>.*</port>#<port>$(page_port)</port>#" "$FOLDER/systemd/kiosk.avahi" >"$FOLDER/.avahi"
    put "$FOLDER/.avahi" "$AVAHI/kiosk.service"
    rm -f "$FOLDER/.avahi"
}

# answer: what the pages say of the kiosk's health; nothing while there is no answer.
answer() {
    for address in "http://127.0.0.1:$(page_port)/" $(addresses); do
        "$RELEASES/current/venv/bin/python" -I -c '
import sys, urllib.request
print(urllib.request.urlopen(sys.argv[1] + "healthz", timeout=5).read().decode())
' "$address" 2>/dev/null && return 0
    done
    return 0
}

# wait_until_well: whether the service runs and its pages answer, within $PATIENCE seconds.
wait_until_well() {
    begun=$(date +%s)
    restarts=$(property NRestarts)
    while [ $(($(date +%s) - begun)) -lt "$PATIENCE" ]; do
        # Twice in a row is no chance.
        [ "$(property NRestarts)" -lt $((restarts + 2)) ] || return 1
        if is_running && [ -n "$(addresses)" ] && [ -n "$(answer)" ]; then
            return 0
        fi
        sleep 1
    done
    return 1
}

# why_not_well: the last things that the kiosk said.
why_not_well() {
    say 'This is what it said last:'
    journalctl --quiet --no-pager --output=cat --unit=kiosk.service --lines=15 || true
}

# tell_what_is_not_well: of all that can be looked at without a sound or a press.
tell_what_is_not_well() {
    not_well=$("$COMMAND" doctor --quiet 2>>"$LOG" </dev/null | grep -E '^(bad|warn) ') || return 0
    say 'Look at this soon; kiosk doctor says it again, and tries speaker and button, too:'
    printf '%s\n\n' "$not_well" | sed 's/^./    &/'
}

tell_what_is_next() {
    [ -z "$DRY_RUN" ] || { say 'Nothing was changed.'; return 0; }
    first=$(addresses | head -n 1)
    say ''
    say "The kiosk is ready: version $RELEASE."
    say ''
    tell_what_is_not_well
    say 'Its pages are at:'
    addresses | sed 's/^/    /'
    # The address made of numbers: not every telephone knows .local names.
    "$RELEASES/current/venv/bin/segno" --compact --border 2 "$(addresses | tail -n 1)" 2>/dev/null || true
    say ''
    say 'What to do next:'
    say "  1. Open $first on a telephone in the same network, or scan the code above."
    say "  2. Follow the set-up there. It asks you to press the kiosk's button once."
    say '  3. Press the button to begin the first session.'
    say 'Pull the plug whenever you like: the kiosk starts by itself.'
}
