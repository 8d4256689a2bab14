#!/bin/sh
# Makes this machine an exercise kiosk, or brings the one that it is up to date.
#
# Each step looks first whether there is anything to do; so it may be called again at any time, and goes
# on where it was cut off. Up to the switch, the kiosk that runs is left alone. After it, a new one that
# does not get well is taken back by itself.
set -eu

HERE=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)

usage() {
    cat <<'TEXT'
usage: sudo ./install.sh [--room] [--offline DIR] [--dry-run]
       sudo ./install.sh --rollback [--yes]
       sudo ./install.sh --uninstall [--purge] [--yes]

Makes this machine an exercise kiosk. The same command of a newer release is the update.

  --room         show the page Room on the attached screen, too
  --offline DIR  use no network: take the Python packages from DIR (and .deb files, if it has any)
  --dry-run      look, and tell what would be done; change nothing
  --rollback     go back to the version before the last update
  --uninstall    remove the kiosk; its data stay, unless there is --purge, too
  --purge        with --uninstall: remove its data, backups and user, too
  --yes          do not ask
TEXT
}

ACTION=install OFFLINE='' DRY_RUN='' ROOM='' PURGE='' YES=''
while [ $# -gt 0 ]; do
    case $1 in
        --room) ROOM=yes ;;
        --offline)
            [ $# -gt 1 ] || { usage >&2; exit 2; }
            shift
            OFFLINE=$(CDPATH='' cd -- "$1" 2>/dev/null && pwd) || {
                echo "There is no folder $1 to take packages from." >&2
                exit 2
            }
            ;;
        --dry-run) DRY_RUN=yes ;;
        --rollback) ACTION=rollback ;;
        --uninstall) ACTION=uninstall ;;
        --purge) PURGE=yes ;;
        --yes) YES=yes ;;
        --help | -h) usage; exit 0 ;;
        *) usage >&2; exit 2 ;;
    esac
    shift
done
if [ -n "$PURGE" ] && [ $ACTION != uninstall ]; then
    usage >&2
    exit 2
fi

# shellcheck source-path=SCRIPTDIR
. "$HERE/installer/talking.sh"
# shellcheck source-path=SCRIPTDIR
. "$HERE/installer/places.sh"
# shellcheck source-path=SCRIPTDIR
. "$HERE/installer/checks.sh"
# shellcheck source-path=SCRIPTDIR
. "$HERE/installer/release.sh"
# shellcheck source-path=SCRIPTDIR
. "$HERE/installer/service.sh"
# shellcheck source-path=SCRIPTDIR
. "$HERE/installer/switch.sh"
# shellcheck source-path=SCRIPTDIR
. "$HERE/installer/removal.sh"

install_kiosk() {
    find_release
    STEPS=9
    step 'Looking at this machine' check_machine
    step 'System packages' install_packages
    step 'User and folders' make_user_and_folders
    step "The kiosk, version $RELEASE" make_release
    step 'Trying it out' try_release
    step 'The voice' render_voice
    step 'Writing everything to the card' flush_all
    step 'Switching over' switch_over
    step 'Waiting until it is well' settle
    tell_what_is_next
}

only_root
only_one
trap 'ended $?' EXIT
trap 'exit 130' HUP INT TERM
begin_log
umask 022

case $ACTION in
    install) install_kiosk ;;
    rollback) roll_back_by_hand ;;
    uninstall) uninstall ;;
esac
