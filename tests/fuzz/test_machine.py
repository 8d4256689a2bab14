"""Whatever happens to a kiosk in whatever order, the rules of the long-run test hold.

The kiosk, the actions and the rules are those of `tests.soak`; here Hypothesis chooses the order
and the moments, and makes what breaks a rule as short as it can.
"""

import tempfile
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from kiosk.errors import StoreError
from kiosk.schedule.model import OccurrenceState
from kiosk.session.snapshot import State
from tests.fuzz.profile import tried
from tests.soak.actions import ACTIONS
from tests.soak.kiosk import ZONE, SoakKiosk
from tests.soak.programs import ARMS, SIDES
from tests.store.kit import MEMORY, everything, opened

START = datetime(2026, 3, 27, 6, 30, tzinfo=UTC)
"""Half past seven in Berlin, two days before the clocks change."""

HOUR, DAY = 3600.0, 86400.0

PRESS = 0.15

SETTINGS = (
    *({"remind_again_min": "1"}, {"remind_last_min": "2"}, {"put_off_min": "5"}),
    *({"grace_min": "15"}, {"quiet_from": "07:00", "quiet_to": "09:00"}),
    {"paused_limit_s": "60"},
)
"""Those that the pages do not offer, or that leave little time."""


class KioskMachine(RuleBasedStateMachine):
    clips: Path
    """The cache of rendered speech."""

    def __init__(self) -> None:
        super().__init__()
        self.soak = SoakKiosk(self.clips, START)
        self.compared: object = None

    def teardown(self) -> None:
        self.soak.tear_down()

    @initialize(minutes=st.integers(1, 90), program=st.sampled_from((ARMS, SIDES, "walk")))
    def is_planned(self, minutes, program):
        self.plan(minutes, program)

    @rule(minutes=st.integers(1, 90), program=st.sampled_from((ARMS, SIDES, "walk")))
    def plan(self, minutes, program):
        """Have it come due so soon, and once more after three times as long."""
        now = self.soak.wall.utc().astimezone(ZONE)
        times = [f"{now + timedelta(minutes=minutes * n):%H:%M}" for n in (1, 3)]
        entry = {"program": program, "times": times, "starts": f"{now:%Y-%m-%d}", "do": "save"}
        self.soak.caregiver.send_form("/schedule/new", "/schedule/new", **entry)
        self.soak.settle()

    @rule(action=st.sampled_from(list(ACTIONS)), random=st.randoms())
    def act(self, action, random):
        self.soak.do(action, random)
        self.soak.settle()

    @rule(changes=st.sampled_from(SETTINGS))
    def change_settings(self, changes):
        with suppress(StoreError):
            self.soak.kiosk.settings.change(changes)
        self.soak.settle()

    @rule(seconds=st.sampled_from((PRESS, PRESS, PRESS, 2.6, 10.5)))
    def press(self, seconds):
        self.soak.press(seconds)
        self.soak.run_for(seconds)

    @rule(apart=st.sampled_from((0.05, 0.2, 0.6)))
    def press_twice(self, apart):
        self.press(PRESS)
        self.soak.run_for(apart)
        self.press(PRESS)

    @rule(seconds=st.sampled_from((0.1, 1.0, 3.0, 8.0, 15.0, 40.0, 130.0, 650.0)))
    def time_passes(self, seconds):
        self.soak.run_for(seconds)

    @rule(hours=st.sampled_from((1, 3, 9, 24, 49)))
    def hours_pass(self, hours):
        self.soak.run_for(hours * HOUR, pace=300.0)

    @rule()
    def something_comes_due(self):
        self.soak.run_for(DAY, until=[State.REMINDING], pace=300.0)

    @rule()
    def the_session_goes_on(self):
        ends = [State.ASKING, State.IDLE, State.FINISHED, State.STOPPED]
        self.soak.run_for(300.0, until=ends)

    @rule(
        minutes=st.sampled_from((-1800, -180, -60, -1, 0, 0, 1, 30, 60, 300, 1560, 100_000)),
        trusted=st.sampled_from((True, True, False)),
    )
    def the_clock_leaps(self, minutes, trusted):
        self.soak.set_clock(timedelta(minutes=minutes), trusted=trusted)
        self.soak.settle()

    @rule()
    def the_clock_is_lost(self):
        self.soak.set_clock(timedelta(days=-20_500), trusted=False)
        self.soak.settle()

    @rule(seconds=st.sampled_from((2.0, 14.0, 18.0, 24.0)), torn=st.booleans())
    def the_power_goes_in_a_session(self, seconds, torn):
        self.soak.kiosk.session.start()
        self.soak.run_for(30.0, until=[State.RUNNING])
        self.soak.run_for(seconds)
        self.soak.cut_power(torn=torn)
        self.soak.clock.advance(20.0)
        self.soak.start()

    # --- what holds after each of them

    @invariant()
    def sessions_and_ledger_hold_together(self):
        if self.soak.kiosk.data:
            self.soak.observer.check_history(self.soak.kiosk)

    @invariant()
    def the_store_is_found_again_as_it_is(self):
        """A power cut at this moment would lose nothing that is stored."""
        if not self.soak.kiosk.data:
            return
        store = self.soak.kiosk.data.store
        changes = (store, store.change_count(), store.sessions.open())
        if changes == self.compared:
            return
        self.compared = changes
        with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
            for name, content in self.soak.disk.data_files().items():
                (Path(folder) / name).write_bytes(content)
            with opened(Path(folder), self.soak.wall.utc()) as found:
                assert everything(found) == everything(store)


TestKioskMachine = KioskMachine.TestCase
TestKioskMachine.settings = tried(5, steps=25)


@pytest.fixture(scope="module", autouse=True)
def clips(tmp_path_factory):
    KioskMachine.clips = tmp_path_factory.mktemp("clips")


def test_what_was_due_is_done_by_a_session_that_is_dated_1970():
    """Somebody presses when called, and just then the clock is lost; the session has its date."""
    machine = KioskMachine()
    try:
        machine.plan(1, ARMS)
        machine.something_comes_due()
        machine.the_clock_is_lost()
        machine.press(PRESS)
        machine.hours_pass(1)
        machine.sessions_and_ledger_hold_together()
        store = machine.soak.kiosk.data.store
        session = store.sessions.between()[0]
        (row,) = (r for r in store.ledger.between(date.min, date.max) if r.session)
        assert (row.state, row.session) == (OccurrenceState.DONE, session.id)
        assert session.local_date.year == 1970
    finally:
        machine.teardown()
