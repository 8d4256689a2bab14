"""`kiosk run`: the kiosk itself."""

import argparse
import logging
import os
import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING

from kiosk.bootstrap import Kiosk, make_kiosk
from kiosk.cli.common import Subparsers, add_command, add_setting_options, base_from

if TYPE_CHECKING:
    from kiosk.adapters.pins.simulation import SimulatedButton
    from kiosk.service.service import Service

DESCRIPTION = """\
Run the kiosk: wait for the button, and lead through the exercises.

Press: begin; in a session pause, and carry on from the start of the interrupted repetition.
Hold for 2 seconds: end the session.

On a Raspberry Pi the button is a real one on a pin. Elsewhere, or with --simulate, each line on
standard input is a press: an empty line a short one, `hold` one of two and a half seconds.
SIGTERM and Ctrl-C end the kiosk.
"""

EXAMPLES = """\
  kiosk run
  kiosk run --simulate --program hip-stretching
  kiosk run --pin 27 --led-pin 22 --audio-device USB
"""

SETTINGS = ("default_program", "pin", "led_pin", "audio_device", "voice", "rate", "volume")


def add_parser(subparsers: "Subparsers[argparse.ArgumentParser]") -> None:
    """Add the command to the command line."""
    parser = add_command(subparsers, "run", "run the kiosk", DESCRIPTION, EXAMPLES)
    parser.add_argument(
        "--simulate", action="store_true", help="simulate the button's pin, even on a Raspberry Pi"
    )
    parser.add_argument("--verbose", action="store_true", help="log what is of use in a fault")
    add_setting_options(parser, SETTINGS)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Run the kiosk until a signal ends it."""
    from kiosk.service.service import Service

    on_terminal = sys.stdout.isatty()
    _set_up_logging(verbose=args.verbose, on_terminal=on_terminal)
    kiosk = make_kiosk(base_from(args), simulate=args.simulate)
    service = Service(kiosk)
    with ExitStack() as stack:
        stack.enter_context(service.signals())
        if kiosk.pins.simulated_button is not None:
            _press_on_lines(kiosk.pins.simulated_button, service, stack)
        _show(kiosk, service, on_terminal=on_terminal)
        service.start()
        return service.wait()


def _press_on_lines(button: "SimulatedButton", service: "Service", stack: ExitStack) -> None:
    from kiosk.adapters.pins.simulation import LineReader

    if sys.stdin.isatty():
        from kiosk.adapters.terminal.keyboard import without_echo

        stack.enter_context(without_echo(sys.stdin.fileno()))
    reader = LineReader(sys.stdin, button, logging.getLogger(__name__).warning)
    # It may be in the middle of holding the button down for a while.
    service.add("lines", reader.run, reader.close, awaited=False)


def _set_up_logging(*, verbose: bool, on_terminal: bool) -> None:
    level = logging.DEBUG if verbose else logging.INFO
    if not on_terminal:
        # While it starts PortAudio, sounddevice has descriptor 2 lead nowhere; a copy it leaves be.
        stream = os.fdopen(os.dup(sys.stderr.fileno()), "w", buffering=1)
        logging.basicConfig(
            level=level, format="%(levelname)s %(name)s: %(message)s", stream=stream
        )
        return
    from rich.logging import RichHandler

    handler = RichHandler(show_time=False, show_path=False)
    quiet = logging.DEBUG if verbose else logging.WARNING  # the screen shows the rest
    logging.basicConfig(level=quiet, format="%(message)s", handlers=[handler])


def _show(kiosk: Kiosk, service: "Service", *, on_terminal: bool) -> None:
    if on_terminal:
        from rich import get_console

        from kiosk.adapters.terminal.screen import Screen

        simulated = kiosk.pins.simulated_button is not None
        enter = "Enter: press the button   hold + Enter: hold it   " if simulated else ""
        screen = Screen(get_console(), kiosk.api.snapshot, f"{enter}Ctrl-C: end")
        service.add("screen", screen.run, screen.close)
    else:
        from kiosk.adapters.terminal.logbook import Logbook

        service.add("logbook", Logbook(kiosk.conductor.feed).run)
