"""The board: its model, and giving memory back to it."""

from pathlib import Path

MODEL_FILE = "proc/device-tree/model"
ROOT = Path("/")


def board_name(root: Path = ROOT) -> str:
    """The board's model, e.g. `Raspberry Pi 4 Model B Rev 1.4`; empty on most other machines."""
    try:
        return (root / MODEL_FILE).read_text("utf-8", errors="replace").strip("\0 \n")
    except OSError:
        return ""


def is_raspberry_pi(root: Path = ROOT) -> bool:
    """Whether this machine is a Raspberry Pi."""
    return board_name(root).startswith("Raspberry Pi")


LARGE = 128 * 1024
"""Bytes from which on a piece of memory goes back to the system as soon as it is free."""

STORES = 2
"""Places that threads take small pieces from. As Python lets one thread run at a time, more of them
would only be more places with gaps."""

_MMAP_THRESHOLD = -3
_ARENA_MAX = -8  # the numbers of these among the options of glibc's `mallopt`


def give_memory_back() -> None:
    """Have memory that was needed for a moment given back to the system, whichever thread had it.

    Left alone, glibc raises its limit with the first large piece that it sees, to up to 32 MB, and
    from then on keeps others for the thread that had them. A passphrase that is checked takes 16
    MB; checked by one thread of the pages after the other, it would soon be kept a dozen times over
    on a small board. To be called before there are threads; nothing happens where the C library has
    no such options.
    """
    import ctypes  # noqa: PLC0415 - only by the kiosk itself

    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_MMAP_THRESHOLD, LARGE)
        mallopt(_ARENA_MAX, STORES)
