"""What a caregiver changes on a page is ready before the next press."""

import tomllib
from datetime import UTC, datetime

import pytest

from kiosk.app import Devices, KioskParts, make_engine, make_environment, make_kiosk, make_services
from kiosk.levels.doses import Dose
from kiosk.session.announcer import prepare_default
from kiosk.session.snapshot import Fault
from tests.fakes.clock import FakeClock
from tests.fakes.speaker import FakeSpeaker
from tests.fakes.wall_clock import FakeWallClock
from tests.service.running import SHORT_PROGRAM

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)


class Home:
    """A kiosk whose threads are this one, and its desks."""

    def __init__(self, state) -> None:
        self.file = state / "programs" / "short.toml"
        self.file.parent.mkdir()
        self.file.write_text(SHORT_PROGRAM)
        clock = FakeClock()
        surroundings = Devices(clock, FakeWallClock(NOON, clock=clock), FakeSpeaker(clock))
        base = make_environment(str(state), {}, {"default_program": "short", "port": 0})
        self.kiosk = kiosk = make_kiosk(base, simulate=True, surroundings=surroundings)
        self.face = make_services(
            KioskParts(
                *(base, base.source, kiosk.memory, clock, make_engine(), kiosk.preparer),
                *(kiosk.controller, kiosk.jobs, kiosk.session, kiosk.scheduler, kiosk.restart),
            ),
            lambda _code: None,
        )

    def settle(self) -> None:
        """Do the jobs that wait, and all that follows."""
        self.kiosk.jobs.close()
        self.kiosk.jobs.run()
        self.kiosk.controller.pump()

    def is_ready(self) -> bool:
        """Whether the next press has nothing rendered or laid out."""
        preparer, level = self.kiosk.preparer, self.face.levels.of("short")
        # What is not kept ready is made anew each time it is listened to.
        return preparer.preview(level.dosed) is preparer.preview(level.dosed)

    @property
    def faults(self) -> frozenset[Fault]:
        return self.kiosk.session.snapshot().faults

    def close(self) -> None:
        self.kiosk.pages.server.close()
        self.kiosk.pages.server.run()
        self.kiosk.preparer.close()
        self.kiosk.pins.close()
        self.kiosk.memory.close()


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

    desk = home.face.programs
    desk.save(tomllib.loads(SHORT_PROGRAM), desk.version("short"))
    home.settle()

    assert Fault.NO_PROGRAM not in home.faults
    assert home.is_ready()


def test_after_a_changed_dose_the_session_is_ready_again(home):
    levels = home.face.levels
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
