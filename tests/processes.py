"""Commands that a test runs to their end."""

import subprocess
import sys
from typing import Any


def run(*command: object, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run a command and capture its output as text; `options` are those of `subprocess.run`."""
    words = [str(word) for word in command]
    return subprocess.run(words, capture_output=True, text=True, check=False, **options)


def output_of(*command: object, **options: Any) -> str:
    """The output of a command that has to succeed."""
    done = run(*command, **options)
    assert done.returncode == 0, f"{command[0]} failed:\n{done.stdout}\n{done.stderr}"
    return done.stdout


def python(script: str, *arguments: object, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run a script in a Python of its own."""
    return run(sys.executable, "-c", script, *arguments, **options)
