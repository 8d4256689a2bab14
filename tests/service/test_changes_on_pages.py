"""What a caregiver changes on a page is ready before the next press."""

import tomllib
from datetime import UTC, datetime

import pytest

from kiosk.app import Devices, doses_of, make_environment, make_kiosk
from kiosk.errors import StoreError
from kiosk.levels.doses import Dose
from kiosk.session.announcer import prepare_default
from kiosk.session.snapshot import Fault
from tests.fakes.clock import FakeClock
from tests.fakes.speaker import FakeSpeaker
from tests.fakes.store import MemoryStore
from tests.fakes.wall_clock import FakeWallClock
from tests.service.running import SHORT_PROGRAM

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)


class Home:
    """A kiosk whose threads are this one, and its services."""

    def __init__(self, state) -> None:
        self.file = state / "programs" / "short.toml"
        self.file.parent.mkdir()
        self.file.write_text(SHORT_PROGRAM)
        clock = FakeClock()
        devices = Devices(clock, FakeWallClock(NOON, clock=clock), FakeSpeaker(clock))
        environment = make_environment(str(state), {}, {"default_program": "short", "port": 0})
        self.kiosk = make_kiosk(environment, simulate=True, devices=devices)
        self.services = self.kiosk.services

    def settle(self) -> None:
        """Do the jobs that wait, and all that follows."""
        self.kiosk.jobs.close()
        self.kiosk.jobs.run()
        self.kiosk.controller.pump()

    def is_ready(self) -> bool:
        """Whether the next press has nothing rendered or laid out."""
        preparer, level = self.kiosk.preparer, self.services.levels.of("short")
        # What is not ready is made anew each time it is listened to.
        return preparer.preview(level.dosed) is preparer.preview(level.dosed)

    @property
    def faults(self) -> frozenset[Fault]:
        return self.kiosk.session.snapshot().faults

    def close(self) -> None:
        server = self.kiosk.pages.serve()
        server.close()
        server.run()
        self.kiosk.preparer.close()
        self.kiosk.pins.close()
        self.kiosk.data.close()


@pytest.fixture
def home(tmp_path):
    home = Home(tmp_path)
    yield home
    home.close()


def test_a_damaged_default_program_that_is_saved_anew_is_well_and_ready(home):
    home.file.write_text("schema = 1")
    home.kiosk.jobs.submit(lambda: prepare_default(home.kiosk.preparer, home.kiosk.controller.post))
    home.settle()
    assert Fault.NO_PROGRAM in home.faults

    programs = home.services.programs
    programs.save(tomllib.loads(SHORT_PROGRAM), programs.files.version("short"))
    home.settle()

    assert Fault.NO_PROGRAM not in home.faults
    assert home.is_ready()


def test_after_a_changed_dose_the_session_is_ready_again(home):
    levels = home.services.levels
    level = levels.of("short")
    exercise = level.program.exercises[0]
    levels.set_doses(
        (Dose("short", exercise.id, reps=exercise.reps + 1),), level.version, insist=True
    )
    home.settle()
    assert home.is_ready()

    levels.reset("short")
    home.settle()
    assert home.is_ready()


def test_changed_doses_that_cannot_be_read_are_as_none(caplog):
    store = MemoryStore()
    store.disk.broken = StoreError("The disk did not answer.")

    assert doses_of(store)("low-back-start") == ()
    assert "The disk did not answer." in caplog.text
