"""Reads the command line and hands over to the command's own module.

Exit codes: 0 all well, 1 a problem, which is told, 2 the command was called wrongly.
"""

import argparse
import os
import sys
from collections.abc import Sequence

from kiosk import __version__
from kiosk.cli import (
    backup,
    check,
    cues,
    doctor,
    history,
    level,
    plan,
    programs,
    render,
    restore,
    run,
    say,
    schema,
    status,
)
from kiosk.errors import DataError, KioskError

COMMANDS = (
    run,
    doctor,
    status,
    plan,
    history,
    level,
    backup,
    restore,
    programs,
    check,
    schema,
    cues,
    render,
    say,
)

DESCRIPTION = """\
A voice-guided exercise kiosk: press the button, and a calm voice leads through the exercises,
counting every repetition and every hold.
"""

EPILOG = """\
`kiosk COMMAND --help` explains a command. Everything that can be set stands in the settings
reference; a command's options go before the environment, that before kiosk.toml.
"""


def make_parser() -> argparse.ArgumentParser:
    """The parser of the whole command line."""
    parser = argparse.ArgumentParser(
        prog="kiosk",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"kiosk {__version__}")
    subparsers = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in COMMANDS:
        command.add_parser(subparsers)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line `argv` (the process's own where none is given); its exit code."""
    open_missing_streams()
    args = make_parser().parse_args(argv)
    try:
        code: int = args.run(args)
        sys.stdout.flush()
    except DataError as error:
        for problem in error.problems:
            print(problem, file=sys.stderr)
        return 1
    except KioskError as error:
        print(error, file=sys.stderr)
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


def open_missing_streams() -> None:
    """Let standard streams that were closed by the caller lead nowhere, instead of not existing."""
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
