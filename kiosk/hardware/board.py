"""The board's model, as the kernel reports it."""

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
