"""The command `kiosk`."""

from kiosk.cli.main import main

__all__ = ["main"]
