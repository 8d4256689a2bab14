"""`kiosk schema`: prints the JSON Schema of the program file."""

import argparse
import sys

DESCRIPTION = """\
Print the JSON Schema of exercise program files, for editors and other programs.

The first line of each shipped program file names it, so that an editor can help with the writing.
"""

EXAMPLES = """\
  kiosk schema > schema.json
      keep it beside your own programs, and begin each of them with the line
      #:schema ./schema.json
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `kiosk schema`."""
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print the schema; always 0."""
    from kiosk.programs.document import schema_text

    del args
    sys.stdout.write(schema_text())
    return 0
