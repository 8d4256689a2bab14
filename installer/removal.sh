# shellcheck shell=sh disable=SC2034,SC2154
# Taking everything away again.

uninstall() {
    question='Remove the kiosk from this machine?'
    if [ -n "$PURGE" ]; then
        question="$question ALL it remembers goes with it: sessions, plan, own programs, backups."
    else
        question="$question Its data stay in $STATE."
    fi
    [ -n "$DRY_RUN" ] || ask "$question" || { say 'Nothing was changed.'; return 0; }
    STEPS=2
    [ -z "$PURGE" ] || STEPS=3
    step 'Ending the kiosk' end_service
    step 'Removing its files' remove_files
    [ -z "$PURGE" ] || step 'Removing its data and its user' remove_data
    sync
    say 'The kiosk is removed. System packages were left as they are.'
    [ -n "$PURGE" ] || say "Its data are in $STATE: a new installation finds them there."
}

end_service() {
    for unit in kiosk-room.service kiosk.service; do
        [ ! -e "$UNITS/$unit" ] || do_it systemctl --quiet disable --now "$unit"
    done
}

remove_files() {
    do_it rm -f "$UNITS/kiosk.service" "$UNITS/kiosk-room.service" "$COMMAND" \
        "$TMPFILES/kiosk.conf" "$AVAHI/kiosk.service"
    do_it rm -rf "$RELEASES" "$CACHE"
    do_it systemctl daemon-reload
}

# The user stays as long as there are files of its own.
remove_data() {
    do_it rm -rf "$STATE" "$BEFORE_UPDATE" "$ASIDE" /etc/systemd/system/kiosk.service.d
    for user in kiosk kiosk-room; do
        ! getent passwd "$user" >/dev/null || do_it userdel "$user"
    done
    do_it rm -f "$SYSUSERS/kiosk.conf" "$SYSUSERS/kiosk-room.conf"
}
