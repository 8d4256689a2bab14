"""Whatever happens, and in whatever order: nothing is called out too often, and nothing is lost."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.schedule.due import TOGETHER, advance
from kiosk.schedule.ledger import base_of
from kiosk.schedule.model import EVERY_DAY, OccurrenceState, PlanEntry, Weekday
from kiosk.schedule.occurrences import Rules, is_quiet
from tests.schedule.plans import BERLIN, day, occurrences_between
from tests.schedule.simulated import SimulatedKiosk

BEGIN = datetime(2026, 3, 27, 12, 0, tzinfo=UTC)
"""Two days before the clocks are put forward."""

OVER = (OccurrenceState.DONE, OccurrenceState.MISSED)


class Watched(SimulatedKiosk):
    """A simulated kiosk in which every step is held against what must never happen."""

    def __init__(self, plan, rules):
        super().__init__(plan, "2026-03-27 13:00", rules=rules)
        self.calls = Counter()
        self.last_call = {}
        self.clock_set = False

    def log_step(self, step):
        super().log_step(step)
        assert step.remind is None or step.remind in step.changed
        for row in step.changed:
            old = self.stored.get(row.occurrence.key)
            assert old is None or old.state is OccurrenceState.DUE
        for key in step.forget:
            assert self.stored[key].state is not OccurrenceState.DONE
            assert self.clock_set or self.stored[key].state is OccurrenceState.DUE
            self.calls.pop(key, None)
            self.last_call.pop(key, None)
        if step.remind is not None:
            self.called(step.remind)
        if step.due is not None:
            assert step.due.state is OccurrenceState.DUE

    def called(self, row):
        key = row.occurrence.key
        assert self.session is None
        assert not is_quiet(self.now, self.zone, self.rules)
        assert row.state is OccurrenceState.DUE
        assert base_of(row) <= self.now <= base_of(row) + self.rules.grace
        self.calls[key] += 1
        assert self.calls[key] <= len(self.rules.waits)
        if key in self.last_call:
            assert self.now - self.last_call[key] >= TOGETHER
        self.last_call[key] = self.now

    def step(self):
        wake = super().step()
        assert wake is None or wake > self.now
        busy = self.session is not None
        again = advance(
            self.plan, self.stored.values(), self.settled, self.now, self.zone, self.rules, busy
        )
        assert (again.changed, again.forget, again.remind) == ((), (), None)
        return wake

    def log_row(self, what, row):
        super().log_row(what, row)
        if what == "put off":
            self.calls.pop(row.occurrence.key, None)
            self.last_call.pop(row.occurrence.key, None)

    def set_clock(self, moment):
        self.clock_set = True
        self.last_call.clear()
        super().set_clock(moment)
        self.clock_set = False


quarters = st.integers(0, 95).map(lambda n: time(n // 4, n % 4 * 15))
entries = st.builds(
    PlanEntry,
    id=st.just(0),
    program=st.sampled_from(["low-back-start", "hip-stretching", "walk"]),
    days=st.just(EVERY_DAY) | st.frozensets(st.sampled_from(Weekday), min_size=1),
    times=st.sets(quarters, min_size=1, max_size=6).map(lambda times: tuple(sorted(times))),
    starts=st.sampled_from([day("2026-03-01"), day("2026-03-28")]),
    weeks=st.none() | st.integers(1, 8),
    since=st.just(BEGIN),
)
plans = st.lists(entries, min_size=1, max_size=4).map(
    lambda plan: [replace(entry, id=number) for number, entry in enumerate(plan, 1)]
)
rules = st.builds(
    Rules,
    remind_again=st.sampled_from(
        [(), (timedelta(minutes=5), timedelta(minutes=10)), (timedelta(minutes=1),)]
    ),
    grace=st.sampled_from([timedelta(minutes=5), timedelta(minutes=60), timedelta(hours=6)]),
    put_off=st.just(timedelta(minutes=30)),
    quiet_from=st.sampled_from([None, time(21), time(13)]),
    quiet_to=st.sampled_from([time(7), time(15)]),
)
minutes = st.integers(1, 1000).map(lambda m: timedelta(seconds=m * 37)) | st.just(
    timedelta(minutes=10)
)

daily_life = st.one_of(
    st.tuples(st.just("wait"), minutes),
    st.tuples(st.just("press")),
    st.tuples(st.just("hold")),
    st.tuples(st.just("exercise"), minutes),
)
bad_days = st.one_of(
    daily_life,
    st.tuples(st.just("power cut"), minutes),
    st.tuples(st.just("change"), entries),
    st.tuples(st.just("pause"), st.booleans()),
    st.tuples(st.just("remove")),
    st.tuples(st.just("leap"), st.integers(-4000, 4000).map(lambda m: timedelta(minutes=m))),
    st.tuples(st.just("leap"), st.sampled_from([-1, 1]).map(lambda n: timedelta(days=n * 12000))),
    st.tuples(
        st.just("move"), st.sampled_from(["America/New_York", "Pacific/Apia", "Europe/Berlin"])
    ),
)


def live(kiosk, events):
    """Let `events` happen one after the other."""
    for what, *values in events:
        ACTS[what](kiosk, *values)


def exercise(kiosk, span):
    if kiosk.session is None:
        kiosk.begin("hip-stretching", span)


def power_cut(kiosk, span):
    kiosk.power_cut()
    kiosk.run(kiosk.now + span)
    kiosk.power_back()


def set_clock(kiosk, span):
    kiosk.set_clock(max(kiosk.now + span, datetime(1970, 1, 1, tzinfo=UTC)))


def remove(kiosk):
    kiosk.plan = kiosk.plan[1:]


ACTS = {
    "wait": lambda kiosk, span: kiosk.run(kiosk.now + span),
    "press": lambda kiosk: kiosk.press(),
    "hold": lambda kiosk: kiosk.hold(),
    "exercise": exercise,
    "power cut": power_cut,
    "change": lambda kiosk, e: kiosk.change(1, program=e.program, days=e.days, times=e.times),
    "pause": lambda kiosk, paused: kiosk.change(1, paused=paused),
    "remove": remove,
    "leap": set_clock,
    "move": lambda kiosk, name: kiosk.set_zone(ZoneInfo(name)),
}


@settings(deadline=None)
@given(plans, rules, st.lists(bad_days, max_size=25))
def test_whatever_happens_nothing_is_called_out_too_often_and_all_comes_to_an_end(
    plan, rules, events
):
    kiosk = Watched(plan, rules)
    live(kiosk, events)
    kiosk.run(kiosk.now + timedelta(days=2))
    for row in kiosk.stored.values():
        assert row.state in OVER or kiosk.now - base_of(row) <= rules.grace


@settings(deadline=None)
@given(plans, rules, st.lists(daily_life | st.tuples(st.just("power cut"), minutes), max_size=25))
def test_every_occurrence_has_one_row_and_every_row_is_an_occurrence(plan, rules, events):
    kiosk = Watched(plan, rules)
    live(kiosk, events)
    kiosk.run(kiosk.now + timedelta(days=2))
    expected = {o.key: o for o in occurrences_between(plan, BEGIN, kiosk.now, BERLIN)}
    expected |= {o.key: o for o in occurrences_between(plan, BEGIN - TOGETHER, BEGIN, BERLIN)}
    assert {row.occurrence.key: row.occurrence for row in kiosk.stored.values()} == expected


@settings(deadline=None)
@given(plans, st.lists(daily_life, max_size=25))
def test_nobody_misses_anything_who_answers_every_call(plan, events):
    """Where there are no quiet hours, and time for everything."""
    first = plan[0]
    spaced = tuple(wall for wall in first.times if wall.minute == 0)[::2] or first.times[:1]
    kiosk = Watched([replace(first, times=spaced)], Rules(grace=timedelta(minutes=60)))
    kiosk.answers_after = timedelta(minutes=1)
    live(kiosk, [event for event in events if event[0] != "hold"])
    kiosk.run(kiosk.now + timedelta(days=2))
    assert OccurrenceState.MISSED not in {row.state for row in kiosk.stored.values()}


@settings(deadline=None, max_examples=12)
@given(plans, rules, st.lists(daily_life, max_size=4))
def test_waking_up_when_told_is_as_good_as_looking_all_the_time(plan, rules, events):
    class Restless(SimulatedKiosk):
        """Looks every ten seconds."""

        def step(self):
            super().step()
            return self.now + timedelta(seconds=10)

    short = [event if len(event) == 1 else (event[0], timedelta(minutes=50)) for event in events]
    calm, restless = (
        kind(plan, "2026-03-27 13:00", rules=rules) for kind in (SimulatedKiosk, Restless)
    )
    for kiosk in (calm, restless):
        live(kiosk, short)
        kiosk.run(kiosk.now + timedelta(hours=3))
    assert calm.log == restless.log
