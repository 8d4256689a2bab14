"""`kiosk render`: a whole session as a sound file."""

import argparse
from pathlib import Path

from kiosk.cli.common import add_setting_options, environment_from, prepared_session

DESCRIPTION = """\
Write a whole session as one sound file (WAV, mono, 22050 Hz), as the kiosk would play it.

PROGRAM is a program's id (see `kiosk programs`) or a file.
"""

EXAMPLES = """\
  kiosk render low-back-start -o session.wav
  kiosk render low-back-start -o slow.wav --rate 130 --volume 100
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `kiosk render`."""
    parser.add_argument("program", metavar="PROGRAM", help="id or file of the program")
    parser.add_argument(
        "-o", "--output", metavar="FILE.wav", required=True, type=Path, help="the file to write"
    )
    add_setting_options(parser, ("voice", "rate", "volume"))
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Render the session and write it."""
    from kiosk.audio.export import write_sound_file
    from kiosk.cli.terminal import progress_bar

    environment = environment_from(args)
    session = prepared_session(environment, args.program)
    volume = environment.settings.volume
    with progress_bar("Writing the session") as progress:
        write_sound_file(session.timeline, session.bank, args.output, volume, progress)
    print(f"{args.output}: {session.timeline.duration / 1000:.1f} s")
    return 1 if session.problems else 0
