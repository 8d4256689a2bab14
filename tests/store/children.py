"""Programs that a test starts because only a process of its own can go through this.

`python -m tests.store.children NAME ARGUMENT…`; the names are those of `CHILDREN`.
"""

import itertools
import os
import resource
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import time, timedelta
from pathlib import Path
from random import Random

from kiosk.errors import StoreError
from kiosk.history.audit import Actor
from kiosk.history.model import Effort, Ending
from kiosk.levels.doses import Dose
from kiosk.store.files import StateLock
from kiosk.store.opening import open_store
from kiosk.store.restore import PENDING, restore_pending
from kiosk.store.store import Store
from tests.store.kit import (
    DAY,
    NEXT_DAY,
    NOW,
    SPOT,
    TODAY,
    a_line,
    a_row,
    a_session,
    an_entry,
    data_file,
    done,
    everything,
    opened,
)

ROOM = 12 * 1024
NOBODY = 65534
STEPS = frozenset({"os.rename", "os.link", "os.mkdir", "os.remove", "os.rmdir"})
CUT = 9


def say(line: str) -> None:
    os.write(1, f"{line}\n".encode())


def cramped(state: str) -> None:
    """Writes until the system lets its files grow no more, then on after there is room again.

    Prints a line for each change once it is stored, the error where one is not, and `room again`.
    """
    with opened(Path(state)) as store:
        _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        size = data_file(Path(state)).stat().st_size
        resource.setrlimit(resource.RLIMIT_FSIZE, (size + ROOM, hard))
        for number in range(1000):
            try:
                store.audit.add(a_line(f"Line {number}, {'and so on, ' * 100}"))
            except StoreError as error:
                say(f"error: {error}")
                break
            say(f"kept: {number}")
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
        say("room again")
        say(f"session: {store.sessions.begin(a_session())}")


def cut_short() -> None:
    """Starts kiosks on a pending backup, and has the power go at one step after the other.

    Reads lines with a number and a state directory. For each it makes a child that takes the
    pending backup and is gone before the step of that number: before it makes, names, opens or
    removes a file for the so manieth time. Prints `cut`, or `whole` where there were not so many.
    """
    for line in sys.stdin:
        number, state = line.rstrip("\n").split(" ", 1)
        child = os.fork()
        if child == 0:
            _restore_up_to_step(Path(state), int(number))
            os._exit(0)
        _, status = os.waitpid(child, 0)
        code = os.waitstatus_to_exitcode(status)
        say({0: "whole", CUT: "cut"}.get(code, f"ended with {code}"))


def _restore_up_to_step(state: Path, last: int) -> None:
    steps = 0

    def count(event: str, _arguments: object) -> None:
        nonlocal steps
        if event in STEPS:
            steps += 1
            if steps > last:
                os._exit(CUT)

    with StateLock.take(state) as lock:
        sys.addaudithook(count)
        restore_pending(state, lock, NEXT_DAY)


def noting(state: str, name: str, count: str) -> None:
    """Opens a store and gives the setting `name` so many values, as fast as it can.

    Prints `ready`, and waits for the end of its standard input before it begins.
    """
    say("ready")
    sys.stdin.read()
    with opened(Path(state)) as store:
        for number in range(int(count)):
            store.settings.set({name: str(number)}, Actor.COMMAND, NOW)


def unprivileged(folder: str) -> None:
    """Tries to use stores that it may only read, in the state directories `used` and `new`.

    Prints the number of sessions and the errors.
    """
    used, new = Path(folder, "used"), Path(folder, "new")
    # What Python loads on first use may lie where only root can read it.
    with opened(used) as store:
        store.sessions.between()
    if os.geteuid() == 0:
        os.setegid(NOBODY)
        os.seteuid(NOBODY)
    _attempt("take the lock", lambda: StateLock.take(used))
    _attempt("make a store", lambda: opened(new).__enter__())
    with opened(used) as store:
        say(f"sessions: {len(store.sessions.between())}")
        _attempt("write", lambda: store.audit.add(a_line()))
        _attempt("back up", lambda: store.backup_if_due(NOW))


def _attempt(name: str, action: Callable[[], object]) -> None:
    try:
        action()
    except StoreError as error:
        say(f"{name}: {error}")
    else:
        say(f"{name}: it worked")


def worker() -> None:
    """Has children that work until somebody kills them.

    Reads lines with a kind of work, a seed and a state directory. For each it makes a child, prints
    `pid` and its id, and once it has ended `gone`. The child prints `done` each time that something
    is stored for good.
    """
    for line in sys.stdin:
        work, seed, state = line.rstrip("\n").split(" ", 2)
        child = os.fork()
        if child == 0:
            say(f"pid {os.getpid()}")
            for _ in WORK[work](Path(state), Random(int(seed))):  # noqa: S311
                say("done")
            os._exit(1)
        os.waitpid(child, 0)
        say("gone")


def assert_acknowledged(expected: Store, seed: int, count: int, found: dict[str, object]) -> None:
    """Make the `count` changes of `seed` in `expected` too, which then holds what was `found`, or
    after one change more: the last, which was stored but not yet acknowledged.
    """
    random = Random(seed)  # noqa: S311
    for _ in range(count):
        change_something(expected, random)
    if found != everything(expected):
        change_something(expected, random)
        assert found == everything(expected)


def change_something(store: Store, random: Random) -> None:
    """Make one change as a busy kiosk does; `random` and the content of the store decide which."""
    newest = store.sessions.between(newest=1)
    moment = NOW + timedelta(milliseconds=random.randrange(10**9))
    if not newest or newest[0].ended is not None:
        store.sessions.begin(a_session(started=moment, level=random.randrange(3)))
        return
    session, plan = newest[0].id, store.plan.entries()
    exercises = [done(n, random.randrange(9)) for n in range(1, random.randrange(1, 6))]
    spot = SPOT._replace(position=random.randrange(300_000))

    def write_ledger() -> None:
        rows = [
            a_row(TODAY + random.randrange(90) * DAY, time(hour), session=session)
            for hour in range(random.randrange(1, 20))
        ]
        forget = [a_row(TODAY + day * DAY).occurrence.key for day in range(5)]
        store.ledger.write(rows, moment, forget)

    def change_plan() -> None:
        if not plan or random.random() < 0.3:
            store.plan.add(an_entry(weeks=random.randrange(1, 20)), Actor.COMMAND, moment)
        elif random.random() < 0.3:
            entry = random.choice(plan)
            store.plan.remove(entry.id, entry.version, Actor.PAGE, moment)
        else:
            changed = replace(random.choice(plan), paused=random.random() < 0.5)
            store.plan.change(changed, Actor.PAGE, moment)

    def set_dose(exercise: str = "bridge") -> None:
        dose = Dose("low-back-start", exercise, random.randrange(9))
        store.doses.set(dose, Actor.PAGE, moment)

    def take_step() -> None:
        with store.writing():
            store.audit.add(a_line("A step."))
            for number in range(4):
                set_dose(str(number))
            for entry in plan:
                store.plan.change(replace(entry, program="other"), Actor.PAGE, moment)
            store.settings.set({"rate": "155"}, Actor.PAGE, moment)

    rate, ending = str(random.randrange(120, 200)), random.choice(list(Ending))
    words, effort = "something " * random.randrange(1, 1500), random.choice(list(Effort))
    weights: dict[Callable[[], object], int] = {
        lambda: store.sessions.progress(session, spot, exercises): 60,
        lambda: store.sessions.end(session, moment, ending, SPOT, exercises): 10,
        write_ledger: 15,
        lambda: store.audit.add(a_line(words)): 10,
        change_plan: 10,
        lambda: store.sessions.set_effort(session, effort): 2,
        set_dose: 2,
        lambda: store.settings.set({"rate": rate}, Actor.PAGE, moment): 2,
        take_step: 2,
        lambda: store.sessions.drop(session): 2,
    }
    random.choices([*weights], [*weights.values()])[0]()


def _change(state: Path, random: Random) -> Iterator[None]:
    """Change one thing after the other."""
    store = open_store(state, NOW).store
    while True:
        change_something(store, random)
        yield


def _back_up(state: Path, random: Random) -> Iterator[None]:
    """Make the backups of many nights."""
    store = open_store(state, NOW).store
    for night in itertools.count(random.randrange(10_000)):
        store.backup_if_due(NOW + night * DAY)
        yield


def _mend(state: Path, _random: Random) -> Iterator[None]:
    """Damage the file and have it mended."""
    while True:
        data_file(state).write_bytes(b"garbage")
        open_store(state, NOW).store.close()
        yield


def _start_anew(state: Path, random: Random) -> Iterator[None]:
    """Upload the two backups beside the state directory in turn, and start the kiosk with each."""
    names = ["one.backup", "two.backup"]
    random.shuffle(names)
    for name in itertools.cycle(names):
        upload = state / ".temporary-upload"
        upload.write_bytes((state.parent / name).read_bytes())
        upload.replace(state / PENDING)
        with StateLock.take(state) as lock:
            restore_pending(state, lock, NOW)
        yield


WORK: dict[str, Callable[[Path, Random], Iterator[None]]] = {
    "change": _change,
    "back_up": _back_up,
    "mend": _mend,
    "start_anew": _start_anew,
}
CHILDREN: dict[str, Callable[..., None]] = {
    child.__name__: child for child in (cramped, cut_short, noting, worker, unprivileged)
}

if __name__ == "__main__":
    CHILDREN[sys.argv[1]](*sys.argv[2:])
