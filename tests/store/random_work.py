"""What a busy kiosk might do to its store next."""

from dataclasses import replace
from datetime import time, timedelta
from random import Random

from kiosk.history.audit import Actor
from kiosk.history.model import Effort, Ending
from kiosk.levels.doses import Dose
from kiosk.store.store import Store
from tests.audit_log import text_entry
from tests.store.kit import DAY, NOW, SPOT, TODAY, a_line, a_row, a_session, an_entry, done


def change_something(store: Store, random: Random) -> None:
    """Make one change; which, follows from `random` and from what the store holds."""
    newest = store.sessions.between(newest=1)
    if not newest or newest[0].ended is not None:
        store.sessions.begin(a_session(started=_moment(random), level=random.randrange(3)))
        return
    session = newest[0].id
    exercises = [done(n, random.randrange(9)) for n in range(1, random.randrange(1, 6))]
    match random.choices(range(6), weights=[12, 2, 3, 2, 2, 2])[0]:
        case 0:
            spot = SPOT._replace(position=random.randrange(300_000))
            store.sessions.progress(session, spot, exercises)
        case 1:
            ending = random.choice(list(Ending))
            store.sessions.end(session, _moment(random), ending, SPOT, exercises)
        case 2:
            rows = [
                a_row(TODAY + random.randrange(90) * DAY, time(hour), session=session)
                for hour in range(random.randrange(1, 20))
            ]
            forget = [a_row(TODAY + day * DAY).occurrence.key for day in range(5)]
            store.ledger.write(rows, _moment(random), forget)
        case 3:
            store.audit.add(a_line("something " * random.randrange(1, 1500)))
        case 4:
            _change_the_plan(store, random)
        case _:
            _change_what_is_rare(store, random, session)


def _change_the_plan(store: Store, random: Random) -> None:
    plan = store.plan.entries()
    if not plan or random.random() < 0.3:
        store.plan.add(an_entry(weeks=random.randrange(1, 20)), Actor.COMMAND, _moment(random))
    elif random.random() < 0.3:
        entry = random.choice(plan)
        store.plan.remove(entry.id, entry.version, Actor.PAGE, _moment(random))
    else:
        changed = replace(random.choice(plan), paused=random.random() < 0.5)
        store.plan.change(changed, Actor.PAGE, _moment(random))


def _change_what_is_rare(store: Store, random: Random, session: int) -> None:
    match random.randrange(5):
        case 0:
            store.sessions.set_effort(session, random.choice(list(Effort)))
        case 1:
            store.doses.set(Dose("low-back-start", "bridge", random.randrange(9)), Actor.PAGE, NOW)
        case 2:
            store.settings.set({"rate": str(random.randrange(120, 200))}, Actor.PAGE, NOW)
        case 3:
            doses = [Dose("low-back-start", str(n), random.randrange(9)) for n in range(4)]
            entries = [replace(entry, program="other") for entry in store.plan.entries()]
            with store.writing():
                store.audit.add(text_entry(NOW, Actor.PAGE, "A step."))
                for dose in doses:
                    store.doses.set(dose, Actor.PAGE, NOW)
                for entry in entries:
                    store.plan.change(entry, Actor.PAGE, NOW)
                store.settings.set({"rate": "155"}, Actor.PAGE, NOW)
        case _:
            store.sessions.drop(session)


def _moment(random: Random):
    return NOW + timedelta(milliseconds=random.randrange(10**9))
