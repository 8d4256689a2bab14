"""How the kiosk's work grows: with years of history, with programs, exercises and plan entries."""

import gc
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter, thread_time

from kiosk.history.audit import Actor
from kiosk.history.model import Effort, Ending, ExerciseDone, Spot
from kiosk.locale.catalogues import load_wording
from kiosk.programs.files import ProgramLibrary, shipped_folder
from kiosk.schedule.due import advance
from kiosk.schedule.model import EVERY_DAY, LedgerRow, Occurrence, OccurrenceState, PlanEntry
from kiosk.schedule.occurrences import occurrences, rules_of
from kiosk.settings.model import Settings
from kiosk.store.files import StateLock
from kiosk.store.opening import open_store
from kiosk.timeline.script import compile_timeline
from tests.audit_log import text_entry
from tests.bench.figures import Figures, Plot, Row, Section, Target, growth
from tests.schedule.past import OSLO, record_session

PROGRAM = "low-back-start"
LAST_DAY = date(2036, 3, 1)
NOW = datetime(2036, 3, 2, 3, tzinfo=UTC)
TIMES = (time(8), time(13), time(19))
TEN_YEARS = timedelta(days=3652)

EXERCISES = tuple(
    ExerciseDone(place, name, sets=1, reps=8, left=4, right=4, holds=8, planned_reps=8)
    for place, name in enumerate(("squat-to-chair", "heel-sit", "glute-bridge", "bird-dog"), 1)
)
SPOT = Spot(123_456, 3, "glute-bridge", 1, None, 5)

TRIES = 7

MOST = 1.25
"""The power of the size that a time may grow with: linear is 1, and measuring is not exact."""

METHOD = f"""\
Each action {TRIES} times (the slow ones less often) at each of several sizes; the figure is the
power of the size that the median time grows with, on the straight line that fits best where both
are drawn as logarithms: 0 is flat, 1 linear, 2 quadratic. History: three sessions a day with all
that is kept of them. Programs: files of their own in the state directory. Exercises: in one
program. Plan entries: each daily at three times, begun ten years ago. Where no disk is asked, it
is the processor's time that counts."""

Points = list[tuple[float, float]]


def measure() -> Section:
    """Takes about a minute."""
    plots = (history(), programs(), exercises(), plan())
    rows = []
    for plot in plots:
        for name, points in plot.lines.items():
            law = growth(points)
            largest = f"{points[-1][0]:,.0f} {plot.across}"
            rows.append(Row(f"{name}, {largest}", Figures([points[-1][1]])))
            rows.append(
                Row(f"{name}: grows with", Figures([law], "th power"), Target("worst", MOST))
            )
    return Section("Growth", METHOD, rows, plots)


def history(years: Sequence[float] = (1 / 12, 1, 3, 10)) -> Plot:
    """The store, with so many years in it."""
    lines: dict[str, Points] = {}
    for span in years:
        days = round(365.25 * span)
        with tempfile.TemporaryDirectory() as folder:
            fill(Path(folder), days)
            for name, ms in _of_store(Path(folder)):
                lines.setdefault(name, []).append((days * len(TIMES), ms))
    return Plot("growth-history", "The store, by sessions kept", "sessions", lines)


def fill(state: Path, days: int) -> None:
    """So many days, the last of them `LAST_DAY`, with a session at each of `TIMES`."""
    store = open_store(state, NOW).store
    with store.writing():
        for back in reversed(range(days)):
            day = LAST_DAY - timedelta(days=back)
            for at in TIMES:
                begun = datetime.combine(day, at, UTC)
                session = record_session(
                    store, begun, effort=Effort.USUAL, exercises=EXERCISES, entry=1
                )
                row = LedgerRow(
                    Occurrence(1, "low-back-start", day, at, begun),
                    OccurrenceState.DONE,
                    reminders=1,
                    session=session,
                )
                store.ledger.write([row], NOW)
        for number in range(days):
            store.audit.add(text_entry(NOW, Actor.KIOSK, f"Line {number} of the audit."))
    store.close()


def _of_store(state: Path) -> Iterator[tuple[str, float]]:
    with StateLock.take(state) as lock:
        yield "open as the kiosk", _ms(partial(_open_and_close, state, lock))
    yield "open as a command", _ms(partial(_open_and_close, state, None))
    store = open_store(state, NOW).store
    week = LAST_DAY - timedelta(days=6)
    yield "a week of sessions", _ms(lambda: store.sessions.between(week, LAST_DAY))
    yield "the newest 20 sessions", _ms(lambda: store.sessions.between(newest=20))
    yield "a week of the plan", _ms(lambda: store.ledger.between(week, LAST_DAY))
    running = record_session(store, NOW, ending=None)
    yield "note progress", _ms(lambda: store.sessions.progress(running, SPOT, EXERCISES))
    end = partial(store.sessions.end, running, NOW, Ending.STOPPED, SPOT, EXERCISES)
    yield "end a session", _ms(end)
    yield "all sessions", _ms(store.sessions.between)
    nights = iter(range(1, TRIES + 1))
    yield "a backup", _ms(lambda: store.backup_if_due(NOW + timedelta(days=next(nights))))
    store.close()


def _open_and_close(state: Path, lock: StateLock | None) -> None:
    open_store(state, NOW, lock).store.close()


def programs(numbers: Sequence[int] = (50, 150, 500)) -> Plot:
    """The shelf, with so many programs of the household's own."""
    lines: dict[str, Points] = {}
    text = (shipped_folder() / f"{PROGRAM}.toml").read_text()
    for number in numbers:
        with tempfile.TemporaryDirectory() as folder:
            for place in range(number):
                own = text.replace(f'id = "{PROGRAM}"', f'id = "own-{place}"')
                (Path(folder) / f"own-{place}.toml").write_text(own)
            library = ProgramLibrary([shipped_folder(), Path(folder)])
            for name, action in (
                ("list all programs", library.ids),
                ("load one program", lambda library=library: library.load("own-7")),
            ):
                lines.setdefault(name, []).append((number, _cpu_ms(action)))
    return Plot("growth-programs", "Programs of one's own", "programs", lines)


def exercises(numbers: Sequence[int] = (10, 100, 300, 1000)) -> Plot:
    """A program of so many exercises, from program to cue sheet."""
    program, points = ProgramLibrary([shipped_folder()]).load(PROGRAM), []
    wording, settings = load_wording("en"), Settings()
    for number in numbers:
        repeated = program.exercises * (number // len(program.exercises) + 1)
        long = tuple(
            replace(one, id=f"{one.id}-{place}") for place, one in enumerate(repeated[:number])
        )
        big = replace(program, exercises=long)
        compile_it = partial(compile_timeline, big, wording, settings, lambda _sound: 600)
        points.append((number, _cpu_ms(compile_it)))
    lines = {"compile": [(float(number), ms) for number, ms in points]}
    return Plot("growth-exercises", "A program, by its exercises", "exercises", lines)


def plan(numbers: Sequence[int] = (10, 30, 100)) -> Plot:
    """A plan of so many entries, ten years old."""
    lines: dict[str, Points] = {}
    rules = rules_of(Settings())
    for number in numbers:
        entries = [
            PlanEntry(place, PROGRAM, EVERY_DAY, TIMES, LAST_DAY - TEN_YEARS, None)
            for place in range(1, number + 1)
        ]

        def step(since: timedelta, entries: Sequence[PlanEntry] = entries) -> object:
            return advance(entries, (), NOW - since, NOW, OSLO, rules, busy=False)

        def every(entries: Sequence[PlanEntry] = entries) -> int:
            return sum(1 for _ in occurrences(entries, LAST_DAY - TEN_YEARS, LAST_DAY, OSLO))

        for name, ms in (
            ("the step of a second", _cpu_ms(partial(step, timedelta(seconds=1)))),
            ("a step of ten years", _cpu_ms(partial(step, TEN_YEARS), 3)),
            ("all occurrences of ten years", _cpu_ms(every, 1)),
        ):
            lines.setdefault(name, []).append((number, ms))
    return Plot("growth-plan", "A plan of ten years, by its entries", "plan entries", lines)


def _ms(
    action: Callable[[], object], tries: int = TRIES, clock: Callable[[], float] = perf_counter
) -> float:
    taken = []
    # As `timeit` does: whatever else this process keeps would be looked through, too.
    gc.disable()
    for _ in range(tries):
        begun = clock()
        action()
        taken.append(clock() - begun)
    gc.enable()
    return 1000 * median(taken)


def _cpu_ms(action: Callable[[], object], tries: int = TRIES) -> float:
    """Of what waits for nothing; so whoever else has the processor meanwhile does not count."""
    return _ms(action, tries, thread_time)
