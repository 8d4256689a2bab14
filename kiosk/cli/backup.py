"""`kiosk backup`: everything the kiosk remembers, in one file."""

import argparse
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from kiosk.cli.common import add_setting_options, counted
from kiosk.cli.data import Opened, run
from kiosk.errors import StoreError

if TYPE_CHECKING:
    from kiosk.store.archive import Packed


DESCRIPTION = """\
Write everything that makes this kiosk yours into one file: sessions, plan, doses, kept settings,
and who changed what; kiosk.toml, and programs of your own. `kiosk restore` takes it over, here or
on another machine. The kiosk may go on meanwhile. An earlier backup of that name is replaced, once
the new one is whole.

Whoever has the file can read all of that, so keep it where only you can.
"""

EXAMPLES = """\
  kiosk backup /media/stick/kiosk.backup
  kiosk backup --clips /media/stick/kiosk.backup
  kiosk backup - > /media/stick/kiosk.backup
      where the kiosk's own user may not write there, but you may
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Give the command its arguments and options."""
    parser.add_argument(
        "file", metavar="FILE", type=Path, help="the file to write; -: to standard output"
    )
    parser.add_argument(
        "--clips", action="store_true", help="rendered speech, too, which can be rendered again"
    )
    add_setting_options(parser, ())
    parser.set_defaults(run=run, act=back_up)


def back_up(opened: Opened, args: argparse.Namespace) -> int:
    """Write the backup. Raises StoreError."""
    from kiosk.store.archive import scratch

    if str(args.file) != "-":
        folder = args.file.absolute().parent
        if not folder.is_dir():
            raise StoreError(f"There is no folder {folder}. Make it first, or name another place.")
        packed = write(opened, args.file, clips=args.clips)
        return tell(packed, args.file, str(args.file), sys.stdout)
    if sys.stdout.isatty():
        raise StoreError("A backup is no text. Lead it into a file: kiosk backup - > kiosk.backup")
    with scratch(opened.environment.folders.state) as folder:
        file = folder / "kiosk.backup"
        packed = write(opened, file, clips=args.clips)
        with file.open("rb") as source:
            shutil.copyfileobj(source, sys.stdout.buffer)
        return tell(packed, file, "Backup", sys.stderr)


def write(opened: Opened, file: Path, *, clips: bool) -> "Packed":
    """Write the backup to `file`. Raises StoreError."""
    from kiosk.store.archive import pack

    folders = opened.environment.folders
    return pack(
        folders.state, opened.data.store, file, opened.now, folders.clips if clips else None
    )


def tell(packed: "Packed", file: Path, called: str, out: TextIO) -> int:
    """Say what is in the backup and what is not; the exit code."""
    for sentence in packed.left_out:
        print(sentence, file=sys.stderr)
    size = -(-file.stat().st_size // 1024)
    print(f"{called}: {in_words(packed)}, {size} kB.", file=out)
    return 1 if packed.left_out else 0


def in_words(packed: "Packed") -> str:
    """What is in a backup."""
    what = ["everything the kiosk remembers"]
    if packed.settings:
        what.append("kiosk.toml")
    if packed.programs:
        what.append(f"{counted(packed.programs, 'program')} of your own")
    if packed.clips:
        what.append(f"{counted(packed.clips, 'clip')} of speech")
    return ", ".join(what)
