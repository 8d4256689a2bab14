"""The due step: from the plan, the ledger and the moment to what is due, reminded of and missed.

Theory of operation
-------------------
*One step.* `advance` is the whole of the schedule's behaviour in time. The scheduler calls it about
once a second; it is given the plan, the ledger rows of the days around now (`ledger_days`), the
moment until which the last step had settled everything, and the moment now. It returns a
`DueStep`: the rows to write, the rows to delete, the reminder to give, what a press would start,
and when the next step has something to do. The caller writes the step down before anything is
said. There are no timers and no state besides what is stored, so a power cut between two steps
costs nothing, months of a plan run in milliseconds in a test, and a page can compute what the
kiosk's next step will say without waiting for it.

*What it decides*, in this order: what a clock that had been ahead saw is forgotten; rows that the
plan does not ask for any more are dropped; occurrences between the last step and now become due, or
missed where their grace is over already; time spent waiting for a session is given back; what is
over its grace becomes missed; the first in line gets its reminder, unless a session is under way or
the hours are quiet. Each is one function below, from rows to rows.

*Clock jumps* need no case of their own where they go forward: that is a long step, as after a power
cut. One reminder stands for all that were left out, what is over its grace is missed silently, and
what lies further back than `LOOK_BACK` is not listed at all. A jump back by more than `LEAP_BACK`
means that the clock had been wrong: rows that are due or missed in what is now the future are
deleted and become due again in their time. Done rows stay, so nothing is asked for twice; so do
changes of the plan made by that clock, from now on (`_mended`). A clock that is not trusted is not
stepped at all, which is the caller's decision.

*Why one step* and not a job for each occurrence: schedulers that hold jobs by wall-clock time hang
or burst when a board without a battery gets its time, and must be rebuilt on every change of the
plan. Here the plan is only compared with the ledger, as of now. `docs/explanation/schedule.md`
has the rules in plain words, ADR 0008 the decision.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from kiosk.schedule.ledger import Key, Rows, base_of, by_key, in_line, in_order
from kiosk.schedule.model import LedgerRow, OccurrenceState, PlanEntry
from kiosk.schedule.occurrences import (
    DAY,
    LATEST,
    Rules,
    belongs,
    end_of_quiet,
    is_quiet,
    local_day,
    occurrences,
)

LEAP_BACK = timedelta(minutes=1)
"""A clock set back by more than this had been wrong; by less, it was only adjusted."""

LOOK_BACK = timedelta(days=31)
"""What fell due longer ago than this, while the kiosk was off, is not listed as missed."""

TOGETHER = timedelta(seconds=30)
"""Reminders of an occurrence this close to one that is given count as given with it."""

LONGEST_SESSION = timedelta(hours=12)  # the longest that anything due waits for a session to end

_TICK = timedelta.resolution


class DueStep(NamedTuple):
    """The result of `advance`."""

    changed: tuple[LedgerRow, ...]
    """New rows and rows to replace, in order of due; to be written before anything is said."""

    forget: tuple[Key, ...]
    """Keys of rows to delete."""

    settled_until: datetime
    """Until when everything due is in the ledger (UTC); the next step is given it."""

    remind: LedgerRow | None
    """The reminder to give now; its row is one of `changed`."""

    due: LedgerRow | None
    """The first in line, which a press of the button starts or, if it is a walk, confirms."""

    wake_at: datetime | None
    """When the next step has something to do (UTC), if nothing else happens until then."""

    def applied_to(self, rows: Iterable[LedgerRow]) -> tuple[LedgerRow, ...]:
        """`rows` as they are after this step, in order of due."""
        kept = by_key(rows) | by_key(self.changed)
        return in_order(row for key, row in kept.items() if key not in self.forget)


def advance(
    plan: Sequence[PlanEntry],
    ledger_rows: Iterable[LedgerRow],
    settled_until: datetime | None,
    now: datetime,
    zone: ZoneInfo,
    rules: Rules,
    busy: bool,
) -> DueStep:
    """The step to the moment `now` (UTC).

    `ledger_rows` are at least those of the days that `ledger_days` names. `settled_until` is what
    the step before returned, `None` before the first ever. `busy`: whether a session is under way.
    """
    before = by_key(ledger_rows)
    rows, settled = _after_leap_back(before, settled_until, now, rules)
    plan = [_mended(entry, settled, now) for entry in plan]
    rows = _as_planned(rows, plan)
    fallen, coming = _newly_due(plan, rows, settled, now, zone, rules)
    rows |= fallen
    silent = busy or is_quiet(now, zone, rules)
    if not silent and settled is not None and not is_quiet(settled, zone, rules):
        rows = _waited(rows, settled, now, rules)
    rows = _missed(rows, now, rules, busy)
    remind = None if silent else _reminder(rows, now, rules)
    if remind is not None:
        rows[remind.occurrence.key] = remind
    return DueStep(
        changed=in_order(row for key, row in rows.items() if before.get(key) != row),
        forget=tuple(sorted(before.keys() - rows.keys())),
        settled_until=max(settled or now, now),
        remind=remind,
        due=_first(rows),
        wake_at=_wake_at(rows, coming, now, zone, rules),
    )


def ledger_days(settled_until: datetime | None, now: datetime, zone: ZoneInfo) -> tuple[date, date]:
    """The first and the last local day whose ledger rows `advance` has to be given."""
    oldest = min(settled_until or now, now) - LOOK_BACK
    return local_day(oldest, zone) - 2 * DAY, date.max


# What follows are the rules, in the order in which `advance` goes through them.


def _after_leap_back(
    rows: Rows, settled: datetime | None, now: datetime, rules: Rules
) -> tuple[Rows, datetime | None]:
    """The rows and `settled` after a jump back: without what only a clock that was ahead has seen,
    but with what was done, so that it does not become due again.
    """
    if settled is None or now >= settled - LEAP_BACK:
        return dict(rows), settled
    kept: Rows = {}
    for key, row in rows.items():
        if row.state is OccurrenceState.DONE:
            kept[key] = row
        elif row.occurrence.due <= now:
            put_off_to = row.put_off_to
            if row.state is OccurrenceState.DUE and put_off_to is not None:
                put_off_to = min(put_off_to, now + rules.put_off)
            kept[key] = replace(row, put_off_to=put_off_to)
    return kept, now


def _mended(entry: PlanEntry, settled: datetime | None, now: datetime) -> PlanEntry:
    """The entry without a `since` in the future, which only a clock that was ahead can have given:
    it would keep the entry from ever being due.
    """
    if entry.since is not None and entry.since <= now:
        return entry
    return replace(entry, since=settled or now)


def _as_planned(rows: Rows, plan: Sequence[PlanEntry]) -> Rows:
    """The rows without what is due but no longer in the plan, and with the plan's own programs."""
    entries = {entry.id: entry for entry in plan}
    kept: Rows = {}
    for key, row in rows.items():
        entry = entries.get(key[0])
        if row.state is not OccurrenceState.DUE:
            kept[key] = row
        elif entry is not None and belongs(entry, *key[1:]):
            occurrence = replace(row.occurrence, program=entry.program)
            kept[key] = replace(row, occurrence=occurrence)
    return kept


def _newly_due(
    plan: Sequence[PlanEntry],
    rows: Rows,
    settled: datetime | None,
    now: datetime,
    zone: ZoneInfo,
    rules: Rules,
) -> tuple[Rows, datetime | None]:
    """Rows for what fell due since `settled`, and when the next occurrence is due."""
    first_ever = min((entry.since for entry in plan if entry.since), default=now) - _TICK
    after = max(settled or first_ever, now - LOOK_BACK)
    fallen: Rows = {}
    for occurrence in occurrences(plan, local_day(after, zone), LATEST, zone):
        if occurrence.due <= after or occurrence.key in rows:
            continue
        if occurrence.due > now:
            return fallen, occurrence.due
        late = now - occurrence.due > rules.grace
        state = OccurrenceState.MISSED if late else OccurrenceState.DUE
        fallen[occurrence.key] = LedgerRow(occurrence, state)
    return fallen, None


def _waited(rows: Rows, settled: datetime, now: datetime, rules: Rules) -> Rows:
    """The rows with the time given back that they spent waiting for a session.

    How that is known: its turn had come by the last step, at an hour that is not quiet, and still
    it was not called out; or its grace was over by then, and still it is due. Only a session does
    that, or something earlier that a person has just dealt with.
    """
    if now - settled > rules.grace:
        return rows
    line = in_line(rows.values())
    resumed = dict(rows)
    for row in line:
        turn = _turn(row, rules)
        kept_waiting = row is line[0] or settled - base_of(row) > rules.grace
        if turn is not None and kept_waiting and turn <= min(settled, now):
            base = now - (turn - base_of(row))
            resumed[row.occurrence.key] = replace(row, put_off_to=base)
    return resumed


def _missed(rows: Rows, now: datetime, rules: Rules, busy: bool) -> Rows:
    """The rows with the due ones missed whose grace is over; during a session none is."""
    grace = rules.grace + LONGEST_SESSION if busy else rules.grace
    over = {
        key: replace(row, state=OccurrenceState.MISSED)
        for key, row in rows.items()
        if row.state is OccurrenceState.DUE and now - base_of(row) > grace
    }
    return rows | over


def _reminder(rows: Rows, now: datetime, rules: Rules) -> LedgerRow | None:
    """The first row in line with its reminder counted, if that is due now."""
    row = _first(rows)
    turn = _turn(row, rules) if row is not None else None
    if row is None or turn is None or turn > now:
        return None
    said = sum(base_of(row) + wait < now + TOGETHER for wait in rules.waits)
    return replace(row, reminders=said)


def _turn(row: LedgerRow, rules: Rules) -> datetime | None:
    """The moment of the next reminder of `row`; `None` after the last."""
    left = rules.waits[row.reminders :]
    return base_of(row) + left[0] if left else None


def _wake_at(
    rows: Rows, coming: datetime | None, now: datetime, zone: ZoneInfo, rules: Rules
) -> datetime | None:
    moments = [coming, end_of_quiet(now, zone, rules)]
    for row in in_line(rows.values()):
        base = base_of(row)
        moments += [base + wait for wait in rules.waits[row.reminders :]]
        moments.append(base + rules.grace + _TICK)
    ahead = (moment.astimezone(UTC) for moment in moments if moment is not None and moment > now)
    return min(ahead, default=None)


def _first(rows: Rows) -> LedgerRow | None:
    return next(iter(in_line(rows.values())), None)
