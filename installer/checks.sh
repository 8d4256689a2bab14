# shellcheck shell=sh disable=SC2154
# What has to be so before anything is changed.

NEEDED_MB=500
NEEDED_FOR_DATA_MB=100

only_root() {
    [ "$(id -u)" -eq 0 ] || fail 'This has to be done as root:' "    sudo $0"
}

# Two installers at once would take each other's files away.
only_one() {
    exec 9>"$LOCK"
    flock --nonblock 9 || fail 'Another installer is at work. Let it finish, then try again.'
}

check_machine() {
    check_system
    check_clock
    check_folder "$RELEASES" $NEEDED_MB
    check_folder "$STATE" $NEEDED_FOR_DATA_MB
    check_folder "$CACHE" $NEEDED_FOR_DATA_MB
    check_folder "$UNITS" 1
    detail "$SYSTEM, $(dpkg --print-architecture), enough room on the card"
}

check_system() {
    [ -d /run/systemd/system ] || fail 'This system was not started by systemd, which keeps the kiosk running.'
    # shellcheck disable=SC1091
    SYSTEM=$(. /etc/os-release && printf '%s' "${PRETTY_NAME:-$ID}")
    # shellcheck disable=SC1091
    case $(. /etc/os-release && printf '%s' "${ID:-} ${VERSION_CODENAME:-}") in
        'debian bookworm' | 'debian trixie' | 'raspbian bookworm' | 'raspbian trixie') ;;
        *) fail "This is $SYSTEM. The kiosk is made for Raspberry Pi OS or Debian, bookworm or trixie." ;;
    esac
    case $(dpkg --print-architecture) in
        arm64 | amd64) ;;
        *) fail 'This system is not a 64-bit one. Write the 64-bit Raspberry Pi OS to the card.' ;;
    esac
}

# Certificates are not valid yet in 1970.
check_clock() {
    [ -n "$OFFLINE" ] || [ "$(date +%Y)" -ge 2025 ] ||
        fail "The clock says $(date +%F). Connect the network and wait a minute until it is set."
}

# check_folder FOLDER MB: there is so much room, it can be written to, and what is written stays.
check_folder() {
    there=$1
    while [ ! -d "$there" ]; do there=$(dirname "$there"); done
    kind=$(stat --file-system --format=%T "$there")
    case $kind in
        tmpfs | ramfs | overlayfs)
            fail "What is written to $there is gone at the next start ($kind)." \
                'Switch the overlay file system off (sudo raspi-config, Performance), restart, try again.'
            ;;
    esac
    free=$(df -Pk "$there" | awk 'NR == 2 { print int($4 / 1024) }')
    [ "$free" -ge "$2" ] || fail "There are $free MB free in $there; $2 are needed. Make room, or use a larger card."
    [ -n "$DRY_RUN" ] || try_to_write "$there/.kiosk-install.$$"
}

try_to_write() {
    if ! { printf 'kiosk\n' >"$1" && sync "$1"; } 2>>"$LOG"; then
        rm -f "$1" 2>/dev/null || true
        fail "Nothing can be written to $(dirname "$1")." \
            'The card may be worn out or set to read-only; dmesg tells. A worn card has to be replaced.'
    fi
    rm -f "$1"
}
