"""The occurrences of some days with what became of them, as the kiosk would tell them now.

What the kiosk has not kept yet, because it is off or looks only once a second, follows from the
same rules; nothing is written.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from kiosk.agenda.adherence import listed
from kiosk.agenda.ledger import by_key, in_order
from kiosk.agenda.occurrences import local_day, occurrences
from kiosk.desk.view import View
from kiosk.model.plan import LedgerRow, Occurrence, OccurrenceState, PlanEntry

PAST = "past"
"""State of an occurrence of which nothing was kept: it lies before the entry was added or changed,
or the kiosk was off for weeks. It was asked of nobody and counts nowhere."""


@dataclass(frozen=True, slots=True)
class Listed:
    """An occurrence and the word for its state."""

    occurrence: Occurrence
    state: str


def settled_rows(view: View, first: date, last: date) -> tuple[LedgerRow, ...]:
    """The ledger of the days from `first` to `last` as it is, or will be with the next look of the
    kiosk at the clock. An untrusted clock changes nothing in it.
    """
    kept = view.ledger(first, last)
    if not view.trusted or last < view.near_days[0]:
        return kept  # no look at the clock changes anything of days long ago
    step = view.settled_step
    rows = by_key(kept) | by_key(step.changed)
    days = (row for key, row in rows.items() if key not in step.forget)
    return in_order(row for row in days if first <= row.occurrence.local_date <= last)


def rows_between(view: View, first: date, last: date) -> tuple[LedgerRow, ...]:
    """All of these days, in order of due: what has become of it, or that it is still to come."""
    rows = settled_rows(view, first, last)
    return listed(view.plan, rows, first, last, view.now, view.zone)


def everything_between(view: View, first: date, last: date) -> list[Listed]:
    """As `rows_between`, and also what the plan says of times of which nothing was kept."""
    rows = rows_between(view, first, last)
    never = _never_kept(view.plan, rows, first, last, view.now, view.zone)
    found = [Listed(row.occurrence, row.state.value) for row in rows]
    found += [Listed(occurrence, PAST) for occurrence in never]
    return sorted(found, key=lambda one: (one.occurrence.due, one.occurrence.key))


def _never_kept(
    plan: Iterable[PlanEntry],
    rows: Sequence[LedgerRow],
    first: date,
    last: date,
    now: datetime,
    zone: ZoneInfo,
) -> Iterator[Occurrence]:
    # Where a day has anything of an entry, that is the truth; the entry may have been another then.
    known = {
        (row.occurrence.entry, row.occurrence.local_date)
        for row in rows
        if row.state is not OccurrenceState.COMING
    }
    whole = [replace(entry, since=None) for entry in plan]
    for occurrence in occurrences(whole, first, min(last, local_day(now, zone)), zone):
        if occurrence.due <= now and (occurrence.entry, occurrence.local_date) not in known:
            yield occurrence
