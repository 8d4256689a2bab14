"""Reads the command line and hands over to the command's own module.

Exit codes: 0 all well, 1 a problem, which standard error names, 2 the command was called wrongly,
130 ended by Ctrl-C.
"""

import argparse
import atexit
import gc
import os
import sys
from collections.abc import Collection, Sequence
from importlib import import_module

from kiosk import __version__
from kiosk.cli.common import HelpFormatter, add_command
from kiosk.errors import KioskError

COMMANDS = {
    "run": "run the kiosk",
    "doctor": "look whether all is well, and say what to do",
    "status": "have I done it today?",
    "plan": "say what is to be done when",
    "history": "print what was done, and who changed what",
    "level": "show and change doses",
    "backup": "write what the kiosk remembers to a file",
    "restore": "take over what a backup holds",
    "programs": "list the exercise programs",
    "check": "check exercise program files",
    "schema": "print the JSON Schema of program files",
    "cues": "print what is said in a session, and when",
    "render": "write a whole session as a sound file",
    "say": "say a text on the speaker",
}
"""What each command does. Its module in this folder has its name, and is loaded only to run it."""

QUICK = {"plan", "status", "history", "level"}
"""Commands that leave nothing to be put in order when the process ends."""

DESCRIPTION = """\
A voice-guided exercise kiosk: press the button, and a calm voice leads through the exercises,
counting every repetition and every hold.
"""

EPILOG = """\
`kiosk COMMAND --help` explains a command. Everything that can be set stands in the settings
reference; a command's options go before the environment, that before kiosk.toml.
"""


def make_parser(used: Collection[str] = COMMANDS.keys()) -> argparse.ArgumentParser:
    """The parser of the whole command line, with the options of the commands that are `used`.

    The others are left out or, where none is used, known by name only: to load all that fourteen
    commands need takes longer than most of them.
    """
    commands = [name for name in COMMANDS if name in used] or COMMANDS
    parser = argparse.ArgumentParser(
        prog="kiosk",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=HelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"kiosk {__version__}")
    subparsers = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name in commands:
        if name in used:
            command = import_module(f"kiosk.cli.{name}")
            text = command.DESCRIPTION, command.EXAMPLES
            command.add_arguments(add_command(subparsers, name, COMMANDS[name], *text))
        else:
            subparsers.add_parser(name, help=COMMANDS[name])
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line `argv` (the process's own where none is given); its exit code."""
    open_missing_streams()
    # Nearly all that is loaded is in use to the end, and searching it for garbage takes a fifth of
    # a short command's time. `_run` turns the search on again for what may run longer.
    gc.disable()
    atexit.register(gc.freeze)
    try:
        code = _run(argv)
    finally:
        gc.enable()
    if argv is None and code == 0 and _commands_in(argv) <= QUICK:
        # All is written. To take apart what was loaded takes as long as what such a command does.
        os._exit(0)
    return code


def _run(argv: Sequence[str] | None) -> int:
    args = make_parser(_commands_in(argv)).parse_args(argv)
    if not _commands_in(argv) <= {*QUICK, "run"}:  # `run` has much to load before it does so itself
        gc.enable()
    try:
        code: int = args.run(args)
        sys.stdout.flush()
    except KioskError as error:
        from kiosk.locale.problems import error_text

        print(error_text(error), file=sys.stderr)
        return 1
    except BrokenPipeError:  # whoever read our output has gone, e.g. `| head`
        _give_up_on_output()
        return 1
    except OSError as error:
        if error.filename is not None:
            raise
        print(f"The output cannot be written: {error.strerror}.", file=sys.stderr)
        _give_up_on_output()
        return 1
    except KeyboardInterrupt:
        return 130
    return code


def _commands_in(argv: Sequence[str] | None) -> set[str]:
    """The command that is asked for, if any is: the first word that is no option."""
    words = (word for word in (sys.argv[1:] if argv is None else argv) if not word.startswith("-"))
    return {next(words, "")}


def open_missing_streams() -> None:
    """Open the null device in place of standard streams that the caller has closed."""
    for descriptor, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        if getattr(sys, name) is None:
            null = os.open(os.devnull, os.O_RDWR)
            if null != descriptor:
                os.dup2(null, descriptor)
                os.close(null)
            setattr(sys, name, os.fdopen(descriptor, mode))


def _give_up_on_output() -> None:
    """Keep Python from complaining again when it flushes at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
