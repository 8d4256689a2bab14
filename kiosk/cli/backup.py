"""`kiosk backup`: everything the kiosk remembers, in one file."""

import argparse
import shutil
import sys
from pathlib import Path
from typing import TextIO

from kiosk.cli.common import add_setting_options, counted
from kiosk.cli.data import Opened, run
from kiosk.errors import StoreError

DESCRIPTION = """\
Write everything that makes this kiosk yours into one file: sessions, plan, doses, stored settings,
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
    """Add the arguments of `kiosk backup`."""
    parser.add_argument(
        "file", metavar="FILE", type=Path, help="the file to write; -: to standard output"
    )
    parser.add_argument(
        "--clips", action="store_true", help="rendered speech, too, which can be rendered again"
    )
    add_setting_options(parser, ())
    parser.set_defaults(run=run, act=back_up)


def back_up(opened: Opened, args: argparse.Namespace) -> int:
    """Write the backup; the exit code, 1 where a file was left out. Raises StoreError."""
    from kiosk.store.files import temporary_folder

    if str(args.file) != "-":
        folder = args.file.absolute().parent
        if not folder.is_dir():
            raise StoreError(f"There is no folder {folder}. Make it first, or name another place.")
        return _write(opened, args, args.file, str(args.file), sys.stdout)
    if sys.stdout.isatty():
        raise StoreError("A backup is no text. Lead it into a file: kiosk backup - > kiosk.backup")
    with temporary_folder(opened.environment.folders.state) as folder:
        file = folder / "kiosk.backup"
        code = _write(opened, args, file, "Backup", sys.stderr)
        with file.open("rb") as source:
            shutil.copyfileobj(source, sys.stdout.buffer)
        return code


def _write(opened: Opened, args: argparse.Namespace, file: Path, label: str, out: TextIO) -> int:
    from kiosk.store.archive import write_backup

    folders, store = opened.environment.folders, opened.data.store
    clips = folders.clips if args.clips else None
    contents = write_backup(folders.state, store, file, opened.now, clips)
    for sentence in contents.left_out:
        print(sentence, file=sys.stderr)
    words = ["everything the kiosk remembers"]
    if contents.settings:
        words.append("kiosk.toml")
    if contents.programs:
        words.append(f"{counted(contents.programs, 'program')} of your own")
    if contents.clips:
        words.append(f"{counted(contents.clips, 'clip')} of speech")
    size = -(-file.stat().st_size // 1024)
    print(f"{label}: {', '.join(words)}, {size} kB.", file=out)
    return 1 if contents.left_out else 0
