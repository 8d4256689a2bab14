"""The memory card: room, wear, and whether what is written there stays."""

from dataclasses import dataclass

from kiosk.desk.findings.finding import Finding, bad, ok, skipped, warn

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
