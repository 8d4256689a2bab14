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
    if [ "$OLD" = "$RELEASE" ] && units_are_those_of "$FOLDER" && is_running; then
        detail 'it runs already, and is left alone'
        return 0
    fi
    stop
    UNDO=undo_switch
    keep_data
    put_units "$FOLDER"
    do_it point current "$RELEASE"
    flush_all
    start
}

settle() {
    [ -z "$DRY_RUN" ] || return 0
    if ! wait_until_well; then
        why_not_well >&2
        fail "Version $RELEASE does not get well."
    fi
    UNDO=''
    if [ -n "$OLD" ] && [ "$OLD" != "$RELEASE" ] && [ "$OLD" != "$RELEASE.damaged" ]; then
        point previous "$OLD"
    fi
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

# keep_data: a copy of the data, for the release that is left; it may not be able to read what a newer
# one makes of them.
keep_data() {
    [ -n "$OLD" ] || return 0
    do_it rm -rf "$BEFORE_UPDATE"
    do_it cp -a "$STATE" "$BEFORE_UPDATE.new"
    do_it chown root:root "$BEFORE_UPDATE.new"
    do_it chmod 700 "$BEFORE_UPDATE.new"
    do_it mv -T "$BEFORE_UPDATE.new" "$BEFORE_UPDATE"
}

# form_of FOLDER: the number of the form that the data there have.
form_of() {
    /usr/bin/python3 -I -c '
import sqlite3, sys
print(sqlite3.connect(f"file:{sys.argv[1]}/kiosk.db?mode=ro", uri=True)
      .execute("PRAGMA user_version").fetchone()[0])
' "$1" 2>/dev/null || echo 0
}

# data_have_changed_form: the release before the last update could not read the data as they are now.
data_have_changed_form() {
    [ -d "$BEFORE_UPDATE" ] && [ "$(form_of "$STATE")" != "$(form_of "$BEFORE_UPDATE")" ]
}

# take_back_data: what is there now is put aside, not thrown away.
take_back_data() {
    rm -rf "$ASIDE"
    if mountpoint -q "$STATE"; then
        take_back_content
        return 0
    fi
    cp -a "$BEFORE_UPDATE" "$STATE.new"
    chown kiosk:kiosk "$STATE.new"
    chmod 700 "$STATE.new"
    mv -T "$STATE" "$ASIDE"
    mv -T "$STATE.new" "$STATE"
    chown root:root "$ASIDE"
    chmod 700 "$ASIDE"
}

# take_back_content: a folder that a partition is mounted on has to stay where it is.
take_back_content() {
    cp -a "$STATE" "$ASIDE"
    chown root:root "$ASIDE"
    chmod 700 "$ASIDE"
    sync -f "$ASIDE"
    find "$STATE" -mindepth 1 -delete
    cp -a "$BEFORE_UPDATE/." "$STATE"
    chown kiosk:kiosk "$STATE"
    chmod 700 "$STATE"
}

# undo_switch: after a switch that did not come to a good end.
undo_switch() {
    UNDO=''
    [ -z "$DRY_RUN" ] || return 0
    stop
    if [ -z "$OLD" ] || [ "$OLD" = "$RELEASE" ]; then
        [ -n "$OLD" ] || rm -f "$RELEASES/current"
        say 'There is no version before it to go back to; mend what it says above and try again.' >&2
        return 0
    fi
    go_back_to "$OLD"
    if wait_until_well; then
        say "Version $OLD is back and runs as before." >&2
    else
        why_not_well >&2
        say "Version $OLD is back, but does not get well either; see above." >&2
    fi
}

# go_back_to NAME: with the data it can read.
go_back_to() {
    if data_have_changed_form; then
        take_back_data
        say "Its data are those of before the update; the others are in $ASIDE." >&2
    fi
    put_units "$RELEASES/$1"
    point current "$1"
    flush_all
    start
}

roll_back_by_hand() {
    STEPS=1
    STEP=1
    newer=$(current_name)
    older=$(previous_name)
    [ -e "$RELEASES/${older:-none}/whole" ] || fail 'There is no version before this one to go back to.'
    if [ -n "$DRY_RUN" ]; then
        say "Would go back from version $newer to $older."
        return 0
    fi
    question="Go back from version $newer to $older?"
    if data_have_changed_form; then
        question="$question It cannot read the present data: it gets those of before the update, of \
$(date -r "$BEFORE_UPDATE/kiosk.db" '+%F %H:%M'); what was done since is put aside."
    fi
    ask "$question" || { say 'Nothing was changed.'; return 0; }
    say "Going back to version $older…"
    stop
    go_back_to "$older"
    if wait_until_well; then
        rm -f "$RELEASES/previous"
        RELEASE=$older
        say "Version $older is well. To have $newer again, run its install.sh."
        return 0
    fi
    why_not_well >&2
    fail "Version $older does not get well. Run the install.sh of the version you want."
}
