"""The memory card: the file system of the state directory, its free space, its wear."""

import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from kiosk.doctor.finding import Finding, bad, ok, skipped, warn

MB = 1_000_000
GB = 1_000_000_000

TOO_LITTLE = 100 * MB
LITTLE = 500 * MB

MANY_TIMES_FULL = 500
"""How often a card may have been written full before it counts as worn."""

VOLATILE = frozenset({"tmpfs", "ramfs", "overlay", "aufs", "squashfs"})
"""File systems that lose what is written at a restart, or let nothing be written."""

REMOTE = frozenset({"nfs", "nfs4", "cifs", "smb3", "9p", "fuse.sshfs"})
"""File systems on another machine, whose locks cannot be relied on."""

_OCTAL = re.compile(r"\\([0-7]{3})")
_SECTOR = 512

_REPLACE = "Make a backup now (kiosk backup FILE, on a stick), and replace the memory card soon."


@dataclass(frozen=True, slots=True)
class Mount:
    """A mounted file system."""

    device: str
    kind: str
    read_only: bool


@dataclass(frozen=True, slots=True)
class WearFacts:
    """Age and errors, as the card and its file system report them."""

    written: int | None = None
    """Bytes written to the file system in its life."""

    size: int = 0
    """Bytes."""

    errors: int = 0
    """Errors that the file system has recorded."""

    life_used: int | None = None
    """Tenths of its life that an eMMC reports as used up; 11 for more."""

    end_near: bool = False
    """Whether it reports that its spare blocks run out."""


def check_card(state: Path) -> Iterator[Finding]:
    """Check the file system that the state directory is on, its free space, and the card's wear."""
    mount = read_mount(state)
    yield judge_mount(str(state), mount, writable=is_writable(state))
    usage = shutil.disk_usage(_nearest_existing(state))
    yield judge_free_space(usage.free, usage.total)
    yield judge_wear(read_wear(mount))


def read_mount(folder: Path, root: Path = Path("/")) -> Mount | None:
    """The file system that `folder`, or the nearest existing folder above it, is on; `None` where
    the system does not tell.
    """
    try:
        table = (root / "proc/mounts").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    inside = [folder, *folder.parents]
    best, found = -1, None
    for line in table.splitlines():
        fields = line.split()
        if len(fields) < 4:
            continue
        device, point, kind, options = (
            _OCTAL.sub(lambda match: chr(int(match[1], 8)), field) for field in fields[:4]
        )
        # The last of several on one point hides the others.
        if Path(point) in inside and len(Path(point).parts) >= best:
            best = len(Path(point).parts)
            found = Mount(device, kind, read_only="ro" in options.split(","))
    return found


def is_writable(folder: Path) -> bool:
    """Whether this user may write to `folder`, or create it."""
    return os.access(_nearest_existing(folder), os.W_OK | os.X_OK)


def read_wear(mount: Mount | None, root: Path = Path("/")) -> WearFacts | None:
    """Wear of the card below `mount`, from the kernel's files; `None` where there are none."""
    if mount is None or not mount.device.startswith("/dev/"):
        return None
    name = (root / mount.device.lstrip("/")).resolve().name
    file_system, block = root / "sys/fs/ext4" / name, root / "sys/class/block" / name
    partition = block.resolve()
    disk = partition.parent if (partition / "partition").exists() else partition
    written = _read_number(file_system / "lifetime_write_kbytes")
    life = [int(word, 16) for word in _read(disk / "device/life_time").split() if _is_hex(word)]
    if written is None and not life:
        return None
    near = _read(disk / "device/pre_eol_info")
    return WearFacts(
        written=None if written is None else written * 1024,
        size=(_read_number(block / "size") or 0) * _SECTOR,
        errors=_read_number(file_system / "errors_count") or 0,
        life_used=max(life, default=None),
        end_near=_is_hex(near) and int(near, 16) == 3,
    )


def _nearest_existing(folder: Path) -> Path:
    return next(path for path in (folder, *folder.parents) if path.exists())


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        return ""


def _read_number(file: Path) -> int | None:
    text = _read(file)
    return int(text) if text.isdecimal() else None


def _is_hex(word: str) -> bool:
    return re.fullmatch(r"0x[0-9a-fA-F]{1,4}", word) is not None


def judge_mount(folder: str, mount: Mount | None, *, writable: bool) -> Finding:
    """Whether what is written to `folder`, the state directory, survives a power cut."""
    name = "state directory"
    if mount is None:
        return skipped(name, f"The system does not say what {folder} lies on.")
    if mount.read_only:
        do = (
            "Name another with --state-dir. If nobody made it so, the card may be failing: copy"
            " what is on it while it can be read, and replace it."
        )
        return bad(name, f"{folder} lies on a file system that is mounted read-only.", do)
    if mount.kind in VOLATILE:
        do = "Name a folder on a real data partition with --state-dir or KIOSK_STATE_DIR."
        what = f"{folder} lies on {mount.kind}: what is kept there is gone after a restart."
        return warn(name, what, do)
    if mount.kind in REMOTE:
        do = "Name a folder on this machine with --state-dir or KIOSK_STATE_DIR."
        return warn(name, f"{folder} lies on another machine ({mount.kind}).", do)
    if not writable:
        do = "Give the command as the kiosk's user: sudo kiosk doctor"
        return bad(name, f"{folder} cannot be written to by this user.", do)
    return ok(name, f"{folder} lies on {mount.device} ({mount.kind}).")


def judge_free_space(free: int, total: int) -> Finding:
    """Whether the disk has enough free space; both numbers in bytes."""
    name = "room"
    what = f"{free / GB:.1f} of {total / GB:.1f} GB are free."
    do = "sudo apt clean; sudo journalctl --vacuum-size=50M; then remove what nobody needs."
    if free < TOO_LITTLE:
        return bad(name, f"The disk is full: {what}", do)
    if free < LITTLE:
        return warn(name, what, do)
    return ok(name, what)


def judge_wear(facts: WearFacts | None) -> Finding:
    """Whether the card is worn or damaged."""
    name = "card"
    if facts is None:
        return skipped(name, "This disk does not tell how worn it is.")
    if facts.errors:
        return bad(name, f"The file system has recorded {facts.errors} errors.", _REPLACE)
    if facts.end_near or (facts.life_used or 0) > 10:
        return bad(name, "The card says that it has reached the end of its life.", _REPLACE)
    parts = []
    if facts.life_used is not None:
        parts.append(f"The card says that at most {facts.life_used * 10} % of its life is used up.")
    if facts.written is not None:
        parts.append(f"{facts.written / GB:.0f} GB were written to it so far.")
    what = " ".join(parts)
    times_full = (facts.written or 0) / facts.size if facts.size else 0
    if (facts.life_used or 0) > 8 or times_full > MANY_TIMES_FULL:
        return warn(name, what, _REPLACE)
    return ok(name, what)
