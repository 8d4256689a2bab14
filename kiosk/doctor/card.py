"""The memory card: room, wear, and whether what is written there stays.

What the system tells of the memory card, and of the file system on it.
"""

import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from kiosk.doctor.finding import Finding, bad, ok, skipped, warn

MB = 1_000_000
GB = 1_000_000_000

TOO_LITTLE = 100 * MB
LITTLE = 500 * MB

MANY_TIMES_FULL = 500
"""How often a card may have been written full before it counts as worn."""

VANISHING = frozenset({"tmpfs", "ramfs", "overlay", "aufs", "squashfs"})
"""File systems that forget at a restart, or let nothing be written."""

FAR_AWAY = frozenset({"nfs", "nfs4", "cifs", "smb3", "9p", "fuse.sshfs"})
"""File systems on another machine, whose locks cannot be relied on."""

_REPLACE = "Make a backup now (kiosk backup FILE, on a stick), and replace the memory card soon."


@dataclass(frozen=True, slots=True)
class Mount:
    """The file system that a folder lies on."""

    device: str
    kind: str
    read_only: bool


def place(folder: str, mount: Mount | None, *, writable: bool) -> Finding:
    """Whether what is written to the state directory is there after a power cut."""
    name = "state directory"
    if mount is None:
        return skipped(name, f"The system does not say what {folder} lies on.")
    if mount.read_only:
        do = (
            "Name another with --state-dir. If nobody made it so, the card may be failing: copy"
            " what is on it while it can be read, and replace it."
        )
        return bad(name, f"{folder} lies on a file system that is mounted read-only.", do)
    if mount.kind in VANISHING:
        do = "Name a folder on a real data partition with --state-dir or KIOSK_STATE_DIR."
        told = f"{folder} lies on {mount.kind}: what is kept there is gone after a restart."
        return warn(name, told, do)
    if mount.kind in FAR_AWAY:
        do = "Name a folder on this machine with --state-dir or KIOSK_STATE_DIR."
        return warn(name, f"{folder} lies on another machine ({mount.kind}).", do)
    if not writable:
        do = "Give the command as the kiosk's user: sudo kiosk doctor"
        return bad(name, f"{folder} cannot be written to by this user.", do)
    return ok(name, f"{folder} lies on {mount.device} ({mount.kind}).")


def room(free: int, total: int) -> Finding:
    """How much room there is where the kiosk keeps things."""
    told = f"{free / GB:.1f} of {total / GB:.1f} GB are free."
    do = "sudo apt clean; sudo journalctl --vacuum-size=50M; then remove what nobody needs."
    if free < TOO_LITTLE:
        return bad("room", f"The disk is full: {told}", do)
    if free < LITTLE:
        return warn("room", told, do)
    return ok("room", told)


@dataclass(frozen=True, slots=True)
class WearFacts:
    """What the card and its file system tell of their age."""

    written: int | None = None
    """Bytes written to the file system in its life."""

    size: int = 0
    errors: int = 0
    """Errors that the file system has recorded."""

    life_used: int | None = None
    """Tenths of its life that a built-in card has used up, by its own account; 11 for more."""

    end_near: bool = False
    """Whether it says that its spare blocks run out."""


def wear(facts: WearFacts | None) -> Finding:
    """How worn the card is; `None` where nothing tells."""
    name = "card"
    if facts is None:
        return skipped(name, "This disk does not tell how worn it is.")
    if facts.errors:
        return bad(name, f"The file system has recorded {facts.errors} errors.", _REPLACE)
    if facts.end_near or (facts.life_used or 0) > 10:
        return bad(name, "The card says that it has reached the end of its life.", _REPLACE)
    told = []
    if facts.life_used is not None:
        told.append(f"The card says that at most {facts.life_used * 10} % of its life is used up.")
    if facts.written is not None:
        told.append(f"{facts.written / GB:.0f} GB were written to it so far.")
    times = (facts.written or 0) / facts.size if facts.size else 0
    if (facts.life_used or 0) > 8 or times > MANY_TIMES_FULL:
        return warn(name, " ".join(told), _REPLACE)
    return ok(name, " ".join(told))


_OCTAL = re.compile(r"\\([0-7]{3})")
_SECTOR = 512


def mount_of(folder: Path, root: Path = Path("/")) -> Mount | None:
    """The file system that `folder`, or the nearest folder above it that is there, lies on."""
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
        device, point, kind, options = (_plain(field) for field in fields[:4])
        # The last of several on one point hides the others.
        if Path(point) in inside and len(Path(point).parts) >= best:
            best = len(Path(point).parts)
            found = Mount(device, kind, read_only="ro" in options.split(","))
    return found


def may_write(folder: Path) -> bool:
    """Whether this user may write there, or make it."""
    there = next(path for path in (folder, *folder.parents) if path.exists())
    return os.access(there, os.W_OK | os.X_OK)


def room_in(folder: Path) -> tuple[int, int]:
    """Bytes that are free, and all there are, where `folder` is or will be."""
    there = next(path for path in (folder, *folder.parents) if path.exists())
    usage = shutil.disk_usage(there)
    return usage.free, usage.total


def wear_of(mount: Mount | None, root: Path = Path("/")) -> WearFacts | None:
    """What the card below `mount` tells of its age; `None` where nothing is told."""
    if mount is None or not mount.device.startswith("/dev/"):
        return None
    name = (root / mount.device.lstrip("/")).resolve().name
    file_system, block = root / "sys/fs/ext4" / name, root / "sys/class/block" / name
    card = _disk_of(block.resolve()) / "device"
    written = _number(file_system / "lifetime_write_kbytes")
    life = [int(word, 16) for word in _text(card / "life_time").split() if _is_hex(word)]
    if written is None and not life:
        return None
    near = _text(card / "pre_eol_info")
    return WearFacts(
        written=None if written is None else written * 1024,
        size=(_number(block / "size") or 0) * _SECTOR,
        errors=_number(file_system / "errors_count") or 0,
        life_used=max(life, default=None),
        end_near=_is_hex(near) and int(near, 16) == 3,
    )


def _disk_of(block: Path) -> Path:
    """The whole disk that a partition is part of."""
    return block.parent if (block / "partition").exists() else block


def _plain(field: str) -> str:
    return _OCTAL.sub(lambda match: chr(int(match[1], 8)), field)


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        return ""


def _number(file: Path) -> int | None:
    text = _text(file)
    return int(text) if text.isdecimal() else None


def _is_hex(word: str) -> bool:
    return re.fullmatch(r"0x[0-9a-fA-F]{1,4}", word) is not None
