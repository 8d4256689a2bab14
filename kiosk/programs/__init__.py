"""Exercise programs: model, TOML files, every check on them, and the service to edit them.

The name and size of a program's file stand here, where they cost no command the model's loading.
"""

SLUG = r"^[a-z0-9]+(-[a-z0-9]+)*$"
"""The pattern of an id; a program's file is called by its id and `.toml`."""

LONGEST_ID = 60  # characters of an id at most
LARGEST_FILE = 1_000_000  # bytes of a program file at most; a thousand exercises fit into it
