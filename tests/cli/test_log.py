"""What the kiosk writes down while it runs."""

import os
import subprocess
import sys

import pytest


@pytest.mark.parametrize("utf8", ["0", "1"])
def test_no_line_is_lost_for_the_letters_in_it(utf8):
    """As in the name of a file that somebody copied from an old computer."""
    script = (
        "import logging; from kiosk.cli.run import set_up_logging;"
        "set_up_logging(verbose=False, on_terminal=False);"
        "logging.warning('%s is not used', 'f\\xfcr \\udce9')"
    )
    environ = {"PYTHONUTF8": utf8, "PYTHONCOERCECLOCALE": "0", "LC_ALL": "C"}
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        check=True,
    )
    letter = "\xfc" if utf8 == "1" else "\\xfc"
    assert done.stderr == f"WARNING root: f{letter}r \\udce9 is not used\n"
