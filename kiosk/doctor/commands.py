"""Other programs of the system, asked for a short answer."""

import subprocess
from collections.abc import Callable, Sequence
from typing import TypeAlias

Run: TypeAlias = Callable[[Sequence[str]], str | None]
"""What a command prints; `None` where it is not there, fails, or takes too long."""

TIME_LIMIT = 10.0


def run(command: Sequence[str], time_limit: float = TIME_LIMIT) -> str | None:
    """Run it without input; as `Run`."""
    try:
        done = subprocess.run(  # noqa: S603 - fixed commands, and no shell
            command,
            capture_output=True,
            check=True,
            stdin=subprocess.DEVNULL,
            timeout=time_limit,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.decode("utf-8", "replace")
