"""What a household may set about reminders, and the hours in which nothing is said.

What is due, what is called out and what is missed: the rules of reminders, as one step in time.

Whoever keeps the ledger calls `advance` every second or so, and keeps what it says before anything
is spoken. It is a pure function of what was kept and of the moment, so a power cut between two
steps costs nothing, and a leap of the clock is just a long step. `docs/explanation/schedule.md`
tells the rules in plain words.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from kiosk.schedule.ledger import Key, Rows, base_of, by_key, in_line, in_order
from kiosk.schedule.model import LedgerRow, OccurrenceState, PlanEntry
from kiosk.schedule.occurrences import DAY, LATEST, belongs, local_day, occurrences
from kiosk.schedule.rules import Rules, end_of_quiet, is_quiet

LEAP_BACK = timedelta(minutes=1)
"""A clock set back by more than this has leapt; by less, it was only set right."""

LOOK_BACK = timedelta(days=31)
"""What fell due longer ago, while the kiosk was off, is not listed as missed."""

TOGETHER = timedelta(seconds=30)
"""Reminders this close to one that is given are not given on top of it."""

LONGEST_SESSION = timedelta(hours=12)
"""Nothing waits longer than this for a session to end."""

_TICK = timedelta.resolution


@dataclass(frozen=True, slots=True)
class DueStep:
    """What follows from the time having come to some moment."""

    changed: tuple[LedgerRow, ...]
    """New rows and rows to replace, in order of due; to be kept before anything is said."""

    forget: tuple[Key, ...]
    """Rows to drop."""

    settled_until: datetime
    """Until when everything due is in the ledger (UTC); what the next step is to be given."""

    remind: LedgerRow | None
    """What to call out now. It is one of `changed`."""

    due: LedgerRow | None
    """What a press of the button starts or confirms."""

    wake_at: datetime | None
    """When the next step has something to do at the latest, if nothing else happens until then."""

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
    """What becomes of the plan's occurrences as the time comes to `now` (UTC).

    `ledger_rows` are those of the days that `ledger_days` names, at least. `settled_until` is what
    the step before gave, `None` before the first ever. `busy` says that a session is under way.
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
    """The local days whose ledger rows `advance` has to see."""
    oldest = min(settled_until or now, now) - LOOK_BACK
    return local_day(oldest, zone) - 2 * DAY, date.max


# What follows are the rules, in the order in which `advance` goes through them.


def _after_leap_back(
    rows: Rows, settled: datetime | None, now: datetime, rules: Rules
) -> tuple[Rows, datetime | None]:
    """Forget what only a clock that was ahead has seen; keep what was done, so that it does not
    become due again.
    """
    if settled is None or now >= settled - LEAP_BACK:
        return dict(rows), settled
    kept: Rows = {}
    for key, row in rows.items():
        if row.state is OccurrenceState.DONE:
            kept[key] = row
        elif row.occurrence.due <= now:
            kept[key] = _not_put_off_beyond(now + rules.put_off, row)
    return kept, now


def _not_put_off_beyond(latest: datetime, row: LedgerRow) -> LedgerRow:
    if row.state is not OccurrenceState.DUE or row.put_off_to is None:
        return row
    return replace(row, put_off_to=min(row.put_off_to, latest))


def _mended(entry: PlanEntry, settled: datetime | None, now: datetime) -> PlanEntry:
    """The entry without a `since` in the future, which only a clock that was ahead can have given:
    it would keep the entry from ever being due.
    """
    if entry.since is not None and entry.since <= now:
        return entry
    return replace(entry, since=settled or now)


def _as_planned(rows: Rows, plan: Sequence[PlanEntry]) -> Rows:
    """Drop what is due but no longer in the plan; take over a change of its program."""
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
    """What a session has kept waiting goes on from where it was: its time stood still.

    Its turn had come by the last step, at an hour that is not quiet, and still it was not called
    out; or its grace was over by then, and still it is due. Only a session does that, or something
    earlier that a person has just dealt with.
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
    """What is due has become missed where its grace is over; nothing does during a session."""
    grace = rules.grace + LONGEST_SESSION if busy else rules.grace
    over = {
        key: replace(row, state=OccurrenceState.MISSED)
        for key, row in rows.items()
        if row.state is OccurrenceState.DUE and now - base_of(row) > grace
    }
    return rows | over


def _reminder(rows: Rows, now: datetime, rules: Rules) -> LedgerRow | None:
    """The first of what is due, if it is to be called out now, with its reminder counted."""
    row = _first(rows)
    turn = _turn(row, rules) if row is not None else None
    if row is None or turn is None or turn > now:
        return None
    said = sum(base_of(row) + wait < now + TOGETHER for wait in rules.waits)
    return replace(row, reminders=said)


def _turn(row: LedgerRow, rules: Rules) -> datetime | None:
    """When `row` is to be called out next; `None` where it was called out often enough."""
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
