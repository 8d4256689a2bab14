"""What a program's file is called, and how large it may be, for those who need not read it."""

SLUG = r"^[a-z0-9]+(-[a-z0-9]+)*$"
"""What an id looks like; the file's name is the id and `.toml`."""

LONGEST_ID = 60
"""Characters."""

LARGEST_FILE = 1_000_000
"""Bytes a program file has at most; a thousand exercises fit into it."""
