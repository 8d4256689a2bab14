"""How lists, days and moments are printed."""

import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime

from kiosk.model.plan import Weekday


def print_json(value: object) -> None:
    """Print `value` for other programs to read."""
    print(json.dumps(value, indent=2, ensure_ascii=False))


def print_columns(rows: Iterable[Sequence[str]]) -> None:
    """Print `rows`, the first of which is the head, in columns as wide as what stands in them."""
    rows = [tuple(map(_visible, row)) for row in rows]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        print("  ".join(map(str.ljust, row, widths)).rstrip())


def day_and_time(moment: datetime) -> str:
    """`moment` for a person, in the zone it is in."""
    return f"{weekday_of(moment.date())} {moment:%Y-%m-%d %H:%M}"


def weekday_of(day: date) -> str:
    """The day of the week in three letters."""
    return Weekday(day.weekday()).name.capitalize()


def counted(number: int, one: str, many: str = "") -> str:
    """`1 day`, `2 days`: the word `one` for one, else `many`, or `one` with an s."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def _visible(text: str) -> str:
    """`text` without what would break a line or move the cursor."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
