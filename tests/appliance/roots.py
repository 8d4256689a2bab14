"""The system that the kiosk is installed on: a card with a small Debian, made once and kept.

The card is the image of a file system, as it would be written to a real one. A copy of it in memory
is made in no time, and what is synced to it is synced to nothing else.
"""

import fcntl
import hashlib
import os
import shutil
import struct
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.processes import output_of

CHECKOUT = Path(__file__).parents[2]

CACHE = Path(os.environ.get("KIOSK_APPLIANCE_CACHE") or Path.home() / ".cache/kiosk-appliance")
"""Made by root, who alone runs these tests, and for nobody else to write to."""

SUITE = os.environ.get("KIOSK_APPLIANCE_SUITE", "bookworm")

PYTHONS = {"bookworm": "3.11", "trixie": "3.13"}

WHEELS_FOR = {"arm64": [f"manylinux_2_{glibc}_aarch64" for glibc in range(17, 37)]}
"""How wheels for another kind of machine are called, up to the C library of Bookworm."""

SIZE = "3G"
"""Of the card; what is not used takes no room."""

SYSTEM = "systemd-sysv,dbus,libpam-systemd,ca-certificates,procps,python3"
"""What Raspberry Pi OS Lite has, too, and an empty Debian does not."""

PACKAGES = ("espeak-ng", "libportaudio2", "alsa-utils", "python3-venv", "avahi-daemon")
"""What `install.sh` asks for; lies ready in the system, which has no network."""

ROOM_PACKAGES = ("cage", "xwayland", "chromium", "libpam-systemd")
"""What `install.sh --room` asks for besides."""

DOWNLOAD = ("apt-get", "install", "--yes", "--no-install-recommends", "--download-only")

PARTS = (
    *("install.sh", "installer", "systemd", "requirements", "kiosk", "web", "programs"),
    *("pyproject.toml", "README.md", "LICENSE"),
)
"""Of the checkout, all that an installation needs."""

SHUTDOWN, AND_FLUSH_NOTHING = 0x8004587D, 2
"""What ext4's own tests make power cuts by (linux/ext4.h: EXT4_IOC_SHUTDOWN, _NOLOGFLUSH)."""


def base_card(architecture: str | None = None) -> Path:
    """A system as it comes from its maker, before the kiosk; of this machine's or another kind."""
    card = CACHE / f"{system(architecture)}-{package_list_date()}-{short_hash(*PACKAGES)}.ext4"
    if not card.exists():
        CACHE.mkdir(mode=0o700, parents=True, exist_ok=True)
        root, begun = card.with_suffix(".root"), card.with_suffix(".new")
        shutil.rmtree(root, ignore_errors=True)
        of = [] if architecture is None else [f"--arch={architecture}"]
        output_of(
            "debootstrap", *of, "--variant=minbase", f"--include={SYSTEM}", SUITE, root, mirror()
        )
        fetch_packages(root)
        (root / "etc/hostname").write_text("kiosk\n")
        begun.unlink(missing_ok=True)
        output_of("mkfs.ext4", "-q", "-E", "lazy_itable_init=0", "-d", root, begun, SIZE)
        shutil.rmtree(root)
        begun.rename(card)
    return card


def system(architecture: str | None) -> str:
    """Its name among what is kept."""
    return SUITE if architecture is None else f"{SUITE}-{architecture}"


def fetch_packages(root: Path) -> None:
    """Let the system's package manager find its packages on its own disk."""
    (root / "etc/apt/apt.conf.d/99host").write_text(output_of("apt-config", "dump", "Acquire"))
    with network(root):
        output_of("chroot", root, "apt-get", "update")
        output_of("chroot", root, *DOWNLOAD, *PACKAGES)


@contextmanager
def network(root: Path) -> Iterator[None]:
    """Meanwhile the system finds other machines by their names."""
    shutil.copy("/etc/resolv.conf", root / "etc/resolv.conf")
    yield
    (root / "etc/resolv.conf").unlink()


def room_packages() -> Path:
    """A folder with the Debian packages that a screen takes, and all that these need."""
    folder = CACHE / f"room-{SUITE}-{package_list_date()}"
    if not folder.exists():
        begun = folder.with_suffix(".new")
        shutil.rmtree(begun, ignore_errors=True)
        with TemporaryDirectory(dir=CACHE) as place:
            card = copy_of(base_card(), Path(place) / "card")
            with mounted(card) as root, network(root):
                output_of("chroot", root, *DOWNLOAD, *ROOM_PACKAGES)
                shutil.copytree(root / "var/cache/apt/archives", begun)
        begun.rename(folder)
    return folder


def short_hash(*texts: str) -> str:
    """Another one for other texts: what was made of these is not taken for what those make."""
    return hashlib.sha256("".join(texts).encode()).hexdigest()[:12]


def package_list_date() -> str:
    """Of this machine's list of packages: another list makes another system."""
    listed = output_of("apt-get", "indextargets", "--format", "$(FILENAME)", "Created-By: Packages")
    newest = max((Path(name) for name in listed.split()), key=lambda path: path.stat().st_mtime)
    return f"{newest.stat().st_mtime:.0f}"


def mirror() -> str:
    """Where this machine has its own packages from."""
    query = ("Created-By: Packages", "Component: main")
    return output_of("apt-get", "indextargets", "--format", "$(REPO_URI)", *query).split()[0]


def wheels(architecture: str | None = None) -> Path:
    """A folder with every Python package that an installation takes, of the pinned hashes."""
    requirements = [CHECKOUT / "requirements" / f"{name}.txt" for name in ("runtime", "build")]
    pinned = short_hash(*(path.read_text() for path in requirements))
    folder = CACHE / f"wheels-{system(architecture)}-{pinned}"
    if not folder.exists():
        begun = folder.with_suffix(".new")
        download(requirements, begun, architecture)
        begun.rename(folder)
    return folder


def download(requirements: Iterable[Path], folder: Path, architecture: str | None = None) -> None:
    """The wheels of those files' requirements, for the system's Python."""
    options = ["--quiet", "--require-hashes", "--only-binary", ":all:"]
    options += ["--python-version", PYTHONS[SUITE], "--dest", str(folder)]
    for path in requirements:
        options += ["--requirement", str(path)]
    for tag in () if architecture is None else WHEELS_FOR[architecture]:
        options += ["--platform", tag]
    output_of(sys.executable, "-m", "pip", "download", *options)


def copy_of(card: Path, copy: Path) -> Path:
    """The same card once more, to be changed."""
    output_of("cp", "--sparse=always", card, copy)
    return copy


@contextmanager
def mounted(card: Path) -> Iterator[Path]:
    """The card's file system, meanwhile; its folder lies beside it."""
    root = card.with_suffix(".mounted")
    root.mkdir()
    output_of("mount", "-o", "loop", card, root)
    try:
        yield root
    finally:
        output_of("umount", root)
        root.rmdir()


def cut_off(root: Path) -> None:
    """From this moment on nothing reaches the card any more that is mounted on `root`.

    What the system had not yet written is lost, as it is when the plug is pulled: it was only in
    the memory of the file system, and the card's image has what the file system had handed over.
    A real card may besides lose what it has in a buffer of its own and was not told to keep; that
    it does keep what it was told to, nobody but its maker can see to.
    """
    folder = os.open(root, os.O_RDONLY)
    try:
        fcntl.ioctl(folder, SHUTDOWN, struct.pack("I", AND_FLUSH_NOTHING))
    finally:
        os.close(folder)


def unpack_release(place: Path) -> None:
    """The release that this checkout makes, as people get it."""
    with TemporaryDirectory() as folder:
        output_of(sys.executable, CHECKOUT / "tools/make_release.py", "--into", folder)
        (archive,) = Path(folder).glob("*.tar.gz")
        place.mkdir(parents=True)
        output_of(
            "tar", "--extract", "--strip-components=1", "--file", archive, "--directory", place
        )


def copy_checkout(place: Path) -> Path:
    """What of this checkout is installed, in a folder of its own."""
    place.mkdir(parents=True)
    for part in PARTS:
        source = CHECKOUT / part
        if source.is_dir():
            shutil.copytree(source, place / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(source, place / part)
    return place
