"""Exercise programs: model, TOML files, every check on them, and the service to edit them.

The name, size and sum of a program's file stand here, where they cost no command the model's
loading.
"""

from functools import cache
from pathlib import Path

SLUG = r"^[a-z0-9]+(-[a-z0-9]+)*$"
"""The pattern of an id; a program's file is called by its id and `.toml`."""

LONGEST_ID = 60  # characters of an id at most
LARGEST_FILE = 1_000_000  # bytes of a program file at most; a thousand exercises fit into it


def is_validated(content: bytes) -> bool:
    """Whether this is the content of a shipped program file, which the tests have validated."""
    from hashlib import sha256  # noqa: PLC0415 - seldom needed

    return sha256(content).hexdigest() in _validated_sums()


@cache
def _validated_sums() -> frozenset[str]:
    """The SHA-256 sums of the shipped programs; empty where their list cannot be read."""
    import programs  # noqa: PLC0415 - seldom needed

    try:
        lines = Path(programs.__path__[0], "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return frozenset()  # then they are validated like any others
    return frozenset(line.partition(" ")[0] for line in lines)
