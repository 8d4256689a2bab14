# shellcheck shell=sh disable=SC2034,SC2154
# How the installer talks: numbered steps, what went wrong, and what it means for the kiosk.

# Nowhere, until it is sure that this installer may write to the log of the last one.
LOG=/dev/null
STEP=0
STEPS=0
TOLD=''
# What is to be done when the installer ends before its time; set while there is anything.
UNDO=''

say() { printf '%s\n' "$*"; }
detail() { say "      $*"; }

# step WHAT FUNCTION: says what is done, and does it.
step() {
    STEP=$((STEP + 1))
    say "[$STEP/$STEPS] $1…"
    note "== $1"
    "$2"
}

# fail SENTENCE…: tells what is wrong and what to do about it, and ends.
fail() {
    TOLD=yes
    for sentence in "$@"; do
        printf '%s\n' "$sentence" >&2
    done
    note "failed: $*"
    exit 1
}

begin_log() {
    [ -z "$DRY_RUN" ] || return 0
    # In a shell of its own, which alone ends where that is not possible.
    if (: >"$LOG_FILE") 2>/dev/null; then LOG=$LOG_FILE; fi
}

note() { printf '%s\n' "$*" >>"$LOG"; }

# do_it COMMAND…: runs it, or in a dry run only names it.
do_it() {
    note "+ $*"
    if [ -n "$DRY_RUN" ]; then
        detail "would run: $*"
    else
        "$@"
    fi
}

# quietly SENTENCE COMMAND…: runs it into the log; where it fails, shows the log's end and SENTENCE.
quietly() {
    sentence=$1
    shift
    note "+ $*"
    if [ -n "$DRY_RUN" ]; then
        detail "would run: $*"
    elif ! "$@" >>"$LOG" 2>&1 </dev/null; then
        tail -n 15 "$LOG" >&2
        fail "$sentence" "All of what was said is in $LOG."
    fi
}

# ask QUESTION: whether a person says yes; so does --yes. Nobody there: no.
ask() {
    [ -z "$YES" ] || return 0
    [ -t 0 ] || fail "$1" 'Nobody is there to answer; say --yes to do it without being asked.'
    printf '%s [y/N] ' "$1"
    read -r answer || answer=''
    case $answer in
        y | Y | yes | Yes) return 0 ;;
        *) return 1 ;;
    esac
}

# ended CODE: the last thing that is called, however the installer ends.
ended() {
    trap - EXIT
    trap '' HUP INT TERM
    [ "$1" -ne 0 ] || exit 0
    [ -n "$TOLD" ] || say "This step was not finished; $LOG has more." >&2
    if [ -n "$UNDO" ]; then
        $UNDO
    elif [ "$ACTION" = install ] && is_running; then
        say "The kiosk that was here before goes on as it was: version $(version_of "$(current_name)")." >&2
    fi
    exit "$1"
}
