"""The name and size of a program's file, for modules that need not load the model of a program."""

SLUG = r"^[a-z0-9]+(-[a-z0-9]+)*$"
"""The pattern of an id; a program's file is called by its id and `.toml`."""

LONGEST_ID = 60
"""Characters of an id at most."""

LARGEST_FILE = 1_000_000
"""Bytes of a program file at most; a thousand exercises fit into it."""
