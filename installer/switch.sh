# shellcheck shell=sh disable=SC2034,SC2153,SC2154
# From one release to another and back: a symbolic link, and the data as the one before could read them.

# point LINK NAME: changes a link to a release, at once or not at all.
point() {
    ln -sfn "$2" "$RELEASES/.$1.new"
    mv -T "$RELEASES/.$1.new" "$RELEASES/$1"
}

# A power cut after this finds everything that came before on the card.
flush_all() {
    for place in "$RELEASES" "$STATE" "$CACHE" "$(dirname "$UNITS")" "$(dirname "$COMMAND")" /var/lib/dpkg; do
        [ ! -e "$place" ] || do_it sync -f "$place"
    done
}

switch_over() {
    OLD=$(current_name)
    take_up_last_switch
    if [ "$(current_name)" = "$NAME" ] && units_are_those_of "$FOLDER" && is_running; then
        detail 'it runs already, and is left alone'
        [ -z "$TAKEN_UP" ] || UNDO=undo_switch
        return 0
    fi
    UNDO=undo_switch
    stop
    [ -n "$TAKEN_UP" ] || leave_old
    put_units "$FOLDER"
    do_it point current "$NAME"
    flush_all
    start
}

# left_for_current: the release that was left for the current one, as long as nobody has seen that well.
left_for_current() {
    left=$(cat "$COMING_FROM" 2>/dev/null) || return 0
    [ "$left" = "$(current_name)" ] || [ ! -e "$RELEASES/${left:-none}/whole" ] || printf '%s\n' "$left"
}

# take_up_last_switch: one that a power cut has ended. To this version, it is gone on with.
take_up_last_switch() {
    TAKEN_UP=$(left_for_current)
    [ -n "$TAKEN_UP" ] || return 0
    if [ "$(version_of "$OLD")" = "$RELEASE" ]; then
        OLD=$TAKEN_UP
    else
        do_it end_switch
        TAKEN_UP=''
    fi
}

# from_another: whether another version is left; and not the same, which was stopped or damaged.
from_another() { [ -n "$OLD" ] && [ "$(version_of "$OLD")" != "$RELEASE" ]; }

# leave_old: its data are copied, for it may not be able to read what a newer one makes of them.
leave_old() {
    do_it forget_switch
    from_another || return 0
    do_it cp -a "$STATE" "$BEFORE_SWITCH"
    do_it chown root:root "$BEFORE_SWITCH"
    do_it chmod 700 "$BEFORE_SWITCH"
    do_it write_down_old
}

write_down_old() {
    printf '%s\n' "$OLD" >"$COMING_FROM"
    sync -f "$BEFORE_SWITCH" "$COMING_FROM"
}

forget_switch() { rm -rf "$COMING_FROM" "$BEFORE_SWITCH"; }

# end_switch: what was left is now the one to go back to, with the data as it left them.
end_switch() {
    left=$(left_for_current)
    if [ -n "$left" ]; then
        point previous "$left"
        if [ -d "$BEFORE_SWITCH" ]; then
            rm -rf "$BEFORE_UPDATE"
            mv -T "$BEFORE_SWITCH" "$BEFORE_UPDATE"
        fi
    fi
    forget_switch
}

settle() {
    [ -z "$DRY_RUN" ] || return 0
    if ! wait_until_well; then
        why_not_well >&2
        fail "Version $RELEASE does not get well."
    fi
    UNDO=''
    end_switch
    remove_older
    advertise
    sync -f "$RELEASES"
    detail 'it is well'
}

# remove_older: every release but this one and the one before.
remove_older() {
    for folder in "$RELEASES"/*/; do
        name=$(basename "$folder")
        case $name in
            current | previous | "$(current_name)" | "$(previous_name)") ;;
            *) do_it rm -rf "${RELEASES:?}/$name" ;;
        esac
    done
}

# form_of FOLDER: the number of the form that the data there have.
form_of() {
    /usr/bin/python3 -I -c '
import sqlite3, sys
print(sqlite3.connect(f"file:{sys.argv[1]}/kiosk.db?mode=ro", uri=True)
      .execute("PRAGMA user_version").fetchone()[0])
' "$1" 2>/dev/null || echo 0
}

# are_of_another_form COPY: the release that left it could not read the data as they are now.
are_of_another_form() { [ -d "$1" ] && [ "$(form_of "$STATE")" != "$(form_of "$1")" ]; }

# take_back_data COPY: what is there now is put aside, not thrown away.
take_back_data() {
    rm -rf "$ASIDE" "$STATE.new"
    if mountpoint -q "$STATE"; then
        take_back_content "$1"
        return 0
    fi
    cp -a "$1" "$STATE.new"
    chown kiosk:kiosk "$STATE.new"
    chmod 700 "$STATE.new"
    sync -f "$STATE.new"
    mv -T "$STATE" "$ASIDE"
    mv -T "$STATE.new" "$STATE"
    chown root:root "$ASIDE"
    chmod 700 "$ASIDE"
}

# take_back_content COPY: a folder that a partition is mounted on has to stay where it is.
take_back_content() {
    cp -a "$STATE" "$ASIDE"
    chown root:root "$ASIDE"
    chmod 700 "$ASIDE"
    sync -f "$ASIDE"
    find "$STATE" -mindepth 1 -delete
    cp -a "$1/." "$STATE"
    chown kiosk:kiosk "$STATE"
    chmod 700 "$STATE"
}

# undo_switch: after a switch that did not come to a good end.
undo_switch() {
    UNDO=''
    [ -z "$DRY_RUN" ] || return 0
    if [ "$OLD" = "$NAME" ]; then
        start
        say 'It is the version that was here before, and goes on trying to start.' >&2
        return 0
    fi
    stop
    if [ -z "$OLD" ]; then
        rm -f "$RELEASES/current"
        say 'There is no version before it to go back to; mend what it says above and try again.' >&2
        return 0
    fi
    # Before the new one was current it has changed nothing, and the copy may not be whole.
    copy=''
    [ -z "$(left_for_current)" ] || copy=$BEFORE_SWITCH
    go_back_to "$OLD" "$copy"
    forget_switch
    if wait_until_well; then
        say "Version $(version_of "$OLD") is back and runs as before." >&2
    else
        why_not_well >&2
        say "Version $(version_of "$OLD") is back, but does not get well either; see above." >&2
    fi
}

# go_back_to NAME COPY: to that release; with the data it left, where it cannot read the present ones.
go_back_to() {
    if are_of_another_form "$2"; then
        take_back_data "$2"
        say "Its data are those of before the update; the others are in $ASIDE." >&2
    fi
    put_units "$RELEASES/$1"
    point current "$1"
    flush_all
    start
}

roll_back_by_hand() {
    newer=$(current_name)
    # Where an update was cut off, the one that it was leaving.
    undone=$(left_for_current)
    older=${undone:-$(previous_name)}
    copy=$BEFORE_UPDATE
    [ -z "$undone" ] || copy=$BEFORE_SWITCH
    [ -e "$RELEASES/${older:-none}/whole" ] || fail 'There is no version before this one to go back to.'
    newer=$(version_of "$newer")
    if [ -n "$DRY_RUN" ]; then
        say "Would go back from version $newer to $(version_of "$older")."
        return 0
    fi
    question="Go back from version $newer to $(version_of "$older")?"
    if are_of_another_form "$copy"; then
        question="$question It cannot read the present data: it gets those of before the update, of \
$(date -r "$copy/kiosk.db" '+%F %H:%M'); what was done since is put aside."
    fi
    ask "$question" || { say 'Nothing was changed.'; return 0; }
    say "Going back to version $(version_of "$older")…"
    [ -n "$undone" ] || forget_switch
    UNDO=start
    stop
    go_back_to "$older" "$copy"
    UNDO=''
    forget_switch
    if wait_until_well; then
        [ -n "$undone" ] || rm -f "$RELEASES/previous"
        say "Version $(version_of "$older") is well. To have $newer again, run its install.sh."
        return 0
    fi
    why_not_well >&2
    fail "Version $(version_of "$older") does not get well. Run the install.sh of the version you want."
}
