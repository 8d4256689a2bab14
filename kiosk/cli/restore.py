"""`kiosk restore`: put a backup in place of the data."""

import argparse
import os
import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path

from kiosk.cli.common import add_setting_options, counted, english_text
from kiosk.errors import StoreError
from kiosk.system.folders import Folders, find_folders, make_folders

DESCRIPTION = """\
Put a backup in place of what the kiosk remembers, and the kiosk.toml and the programs in it in
place of those here. Programs that only this kiosk has stay. The backup is looked through first; one
that is damaged, or was made by a newer kiosk, changes nothing. What was there before is kept beside
it.

Speech in the backup is taken over, too. The kiosk must not be running on the same state directory
meanwhile.
"""

EXAMPLES = """\
  kiosk restore /media/stick/kiosk.backup
  kiosk restore - < /media/stick/kiosk.backup
      where the kiosk's own user may not read there, but you may
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `kiosk restore`."""
    parser.add_argument(
        "file",
        metavar="FILE",
        type=Path,
        help="a file that `kiosk backup` wrote; -: from standard input",
    )
    add_setting_options(parser, ())
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Restore the backup, and print the result. Raises StoreError; nothing is changed then."""
    from kiosk.store.files import temporary_folder

    # No settings are read: a kiosk whose settings are wrong has to be mended by a backup, too.
    folders = find_folders(args.state_dir, os.environ)
    make_folders(folders)
    if str(args.file) != "-":
        return _restore(folders, args.file, "")
    with temporary_folder(folders.state) as folder:
        file = folder / "handed-in.backup"
        try:
            with file.open("xb") as target:
                shutil.copyfileobj(sys.stdin.buffer, target)
        except OSError as error:
            raise StoreError(
                f"The backup cannot be read, or finds no room in {folder.parent}: {error.strerror}."
            ) from error
        return _restore(folders, file, file.name)


def _restore(folders: Folders, file: Path, label: str) -> int:
    from kiosk.store.archive import extract_clips
    from kiosk.store.restore import restore_backup

    restored = restore_backup(folders.state, file, datetime.now(UTC), label=label)
    print(f"Restored {label or file}.")
    if restored.replaced:
        names = " and ".join(str(path) for path in restored.replaced)
        print(f"What was there before is kept as {names}.")
    else:
        print("There was nothing before.")
    for note in restored.notes:
        print(english_text(note))
    clips = extract_clips(file, folders.clips)
    if clips:
        print(f"Speech: {counted(clips, 'clip')}.")
    return 0
