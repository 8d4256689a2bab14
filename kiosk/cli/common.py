"""What several commands share: their options and how they are read."""

import argparse
import os
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

from kiosk.bootstrap.base import Base, make_base, make_library, make_studio

if TYPE_CHECKING:
    from kiosk.conductor.sound.studio import SessionMaterial

_SETTINGS = {
    "default_program": ("--program", "ID", "program that a press starts (see `kiosk programs`)"),
    "voice": ("--voice", "NAME", "voice: id, name or language, as `espeak-ng --voices` lists them"),
    "rate": ("--rate", "WPM", "words a minute, 120 to 200"),
    "volume": ("--volume", "PERCENT", "loudness, 0 to 100"),
    "audio_device": ("--audio-device", "NAME", "sound card, by a part of its name; none: silence"),
    "pin": ("--pin", "N", "BCM number of the button's pin"),
    "led_pin": ("--led-pin", "N", "BCM number of the light's pin"),
    "host": ("--host", "ADDRESS", "address the pages listen on; 0.0.0.0: for the whole house"),
    "port": ("--port", "N", "port the pages listen on; 0: any free one"),
}


def add_setting_options(parser: argparse.ArgumentParser, names: Iterable[str]) -> None:
    """The options for the settings `names`, and `--state-dir`.

    Their values stay text: they are checked with all other settings, so that all that is wrong is
    told at once.
    """
    for name in names:
        option, metavar, text = _SETTINGS[name]
        parser.add_argument(option, dest=name, metavar=metavar, help=text)
    parser.add_argument(
        "--state-dir",
        metavar="DIR",
        help="where settings, own programs and rendered speech are kept",
    )
    parser.set_defaults(setting_names=tuple(names))


def base_from(args: argparse.Namespace, *, forgiving: bool = False) -> Base:
    """Folders and settings as the command line and the environment have them; see `make_base`."""
    options = {name: getattr(args, name) for name in args.setting_names}
    return make_base(args.state_dir, os.environ, options, forgiving=forgiving)


def session_material(base: Base, id_or_path: str) -> "SessionMaterial":
    """What a session of a program is played from, rendered with a progress bar where that takes
    long; what is missing of it is told on standard error.

    Raises UnknownProgramError, ProgramFileError or WordingError where there can be no session.
    """
    from kiosk.adapters.terminal.progress_bar import progress_bar

    program = make_library(base.folders).resolve(id_or_path)
    studio = make_studio(base)
    try:
        with progress_bar("Rendering speech") as progress:
            material = studio.make(program, progress)
    finally:
        studio.close()
    for problem in material.problems:
        print(problem, file=sys.stderr)
    return material
