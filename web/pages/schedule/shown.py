"""What the schedule shows of an entry: where it stands, and what comes of it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from kiosk.model.plan import WALK, PlanEntry
from web.kiosk_of import kiosk
from web.pages.schedule.advice import advice
from web.pages.schedule.words import (
    Listings,
    coming_in_words,
    course_in_words,
    days_and_times,
    entry_in_words,
    listings,
    title,
)
from web.texts import t


@dataclass(frozen=True, slots=True)
class Shown:
    """An entry in words."""

    entry: PlanEntry
    title: str
    usable: bool
    when: str
    course: str
    state: str
    """As `kiosk.api.plan.PlanDesk` tells it, with `_` for the blank."""

    next: str
    """Its next time; empty where there is none."""

    advice: str


@dataclass(frozen=True, slots=True)
class Preview:
    """What would come of an entry."""

    words: str
    days: tuple[str, ...]
    """The next occurrences, a text for each day."""

    advice: str
    paused: bool


def shown(entry: PlanEntry, plan: Iterable[PlanEntry], known: Listings) -> Shown:
    """An entry of the plan."""
    today = kiosk().plan.now().date()
    return Shown(
        entry=entry,
        title=title(entry.program, known),
        usable=entry.program == WALK or _is_usable(entry.program, known),
        when=days_and_times(entry),
        course=course_in_words(entry, today),
        state=kiosk().plan.state_of(entry).replace(" ", "_"),
        next="".join(coming_in_words(kiosk().plan.coming(entry, 1), today)),
        advice=_advice(entry, plan, known),
    )


def previewed(entry: PlanEntry) -> Preview:
    """An entry that is not kept yet."""
    plan, known = kiosk().plan, listings()
    # What a paused entry would bring is of more use than that it brings nothing.
    coming = plan.coming(replace(entry, paused=False))
    return Preview(
        words=entry_in_words(entry, known),
        days=tuple(coming_in_words(coming, plan.now().date())),
        advice=_advice(entry, plan.entries(), known),
        paused=entry.paused,
    )


def next_in_words(entry: PlanEntry) -> str:
    """When the kiosk calls next for an entry that was kept, or why it does not."""
    if entry.paused:
        return t("schedule.next_paused")
    days = coming_in_words(kiosk().plan.coming(entry), kiosk().plan.now().date())
    return t("schedule.next", times="; ".join(days)) if days else t("schedule.next_nothing")


def _is_usable(program: str, known: Listings) -> bool:
    return program in known and known[program].program is not None


def _advice(entry: PlanEntry, plan: Iterable[PlanEntry], known: Listings) -> str:
    listing = known.get(entry.program)
    frequency = listing.program.frequency if listing and listing.program else None
    return advice(entry, plan, frequency, kiosk().plan.now().date())
