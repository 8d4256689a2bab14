"""`kiosk backup`: everything the kiosk remembers, in one file."""

import argparse
from pathlib import Path

from kiosk.cli.common import Subparsers, add_command, add_setting_options
from kiosk.cli.memory import Opened, run
from kiosk.errors import StoreError

DESCRIPTION = """\
Write everything the kiosk remembers into one file: sessions, plan, doses, kept settings, and who
changed what. The kiosk may go on meanwhile. An earlier backup of that name is replaced, once the
new one is whole.

kiosk.toml and programs of your own are files in the state directory; copy them by hand.
"""

EXAMPLES = """\
  kiosk backup /media/stick/kiosk.db
"""


def add_parser(subparsers: "Subparsers[argparse.ArgumentParser]") -> None:
    """Add the command to the command line."""
    parser = add_command(
        subparsers, "backup", "write what the kiosk remembers to a file", DESCRIPTION, EXAMPLES
    )
    parser.add_argument("file", metavar="FILE", type=Path, help="the file to write")
    add_setting_options(parser, ())
    parser.set_defaults(run=run, act=back_up)


def back_up(opened: Opened, args: argparse.Namespace) -> int:
    """Write the backup. Raises StoreError."""
    folder = args.file.absolute().parent
    if not folder.is_dir():
        raise StoreError(f"There is no folder {folder}. Make it first, or name another place.")
    opened.memory.store.backup_to(args.file)
    size = -(-args.file.stat().st_size // 1024)
    print(f"{args.file}: everything the kiosk remembers, {size} kB.")
    return 0
