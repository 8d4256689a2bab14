"""`kiosk restore`: take over what a backup remembers."""

import argparse
from datetime import UTC, datetime
from pathlib import Path

from kiosk.cli.common import Subparsers, add_command, add_setting_options, base_from

DESCRIPTION = """\
Put a backup in place of what the kiosk remembers. The backup is looked through first; one that is
damaged, or was made by a newer kiosk, changes nothing. What was there before is kept beside it.

The kiosk must not be running on the same state directory meanwhile.
"""

EXAMPLES = """\
  kiosk restore /media/stick/kiosk.db
"""


def add_parser(subparsers: "Subparsers[argparse.ArgumentParser]") -> None:
    """Add the command to the command line."""
    parser = add_command(
        subparsers, "restore", "take over what a backup remembers", DESCRIPTION, EXAMPLES
    )
    parser.add_argument("file", metavar="FILE", type=Path, help="a file that `kiosk backup` wrote")
    add_setting_options(parser, ())
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Restore the backup."""
    from kiosk.adapters.store.restoring import restore_from

    state = base_from(args).folders.state
    kept = restore_from(state, args.file, datetime.now(UTC))
    print(f"Restored {args.file}.")
    print(f"What was there before is kept as {kept}." if kept else "There was nothing before.")
    return 0
