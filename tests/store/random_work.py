"""What a busy kiosk might do to its store next."""

from dataclasses import replace
from datetime import time, timedelta
from random import Random

from kiosk.history.audit import Actor
from kiosk.history.model import Effort, Ending
from kiosk.levels.doses import Dose
from kiosk.store.store import Store
from tests.store.kit import DAY, NOW, SPOT, TODAY, a_line, a_row, a_session, an_entry, done


def change_something(store: Store, random: Random) -> None:
    """Make one change; which, follows from `random` and from what the store holds."""
    newest = store.sessions(newest=1)
    if not newest or newest[0].ended is not None:
        store.begin_session(a_session(started=_moment(random), level=random.randrange(3)))
        return
    session = newest[0].id
    exercises = [done(n, random.randrange(9)) for n in range(1, random.randrange(1, 6))]
    match random.choices(range(6), weights=[12, 2, 3, 2, 2, 2])[0]:
        case 0:
            spot = replace(SPOT, position=random.randrange(300_000))
            store.note_progress(session, spot, exercises)
        case 1:
            ending = random.choice(list(Ending))
            store.end_session(session, _moment(random), ending, SPOT, exercises)
        case 2:
            rows = [
                a_row(TODAY + random.randrange(90) * DAY, time(hour), session=session)
                for hour in range(random.randrange(1, 20))
            ]
            forget = [a_row(TODAY + day * DAY).occurrence.key for day in range(5)]
            store.write_ledger(rows, _moment(random), forget)
        case 3:
            store.note(a_line("something " * random.randrange(1, 1500)))
        case 4:
            _change_the_plan(store, random)
        case _:
            _change_what_is_rare(store, random, session)


def _change_the_plan(store: Store, random: Random) -> None:
    plan = store.plan()
    if not plan or random.random() < 0.3:
        store.add_entry(an_entry(weeks=random.randrange(1, 20)), Actor.COMMAND, _moment(random))
    elif random.random() < 0.3:
        store.remove_entry(random.choice(plan).id, Actor.PAGE, _moment(random))
    else:
        changed = replace(random.choice(plan), paused=random.random() < 0.5)
        store.change_entry(changed, Actor.PAGE, _moment(random))


def _change_what_is_rare(store: Store, random: Random, session: int) -> None:
    match random.randrange(5):
        case 0:
            store.note_effort(session, random.choice(list(Effort)))
        case 1:
            store.set_dose(Dose("low-back-start", "bridge", random.randrange(9)), Actor.PAGE, NOW)
        case 2:
            store.keep_settings({"rate": str(random.randrange(120, 200))}, Actor.PAGE, NOW)
        case 3:
            doses = [Dose("low-back-start", str(n), random.randrange(9)) for n in range(4)]
            entries = [replace(entry, program="other") for entry in store.plan()]
            store.change_level(Actor.PAGE, NOW, "A step.", doses, entries, {"rate": "155"})
        case _:
            store.drop_session(session)


def _moment(random: Random):
    return NOW + timedelta(milliseconds=random.randrange(10**9))
