# shellcheck shell=sh disable=SC2034,SC2153,SC2154
# A release of the kiosk in a folder of its own: virtual environment, units, and the sign that it is whole.
# Its name is the version; or the version and .again where that name belongs to a damaged one that runs.
#
# $RELEASES/<name>/venv        the virtual environment
# $RELEASES/<name>/systemd     the units that go with it
# $RELEASES/<name>/files       the hash of each file: a card that wears out loses some, or fills them with zeros
# $RELEASES/<name>/whole       what it was made of; written last, when all the rest is on the card

# find_release: what there is to be installed. A wheel beside us is a release; otherwise this is a
# checkout, of which there may be many of one version.
find_release() {
    WHEEL=$(find "$HERE" -maxdepth 1 -name 'exercise_kiosk-*.whl' | sort | tail -n 1)
    MADE_OF=$(fingerprint)
    if [ -n "$WHEEL" ]; then
        RELEASE=$(basename "$WHEEL" | cut -d- -f2)
    else
        version=$(sed -n 's/^__version__ = "\(.*\)"$/\1/p' "$HERE/kiosk/__init__.py")
        RELEASE=$version+$(printf '%s' "$MADE_OF" | cut -c1-8)
    fi
    use "$RELEASE"
}

# use NAME: the folder that the release has, or is to have.
use() {
    NAME=$1
    FOLDER=$RELEASES/$1
}

# fingerprint: changes with every file that an installation depends on.
fingerprint() {
    (
        cd "$HERE" || exit
        for name in exercise_kiosk-*.whl kiosk web programs pyproject.toml requirements systemd; do
            [ -e "$name" ] || continue
            find "$name" -type f ! -name '*.pyc' -exec sha256sum {} +
        done | LC_ALL=C sort
        python_version
    ) | sha256sum | cut -d' ' -f1
}

# The system's Python: after an upgrade of the system the virtual environment has to be made anew.
python_version() { /usr/bin/python3 --version 2>/dev/null | cut -d. -f1,2 || true; }

install_packages() {
    wanted='espeak-ng libportaudio2 alsa-utils python3-venv avahi-daemon'
    ! is_raspberry_pi || wanted="$wanted python3-lgpio"
    # Debian's cage does not start where there is no xwayland.
    [ -z "$ROOM" ] || wanted="$wanted cage xwayland chromium libpam-systemd"
    missing=''
    for package in $wanted; do
        # shellcheck disable=SC2016 # ${…} is dpkg-query's own
        status=$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null) || true
        [ "$status" = installed ] || missing="$missing $package"
    done
    [ -n "$missing" ] || { detail 'all there'; return 0; }
    detail "installing:$missing"
    # A power cut may have left some half installed, and then no other can be.
    quietly 'System packages that were half installed cannot be mended.' \
        env DEBIAN_FRONTEND=noninteractive dpkg --configure -a
    hint='Is there a network? Without one, see --offline.'
    if [ -n "$OFFLINE" ]; then
        install_packages_offline
        return
    fi
    [ -n "$DRY_RUN" ] || apt_get update >>"$LOG" 2>&1 </dev/null ||
        detail 'the list of packages could not be renewed; trying with the old one'
    # shellcheck disable=SC2086 # a list of words
    quietly "The system packages could not be installed. $hint" \
        apt_get install --yes --no-install-recommends $missing
}

# install_packages_offline: from the .deb files that were brought along, if there are any, and from those
# that the system has fetched some time.
install_packages_offline() {
    set --
    for deb in "$OFFLINE"/*.deb; do
        [ ! -e "$deb" ] || is_installed "$deb" || set -- "$@" "$deb"
    done
    if [ $# -gt 0 ]; then
        # Given files, apt takes --no-download for a ban on these, too; so it is to know of no others.
        set -- -o Dir::Etc::SourceList=/dev/null -o Dir::Etc::SourceParts=/dev/null "$@"
    else
        set -- --no-download
    fi
    # shellcheck disable=SC2086 # a list of words
    quietly "These system packages are missing, and not all in $OFFLINE:$missing" \
        apt_get install --yes --no-install-recommends "$@" $missing
}

# is_installed FILE: what that .deb holds is there, as new as that or newer.
is_installed() {
    # shellcheck disable=SC2016 # ${…} is theirs
    name=$(dpkg-deb --show --showformat='${Package} ${Version}' "$1") || return 1
    # shellcheck disable=SC2016
    there=$(dpkg-query --show --showformat='${db:Status-Status} ${Version}' "${name% *}" 2>/dev/null) || return 1
    [ "${there% *}" = installed ] && dpkg --compare-versions "${there#* }" ge "${name#* }"
}

apt_get() {
    DEBIAN_FRONTEND=noninteractive apt-get -q -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=300 "$@"
}

is_raspberry_pi() { grep -aqs '^Raspberry Pi' /proc/device-tree/model; }

make_user_and_folders() {
    put "$HERE/systemd/kiosk.sysusers" "$SYSUSERS/kiosk.conf"
    put "$HERE/systemd/kiosk.tmpfiles" "$TMPFILES/kiosk.conf"
    quietly "The kiosk's user could not be made." systemd-sysusers "$SYSUSERS/kiosk.conf"
    quietly "The kiosk's folders could not be made." systemd-tmpfiles --create "$TMPFILES/kiosk.conf"
    if [ -n "$ROOM" ]; then
        put "$HERE/systemd/kiosk-room.sysusers" "$SYSUSERS/kiosk-room.conf"
        quietly "The screen's user could not be made." systemd-sysusers "$SYSUSERS/kiosk-room.conf"
    fi
}

# is_whole FOLDER: it was finished, of the same parts; its files are as they were; and it still runs.
is_whole() {
    [ "$(cat "$1/whole" 2>/dev/null)" = "$MADE_OF" ] || return 1
    if (cd "$1" && sha256sum --check --quiet files) >>"$LOG" 2>&1 &&
        "$1/venv/bin/kiosk" --version >>"$LOG" 2>&1; then
        return 0
    fi
    detail "$1 is damaged"
    return 1
}

# find_whole: whether there is one that is whole already; then it is the one to be used.
find_whole() {
    for name in "$RELEASE" "$RELEASE.again"; do
        use "$name"
        ! is_whole "$FOLDER" || return 0
    done
    return 1
}

# find_room: a name that is free. The one that runs is left where it is, for it reads on in its files,
# and a virtual environment cannot be moved.
find_room() {
    use "$RELEASE"
    [ "$(current_name)" != "$NAME" ] || use "$RELEASE.again"
}

make_release() {
    if find_whole; then
        detail 'already there'
        return 0
    fi
    find_room
    do_it rm -rf "$FOLDER"
    do_it mkdir -p "$FOLDER"
    do_it cp -R "$HERE/systemd" "$FOLDER/systemd"
    detail "making $FOLDER (some minutes on a small board)"
    quietly 'The virtual environment could not be made.' \
        /usr/bin/python3 -m venv --system-site-packages "$FOLDER/venv"
    # Python 3.11 puts one there, and of two versions side by side it is chance which one is found.
    quietly 'The virtual environment could not be tidied.' pip uninstall --yes setuptools
    hint='Is there a network? Without one, see --offline.'
    quietly "The Python packages could not be installed. $hint" \
        pip_install --ignore-installed --requirement "$HERE/requirements/runtime.txt"
    [ -n "$WHEEL" ] || build_wheel
    quietly 'The kiosk itself could not be installed.' \
        pip install --no-deps --no-index "${WHEEL:-$FOLDER/build/exercise_kiosk.whl}"
    do_it rm -rf "$FOLDER/build"
    finish_release
}

# The sign that a release is whole must not reach the card before the release does.
finish_release() {
    [ -z "$DRY_RUN" ] || return 0
    (cd "$FOLDER" && find venv systemd -type f ! -name '*.pyc' -exec sha256sum {} + >files)
    sync -f "$FOLDER"
    printf '%s\n' "$MADE_OF" >"$FOLDER/whole"
    sync -f "$FOLDER"
}

pip() {
    "$FOLDER/venv/bin/python" -m pip --no-input --disable-pip-version-check --no-cache-dir "$@"
}

pip_install() {
    if [ -n "$OFFLINE" ]; then
        pip install --require-hashes --only-binary :all: --no-index --find-links "$OFFLINE" "$@"
    else
        pip install --require-hashes --only-binary :all: "$@"
    fi
}

# What it takes to build is kept out of the virtual environment.
build_wheel() {
    quietly 'What it takes to build the kiosk could not be installed.' \
        pip_install --target "$FOLDER/build/with" --requirement "$HERE/requirements/build.txt"
    quietly 'The kiosk could not be built.' build_it
    WHEEL=$(find "$FOLDER/build" -maxdepth 1 -name '*.whl' 2>/dev/null) || WHEEL=''
}

build_it() {
    PYTHONPATH=$FOLDER/build/with pip wheel --no-deps --no-build-isolation --no-index \
        --wheel-dir "$FOLDER/build" "$HERE"
}

# try_release: it begins, and its programs are sound; before anything depends on it.
try_release() {
    quietly 'The new version does not run.' as_kiosk "$FOLDER/venv/bin/kiosk" --version
    quietly 'The new version does not run.' as_kiosk "$FOLDER/venv/bin/python" -c \
        'import kiosk.app, kiosk.service.service, web.app, web.server'
    quietly 'Something is wrong with the programs of the new version.' as_shipped check
}

# as_shipped COMMAND…: of the new kiosk, without anything that this household has set or written; for a
# mistake in that is no reason to go without a new version.
as_shipped() {
    # shellcheck disable=SC2016 # $… is the inner shell's own
    as_kiosk sh -c '
        empty=$(mktemp --directory --tmpdir kiosk-try.XXXXXX) || exit
        STATE_DIRECTORY=$empty "$@" && code=0 || code=$?
        rm -rf "$empty"
        exit $code
    ' - "$FOLDER/venv/bin/kiosk" "$@"
}

# render_voice: everything that the shipped and own programs say, before the first press.
render_voice() {
    [ -z "$DRY_RUN" ] || { detail 'would render what the programs say'; return 0; }
    programs=$(as_kiosk "$FOLDER/venv/bin/kiosk" programs 2>>"$LOG") ||
        detail "Something is wrong with what is in $STATE; kiosk check says what."
    for program in $(printf '%s\n' "$programs" | program_ids); do
        note "+ render $program"
        if as_kiosk "$FOLDER/venv/bin/kiosk" cues "$program" >/dev/null; then
            detail "$program: can be spoken"
        elif is_shipped "$program" && ! as_shipped cues "$program" >/dev/null; then
            fail "The voice for $program could not be rendered."
        else
            detail "$program: cannot be spoken as it is set or written in $STATE; kiosk check says why"
        fi
    done
}

program_ids() { awk 'NR > 1 { print $1 }'; }

is_shipped() { as_shipped programs | program_ids | grep -qxF "$1"; }
