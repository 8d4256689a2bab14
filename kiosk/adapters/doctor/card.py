"""What the system tells of the memory card, and of the file system on it."""

import os
import re
import shutil
from pathlib import Path

from kiosk.desk.findings.card import Mount, WearFacts

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
