"""Ledger rows: their order, and how a person's act changes one. Pure functions."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, time
from typing import TypeAlias

from kiosk.schedule.model import WALK, LedgerRow, OccurrenceState
from kiosk.schedule.occurrences import Rules

Key: TypeAlias = tuple[int, date, time]  # `Occurrence.key`: entry, local date and local time

Rows: TypeAlias = dict[Key, LedgerRow]


def put_off(row: LedgerRow, now: datetime, rules: Rules) -> LedgerRow:
    """`row` put off from `now` (UTC), with its reminders anew; unchanged unless due."""
    if row.state is not OccurrenceState.DUE:
        return row
    return replace(row, reminders=0, put_off_to=now + rules.put_off)


def put_off_all(rows: Iterable[LedgerRow], now: datetime, rules: Rules) -> tuple[LedgerRow, ...]:
    """Every row that is due at `now` (UTC) and not put off yet, put off: else the next one in line
    would be called out as soon as the first is put off.
    """
    return tuple(put_off(row, now, rules) for row in in_line(rows) if base_of(row) <= now)


def broken_off(row: LedgerRow, now: datetime, rules: Rules) -> LedgerRow:
    """`row` after the person stopped its session: it stays due for the grace from `now` (UTC), so
    that a press starts it again, but it is not called out any more.
    """
    if row.state is not OccurrenceState.DUE:
        return row
    return replace(row, reminders=len(rules.waits), put_off_to=now)


def done(row: LedgerRow, session: int | None = None) -> LedgerRow:
    """`row` done, by the session of that id; a walk has none."""
    return replace(row, state=OccurrenceState.DONE, session=session)


def fulfilled(rows: Iterable[LedgerRow], program: str) -> LedgerRow | None:
    """The row that a completed session of `program` does, however it was started: the first in line
    of that program. `None` where none is due; the session was an extra one then.
    """
    return next((row for row in in_line(rows) if row.occurrence.program == program), None)


def in_line(rows: Iterable[LedgerRow]) -> list[LedgerRow]:
    """The due rows, earliest first, programs before walks; the first is called out and started."""
    due = (row for row in rows if row.state is OccurrenceState.DUE)
    return sorted(due, key=lambda r: (base_of(r), r.occurrence.program == WALK, r.occurrence.key))


def base_of(row: LedgerRow) -> datetime:
    """The moment from which the reminders and the grace of `row` count."""
    return row.put_off_to or row.occurrence.due


def by_key(rows: Iterable[LedgerRow]) -> Rows:
    """`rows` by their keys."""
    return {row.occurrence.key: row for row in rows}


def in_order(rows: Iterable[LedgerRow]) -> tuple[LedgerRow, ...]:
    """`rows` in order of due, then of entry."""
    return tuple(sorted(rows, key=lambda row: (row.occurrence.due, row.occurrence.key)))
