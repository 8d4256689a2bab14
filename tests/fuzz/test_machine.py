"""Whatever happens in a home in whatever order, session, plan and what is kept hold together."""

import tempfile
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from kiosk.errors import KioskError, StoreError
from kiosk.levels.doses import Dose
from kiosk.levels.service import LevelService
from kiosk.schedule.model import OccurrenceState
from kiosk.schedule.service import checked_entry
from kiosk.session.snapshot import State
from kiosk.session.transitions import Input
from tests.fuzz.home import Home
from tests.fuzz.profile import tried
from tests.soak.invariants import BrokenRuleError, ledger_holds_together
from tests.store.kit import MEMORY, everything, opened

if TYPE_CHECKING:
    from kiosk.history.model import SessionRecord

MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0

PRESS, LONG, FOR_CODE = 0.15, 2.6, 10.5

programs = st.sampled_from(("arms", "sides", "walk"))
soon = st.integers(1, 90)

SETTINGS = (
    *(("volume", "40"), ("volume", "100"), ("default_program", "sides"), ("hold_ms", "1000")),
    *(
        ("remind_again_min", "1"),
        ("remind_last_min", "2"),
        ("put_off_min", "5"),
        ("grace_min", "15"),
    ),
    *(("quiet_from", "07:00"), ("quiet_to", "09:00"), ("paused_limit_s", "60"), ("rate", "170")),
)


class AHome(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.home = Home()
        self.ended: dict[int, SessionRecord] = {}
        self.looked_at: object = None
        self.undo: list[str] = []

    def teardown(self) -> None:
        self.home.leave()

    def asked(self, act, *arguments) -> object:
        """What a caregiver's wish comes to; what cannot be is told in words."""
        try:
            return act(*arguments)
        except StoreError:
            assert self.home.refuses
        except KioskError as error:
            told = str(error)
            assert told.isprintable()
        finally:
            self.home.settle()
        return None

    # --- the button

    @initialize(minutes=soon, program=programs)
    def make_a_plan(self, minutes, program):
        self.add(minutes, program, None)

    @rule(seconds=st.sampled_from((PRESS, PRESS, PRESS, LONG, LONG, FOR_CODE)))
    def press(self, seconds):
        self.home.press(seconds)

    @rule(apart=st.sampled_from((0.05, 0.2, 0.6)))
    def press_twice(self, apart):
        self.home.press(PRESS)
        self.home.run_for(apart)
        self.home.press(PRESS)

    # --- time

    @rule(seconds=st.sampled_from((0.1, 1.0, 3.0, 8.0, 15.0, 40.0, 130.0, 650.0)))
    def time_passes(self, seconds):
        self.home.run_for(seconds)

    @rule(hours=st.sampled_from((1, 3, 9, 24, 49)))
    def hours_pass(self, hours):
        self.home.run_for(hours * HOUR)

    @rule()
    def something_comes_due(self):
        self.home.run_to([State.REMINDING], DAY)

    @rule()
    def the_session_goes_on(self):
        self.home.run_to([State.ASKING, State.IDLE, State.FINISHED, State.STOPPED], 300.0)

    # --- caregivers

    @rule(
        wish=st.sampled_from(
            ("start", "pause", "resume", "skip", "back", "repeat", "stop", "test_sound")
        )
    )
    def wish_for(self, wish):
        if wish == "test_sound":
            self.home.observer.sound_test_requested()
            self.home.session.test_sound()
        else:
            self.home.session.command(Input(wish))
        self.home.settle()

    @rule(program=st.sampled_from(("arms", "sides", "nowhere")))
    def begin(self, program):
        self.home.session.start(program)
        self.home.settle()

    @rule(minutes=soon, program=programs, weeks=st.sampled_from((None, 1)))
    def add(self, minutes, program, weeks):
        now = self.home.snapshots.take().local_now
        times = sorted({f"{now + timedelta(minutes=minutes * n):%H:%M}" for n in (1, 3)})
        texts = {"program": program, "days": "daily", "times": ",".join(times)}
        texts |= {"starts": f"{now:%Y-%m-%d}", "weeks": str(weeks or "")}
        self.keep(lambda: self.home.plan.add(checked_entry(self.home.snapshots.take(), texts)))

    @rule(which=st.integers(0, 3), minutes=soon)
    def change(self, which, minutes):
        for entry in self.chosen(which):
            at = f"{self.home.snapshots.take().local_now + timedelta(minutes=minutes):%H:%M}"
            self.keep(
                lambda e=entry, at=at: self.home.plan.change(
                    checked_entry(self.home.snapshots.take(), {"times": at}, e), e
                )
            )

    @rule(which=st.integers(0, 3))
    def pause_entry(self, which):
        for entry in self.chosen(which):
            paused = replace(entry, paused=not entry.paused)
            self.keep(lambda p=paused, e=entry: self.home.plan.change(p, e))

    @rule(which=st.integers(0, 3))
    def remove(self, which):
        for entry in self.chosen(which):
            self.keep(lambda e=entry: self.home.plan.remove(e.id, e.version))

    @precondition(lambda self: self.undo)
    @rule()
    def take_back(self):
        self.asked(self.home.plan.undo, self.undo.pop())

    @rule(setting=st.sampled_from(SETTINGS))
    def change_setting(self, setting):
        self.asked(self.home.settings.change, dict([setting]))

    @rule(reps=st.integers(0, 4))
    def change_dose(self, reps):
        dose = Dose("arms", "lift", reps=reps)
        levels = LevelService(self.home.snapshots.take)
        self.asked(lambda: levels.set_dose(dose, insist=True))

    def chosen(self, which: int):
        entries = self.home.store.plan.entries()
        return entries[which : which + 1]

    def keep(self, act) -> None:
        kept = self.asked(act)
        if kept is not None:
            self.undo.append(kept.undo)

    # --- what goes wrong

    @rule(minutes=st.sampled_from((-1800, -180, -60, -1, 1, 30, 60, 300, 1560, 100_000)))
    def the_clock_leaps(self, minutes):
        self.home.show_time(timedelta(minutes=minutes))

    @rule()
    def the_clock_is_not_believed(self):
        self.home.show_time(timedelta(days=-20_500), trusted=False)

    @rule()
    def the_clock_is_right(self):
        self.home.show_time(timedelta())

    @rule(there=st.booleans())
    def the_speaker(self, there):
        self.home.speaker.plugged_in = there

    @rule(refuses=st.booleans())
    def the_card(self, refuses):
        self.home.refuse(refuses=refuses)

    @rule()
    def restart(self):
        self.home.close()
        self.starts_again()

    @rule(torn=st.booleans(), seconds=st.sampled_from((1.0, 20.0, HOUR, 14 * HOUR)))
    def the_power_goes(self, torn, seconds):
        self.is_cut_off(torn, seconds)

    @rule(seconds=st.sampled_from((2.0, 14.0, 18.0, 24.0)))
    def the_power_goes_in_a_session(self, seconds):
        self.home.session.start()
        self.home.run_to([State.RUNNING], 30.0)
        self.home.run_for(seconds)
        self.is_cut_off(False, 20.0)

    def is_cut_off(self, torn: bool, seconds: float) -> None:
        """The power is gone for so long."""
        self.home.kill(torn=torn)
        self.home.clock.advance(seconds)
        self.starts_again()

    def starts_again(self) -> None:
        self.undo.clear()
        self.looked_at = None
        self.home.open()

    # --- what holds after each of them

    @invariant()
    def what_is_kept_holds_together(self):
        store = self.home.store
        sessions = {one.id: one for one in store.sessions.between()}
        ledger_holds_together(store.ledger.between(date.min, date.max), sessions)

    @invariant()
    def a_session_ends_once(self):
        sessions = self.home.store.sessions.between()
        if sum(one.ended is None for one in sessions) > 1:
            raise BrokenRuleError(f"two sessions go on: {sessions}")
        for one in sessions:
            before = self.ended.get(one.id)
            if before is not None and replace(one, effort=before.effort) != before:
                raise BrokenRuleError(f"{before} has changed to {one}")
            if one.ended is not None:
                self.ended[one.id] = one

    @invariant()
    def the_store_is_found_again_as_it_is(self):
        """A power cut at this moment would lose nothing that is kept."""
        changes = (self.home.store.change_count(), self.home.store.sessions.open())
        if changes == self.looked_at:
            return
        self.looked_at = changes
        with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
            for path, content in self.home.card.files().items():
                (Path(folder) / path.name).write_bytes(content)
            with opened(Path(folder), self.home.wall.utc()) as found:
                assert everything(found) == everything(self.home.store)


TestAHome = AHome.TestCase
TestAHome.settings = tried(10, steps=25)


def test_what_was_due_is_done_by_a_session_that_is_dated_1970():
    """Somebody presses when called, and just then the clock is lost; the session has its date."""
    life = AHome()
    try:
        life.make_a_plan(minutes=1, program="arms")
        life.something_comes_due()
        life.the_clock_is_not_believed()
        life.press(PRESS)
        life.hours_pass(1)
        life.what_is_kept_holds_together()
        session = life.home.store.sessions.between()[0]
        (row,) = (r for r in life.home.store.ledger.between(date.min, date.max) if r.session)
        assert (row.state, row.session) == (OccurrenceState.DONE, session.id)
        assert session.local_date.year == 1970
    finally:
        life.teardown()
