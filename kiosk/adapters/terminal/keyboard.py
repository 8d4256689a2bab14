"""Keeps typed lines from being echoed over the picture on the terminal."""

import termios
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_echo(terminal: int) -> Iterator[None]:
    """Switch the echo of the terminal with that file descriptor off, and back on at the end.

    Lines still come in whole, and Ctrl-C still interrupts.
    """
    before = termios.tcgetattr(terminal)
    quiet = termios.tcgetattr(terminal)
    quiet[3] &= ~(termios.ECHO | termios.ECHONL)
    termios.tcsetattr(terminal, termios.TCSADRAIN, quiet)
    try:
        yield
    finally:
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)
