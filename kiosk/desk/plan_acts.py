"""Entries of the plan: found, checked, and told as they would be."""

from collections.abc import Mapping
from datetime import date
from itertools import islice
from typing import TYPE_CHECKING

from kiosk.agenda.checks import check_entry, check_room
from kiosk.agenda.occurrences import coming_after, last_day
from kiosk.desk.view import View
from kiosk.errors import PlanError, Problem, UnknownEntryError
from kiosk.model.plan import WALK, Occurrence, PlanEntry

if TYPE_CHECKING:  # importing it takes a while, and commands should be quick
    from kiosk.ports import ProgramSource


def state_of(entry: PlanEntry, today: date) -> str:
    """Where an entry stands: `paused`, `to come`, `over` or `running`."""
    last = last_day(entry)
    if last is not None and last < today:
        return "over"
    if entry.paused:
        return "paused"
    return "to come" if today < entry.starts else "running"


def find_entry(view: View, number: int) -> PlanEntry:
    """The entry of that number. Raises UnknownEntryError."""
    for entry in view.store.plan():
        if entry.id == number:
            return entry
    raise UnknownEntryError(f"The plan has no entry {number}.")


def checked_entry(
    view: View, texts: Mapping[str, str], before: PlanEntry | None = None
) -> PlanEntry:
    """The entry that `texts` describe, not kept yet; without `before` it is a new one.

    Raises PlanError with all that is wrong, also where it would begin today and nobody knows which
    day that is, and where the plan has no room for another; ProgramFileError where its program
    cannot be used.
    """
    if before is None:
        check_room(len(view.store.plan()))
    entry = read_entry(view.programs, texts, view.today, before)
    if before is None and "starts" not in texts and not view.trusted:
        message = "The clock is not set yet, so today is not known; name the first day."
        raise PlanError([Problem("plan", "starts", message)])
    return entry


def read_entry(
    programs: "ProgramSource",
    texts: Mapping[str, str],
    today: date,
    before: PlanEntry | None = None,
) -> PlanEntry:
    """As `checked_entry`, for where there is no more to go by than the programs."""
    entry = check_entry(texts, programs.ids(), today, before)
    if entry.program != WALK and "program" in texts:
        programs.load(entry.program)
    return entry


def next_times(view: View, entry: PlanEntry, count: int) -> tuple[Occurrence, ...]:
    """The next occurrences of `entry`, at most `count`, whether it is kept or not."""
    return tuple(islice(coming_after([entry], view.now, view.zone), count))
