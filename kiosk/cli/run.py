"""`kiosk run`: the kiosk itself."""

import argparse
import gc
import logging
import os
import sys
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING

from kiosk.cli.common import add_setting_options, environment_from

if TYPE_CHECKING:
    from kiosk.app import Kiosk
    from kiosk.hardware.simulation import SimulatedButton
    from kiosk.service.service import Service


DESCRIPTION = """\
Run the kiosk: wait for the button, and lead through the exercises.

Press: begin; in a session pause, and carry on from the start of the interrupted repetition.
Hold for 2 seconds: end the session.

On a Raspberry Pi the button is a real one on a pin. Elsewhere, or with --simulate, each line on
standard input is a press: an empty line a short one, `hold` one of two and a half seconds,
`hold on` one of ten and a half.
SIGTERM and Ctrl-C end the kiosk.

Caregivers open its pages in a browser; where, it says as it starts. On a terminal, and in
simulation, the six-digit code that lets the first one in is not only spoken but printed, too.
"""

EXAMPLES = """\
  kiosk run
  kiosk run --simulate --program hip-stretching
  kiosk run --pin 27 --led-pin 22 --audio-device USB
  kiosk run --host 127.0.0.1 --port 8090
"""

SETTINGS = (
    *("default_program", "pin", "led_pin", "audio_device", "voice", "rate", "volume"),
    *("host", "port"),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `kiosk run`."""
    parser.add_argument(
        "--simulate", action="store_true", help="simulate the button's pin, even on a Raspberry Pi"
    )
    parser.add_argument("--verbose", action="store_true", help="log what is of use in a fault")
    add_setting_options(parser, SETTINGS)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Run the kiosk until a signal ends it; again, where it was asked to restart."""
    from kiosk.service.service import AGAIN

    code = _run_once(args)
    if code == AGAIN:
        logging.shutdown()
        sys.stdout.flush()
        os.execv(sys.executable, again(sys.executable, sys.orig_argv))  # noqa: S606
    return code


def again(python: str, begun_by: Sequence[str]) -> list[str]:
    """The command that starts the kiosk as `begun_by` did, with every option of Python's own.

    `-m` of ourselves would have Python look for modules in the current folder first.
    """
    return [python, *begun_by[1:]]


def _run_once(args: argparse.Namespace) -> int:
    from kiosk.app import make_kiosk
    from kiosk.hardware.board import is_raspberry_pi
    from kiosk.service.service import Service
    from kiosk.service.systemd import Systemd

    on_terminal = sys.stdout.isatty()
    set_up_logging(verbose=args.verbose, on_terminal=on_terminal)
    environment = environment_from(args, forgiving=True)
    # A log that is stored is no place for a code; a terminal, or a simulation's output, is.
    is_shown = on_terminal or args.simulate or not is_raspberry_pi()
    show_code = _print_code if is_shown else lambda _code: None
    kiosk = make_kiosk(environment, simulate=args.simulate, show_code=show_code)
    service = Service(kiosk, Systemd.of_environment(os.environ))
    with ExitStack() as stack:
        stack.enter_context(service.signals())
        if kiosk.pins.simulated_button is not None:
            _press_on_lines(kiosk.pins.simulated_button, service, stack)
        if kiosk.pages is not None:
            _show_addresses(kiosk.pages.addresses, on_terminal=on_terminal)
        _show_state(kiosk, service, on_terminal=on_terminal)
        gc.enable()  # all that was loaded has been made by now, and stays
        service.start()
        return service.wait()


def _print_code(code: str) -> None:
    # Through the console that draws the screen, if one does: it prints above what it draws.
    if sys.stdout.isatty():
        from rich import get_console

        get_console().print(f"The code is {code}.", highlight=False)
    else:
        with suppress(OSError):  # whoever read it has gone
            print(f"The code is {code}.", flush=True)


def _show_addresses(addresses: Sequence[str], *, on_terminal: bool) -> None:
    if not on_terminal:
        logging.getLogger(__name__).info("The pages are at %s", " and ".join(addresses))
        return
    import segno

    segno.make(addresses[-1], error="l").terminal(compact=True)
    print("The pages are at:", *addresses, sep="\n  ")


def _press_on_lines(button: "SimulatedButton", service: "Service", stack: ExitStack) -> None:
    from kiosk.hardware.simulation import LineReader

    if sys.stdin.isatty():
        from kiosk.cli.terminal import without_echo

        stack.enter_context(without_echo(sys.stdin.fileno()))
    reader = LineReader(sys.stdin.fileno(), button, logging.getLogger(__name__).warning)
    # It may be in the middle of holding the button down for a while.
    service.add("lines", reader.run, reader.close, awaited=False)


def set_up_logging(*, verbose: bool, on_terminal: bool) -> None:
    """Have the log go to standard error, for a person or for what keeps it."""
    level = logging.DEBUG if verbose else logging.INFO
    # It tells of each form without its token, of which any stranger can send thousands.
    logging.getLogger("flask_wtf").setLevel(logging.WARNING)
    if not on_terminal:
        # While it starts PortAudio, sounddevice has descriptor 2 lead nowhere; a copy it leaves be.
        stream = os.fdopen(os.dup(sys.stderr.fileno()), "w", buffering=1, errors="backslashreplace")
        plain = logging.StreamHandler(stream)
        plain.setFormatter(_formatter())
        logging.basicConfig(level=level, handlers=[plain])
        return
    from rich.logging import RichHandler

    handler = RichHandler(show_time=False, show_path=False)
    quiet = logging.DEBUG if verbose else logging.WARNING  # the screen shows the rest
    logging.basicConfig(level=quiet, format="%(message)s", handlers=[handler])


def _formatter() -> logging.Formatter:
    from kiosk.service.systemd import JournalFormatter, goes_to_journal

    if goes_to_journal(os.environ, sys.stderr.fileno()):
        return JournalFormatter("%(name)s: %(message)s")
    return logging.Formatter("%(levelname)s %(name)s: %(message)s")


def _show_state(kiosk: "Kiosk", service: "Service", *, on_terminal: bool) -> None:
    if on_terminal:
        from rich import get_console

        from kiosk.cli.terminal import Screen

        simulated = kiosk.pins.simulated_button is not None
        enter = "Enter: press the button   hold + Enter: hold it   " if simulated else ""
        screen = Screen(get_console(), kiosk.session.snapshot, f"{enter}Ctrl-C: end")
        service.add("screen", screen.run, screen.close)
    else:
        from kiosk.cli.terminal import StateLog

        service.add("logbook", StateLog(kiosk.controller.feed).run)
