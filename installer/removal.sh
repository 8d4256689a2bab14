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

# remove FOLDER…: with all in it; where a partition is mounted, the folder itself has to stay.
remove() {
    for folder; do
        if mountpoint -q "$folder"; then
            do_it find "$folder" -mindepth 1 -delete
        else
            do_it rm -rf "$folder"
        fi
    done
}

remove_files() {
    do_it rm -f "$UNITS/kiosk.service" "$UNITS/kiosk-room.service" "$COMMAND" \
        "$TMPFILES/kiosk.conf" "$AVAHI/kiosk.service"
    remove "$RELEASES" "$CACHE"
    do_it systemctl daemon-reload
}

# The user stays as long as there are files of its own.
remove_data() {
    remove "$STATE" "$STATE.new" "$BEFORE_UPDATE" "$BEFORE_SWITCH" "$ASIDE" \
        /etc/systemd/system/kiosk.service.d /etc/systemd/system/kiosk-room.service.d
    for user in kiosk kiosk-room; do
        getent passwd "$user" >/dev/null || continue
        # Who had a session on the screen has some processes left, and could not be removed.
        do_it systemctl stop "user-$(id -u "$user").slice"
        do_it userdel "$user"
    done
    do_it rm -f "$SYSUSERS/kiosk.conf" "$SYSUSERS/kiosk-room.conf"
}
