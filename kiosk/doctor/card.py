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

MANY_TIMES_FULL = 500  # how often a card may have been written full before it counts as worn

VOLATILE = frozenset({"tmpfs", "ramfs", "overlay", "aufs", "squashfs"})
"""File systems that lose what is written at a restart, or let nothing be written."""

REMOTE = frozenset({"nfs", "nfs4", "cifs", "smb3", "9p", "fuse.sshfs"})
"""File systems on another machine, whose locks cannot be relied on."""

_HEX = re.compile("0x[0-9a-fA-F]{1,4}")
_OCTAL = re.compile(r"\\([0-7]{3})")
_SECTOR = 512

_NO_WEAR = "This disk does not tell how worn it is."
_REPLACE = "Make a backup now (kiosk backup FILE, on a stick), and replace the memory card soon."


@dataclass(frozen=True, slots=True)
class Mount:
    """A mounted file system."""

    device: str
    kind: str
    read_only: bool


def check_card(state: Path) -> Iterator[Finding]:
    """Check the file system that the state directory is on, its free space, and the card's wear."""
    mount = read_mount(state)
    nearest = next(path for path in (state, *state.parents) if path.exists())
    # Whether this user may write to the folder, or create it.
    writable = os.access(nearest, os.W_OK | os.X_OK)
    yield judge_mount(str(state), mount, writable=writable)
    usage = shutil.disk_usage(nearest)
    yield judge_free_space(usage.free, usage.total)
    yield check_wear(mount)


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


def check_wear(mount: Mount | None, root: Path = Path("/")) -> Finding:
    """Whether the card below `mount` is worn or damaged, by the kernel's files below `root`."""
    name, device = "card", mount.device if mount else ""
    if not device.startswith("/dev/"):
        return skipped(name, _NO_WEAR)
    block_name = (root / device.lstrip("/")).resolve().name
    file_system, block = root / "sys/fs/ext4" / block_name, root / "sys/class/block" / block_name
    if errors := _number_in(file_system / "errors_count"):
        return bad(name, f"The file system has recorded {errors} errors.", _REPLACE)
    partition = block.resolve()
    disk = partition.parent if (partition / "partition").exists() else partition
    # Tenths of its life that an eMMC reports as used up, 11 for more; 3: its spare blocks run out.
    life = _hex_numbers_in(disk / "device/life_time")
    life_used = max(life, default=0)
    if life_used > 10 or _hex_numbers_in(disk / "device/pre_eol_info") == [3]:
        return bad(name, "The card says that it has reached the end of its life.", _REPLACE)
    parts = []
    if life:
        parts.append(f"The card says that at most {life_used * 10} % of its life is used up.")
    written = _number_in(file_system / "lifetime_write_kbytes") * 1024
    if written:
        parts.append(f"{written / GB:.0f} GB were written to it so far.")
    if not parts:
        return skipped(name, _NO_WEAR)
    size = _number_in(block / "size") * _SECTOR
    if life_used > 8 or (size and written / size > MANY_TIMES_FULL):
        return warn(name, " ".join(parts), _REPLACE)
    return ok(name, " ".join(parts))


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        return ""


def _number_in(file: Path) -> int:
    text = _read(file)
    return int(text) if text.isdecimal() else 0


def _hex_numbers_in(file: Path) -> list[int]:
    return [int(word, 16) for word in _read(file).split() if _HEX.fullmatch(word)]
