"""One row of the ledger at a time: what is first in line, and what a person's act makes of it."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, time
from typing import TypeAlias

from kiosk.schedule.model import WALK, LedgerRow, OccurrenceState
from kiosk.schedule.rules import Rules

Key: TypeAlias = tuple[int, date, time]
"""What tells an occurrence from all others."""

Rows: TypeAlias = dict[Key, LedgerRow]


def put_off(row: LedgerRow, now: datetime, rules: Rules) -> LedgerRow:
    """`row` put off from `now` (UTC); its reminders begin anew then. Only what is due can be."""
    if row.state is not OccurrenceState.DUE:
        return row
    return replace(row, reminders=0, put_off_to=now + rules.put_off)


def put_off_all(rows: Iterable[LedgerRow], now: datetime, rules: Rules) -> tuple[LedgerRow, ...]:
    """All that is due at `now` and not put off yet, put off; so that the next one does not call
    out as soon as the first is put off.
    """
    return tuple(put_off(row, now, rules) for row in in_line(rows) if base_of(row) <= now)


def broken_off(row: LedgerRow, now: datetime, rules: Rules) -> LedgerRow:
    """`row` after its session was stopped by the person: a press still starts it for as long as the
    grace lasts from `now` (UTC), but it is not called out again.
    """
    if row.state is not OccurrenceState.DUE:
        return row
    return replace(row, reminders=len(rules.waits), put_off_to=now)


def done(row: LedgerRow, session: int | None = None) -> LedgerRow:
    """`row` done, by `session`; a walk has none."""
    return replace(row, state=OccurrenceState.DONE, session=session)


def fulfilled(rows: Iterable[LedgerRow], program: str) -> LedgerRow | None:
    """What a completed session of `program` does, however it was started: the first of what is
    due of that program. `None` where nothing is; the session was an extra one then.
    """
    return next((row for row in in_line(rows) if row.occurrence.program == program), None)


def in_line(rows: Iterable[LedgerRow]) -> list[LedgerRow]:
    """What is due, earliest first; of what is due at once, programs before walks.

    The first is what is called out and what a press starts.
    """
    due = (row for row in rows if row.state is OccurrenceState.DUE)
    return sorted(due, key=lambda r: (base_of(r), r.occurrence.program == WALK, r.occurrence.key))


def base_of(row: LedgerRow) -> datetime:
    """From when the reminders and the grace of `row` count."""
    return row.put_off_to or row.occurrence.due


def by_key(rows: Iterable[LedgerRow]) -> Rows:
    """`rows`, to be found by what tells their occurrences from all others."""
    return {row.occurrence.key: row for row in rows}


def in_order(rows: Iterable[LedgerRow]) -> tuple[LedgerRow, ...]:
    """`rows` in order of due, then of entry."""
    return tuple(sorted(rows, key=lambda row: (row.occurrence.due, row.occurrence.key)))
