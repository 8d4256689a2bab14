"""The system that the kiosk is installed on: a card with a small Debian, made once and kept.

The card is the image of a file system, as it would be written to a real one. A copy of it in memory
is made in no time, and what is synced to it is synced to nothing else.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

CHECKOUT = Path(__file__).parents[2]

CACHE = Path(os.environ.get("KIOSK_APPLIANCE_CACHE") or Path.home() / ".cache/kiosk-appliance")
"""Made by root, who alone runs these tests, and for nobody else to write to."""

SUITE = os.environ.get("KIOSK_APPLIANCE_SUITE", "bookworm")

PYTHONS = {"bookworm": "3.11", "trixie": "3.13"}

SIZE = "3G"
"""Of the card; what is not used takes no room."""

SYSTEM = "systemd-sysv,dbus,libpam-systemd,ca-certificates,procps,python3"
"""What Raspberry Pi OS Lite has, too, and an empty Debian does not."""

PACKAGES = ("espeak-ng", "libportaudio2", "python3-venv", "avahi-daemon")
"""What `install.sh` asks for; lies ready in the system, which has no network."""

PARTS = (
    *("install.sh", "installer", "systemd", "requirements", "kiosk", "web", "programs"),
    *("pyproject.toml", "README.md", "LICENSE"),
)
"""Of the checkout, all that an installation needs."""


def run(*command: str | Path) -> str:
    """Run it; what it printed. Fails with all that it said."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command[0]} failed:\n{done.stdout}\n{done.stderr}"
    return done.stdout


def base_card() -> Path:
    """A system as it comes from its maker, before the kiosk."""
    card = CACHE / f"{SUITE}-{package_list_date()}.ext4"
    if not card.exists():
        CACHE.mkdir(mode=0o700, parents=True, exist_ok=True)
        root, begun = card.with_suffix(".root"), card.with_suffix(".new")
        shutil.rmtree(root, ignore_errors=True)
        run("debootstrap", "--variant=minbase", f"--include={SYSTEM}", SUITE, root, mirror())
        fetch_packages(root)
        (root / "etc/hostname").write_text("kiosk\n")
        begun.unlink(missing_ok=True)
        run("mkfs.ext4", "-q", "-E", "lazy_itable_init=0", "-d", root, begun, SIZE)
        shutil.rmtree(root)
        begun.rename(card)
    return card


def fetch_packages(root: Path) -> None:
    """Let the system's package manager find its packages on its own disk."""
    (root / "etc/apt/apt.conf.d/99host").write_text(run("apt-config", "dump", "Acquire"))
    shutil.copy("/etc/resolv.conf", root / "etc/resolv.conf")
    run("chroot", root, "apt-get", "update")
    options = ("--yes", "--no-install-recommends", "--download-only")
    run("chroot", root, "apt-get", "install", *options, *PACKAGES)
    (root / "etc/resolv.conf").unlink()


def package_list_date() -> str:
    """Of this machine's list of packages: another list makes another system."""
    listed = run("apt-get", "indextargets", "--format", "$(FILENAME)", "Created-By: Packages")
    newest = max((Path(name) for name in listed.split()), key=lambda path: path.stat().st_mtime)
    return f"{newest.stat().st_mtime:.0f}"


def mirror() -> str:
    """Where this machine has its own packages from."""
    query = ("Created-By: Packages", "Component: main")
    return run("apt-get", "indextargets", "--format", "$(REPO_URI)", *query).split()[0]


def wheels() -> Path:
    """A folder with every Python package that an installation takes, of the pinned hashes."""
    requirements = [CHECKOUT / "requirements" / f"{name}.txt" for name in ("runtime", "build")]
    pinned = hashlib.sha256(b"".join(path.read_bytes() for path in requirements)).hexdigest()
    folder = CACHE / f"wheels-{SUITE}-{pinned[:12]}"
    if not folder.exists():
        begun = folder.with_suffix(".new")
        options = ["--quiet", "--require-hashes", "--only-binary", ":all:"]
        options += ["--python-version", PYTHONS[SUITE], "--dest", str(begun)]
        for path in requirements:
            options += ["--requirement", str(path)]
        run(sys.executable, "-m", "pip", "download", *options)
        begun.rename(folder)
    return folder


def copy_of(card: Path, copy: Path) -> Path:
    """The same card once more, to be changed."""
    run("cp", "--sparse=always", card, copy)
    return copy


@contextmanager
def mounted(card: Path) -> Iterator[Path]:
    """The card's file system, meanwhile; its folder lies beside it."""
    root = card.with_suffix(".mounted")
    root.mkdir()
    run("mount", "-o", "loop", card, root)
    try:
        yield root
    finally:
        run("umount", root)
        root.rmdir()


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
