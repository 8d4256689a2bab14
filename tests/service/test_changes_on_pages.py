"""What a caregiver changes on a page is ready before the next press."""

import tomllib

import pytest

from kiosk.app import doses_of
from kiosk.errors import StoreError
from kiosk.levels.doses import Dose
from kiosk.session.announcer import prepare_default
from kiosk.session.snapshot import Fault
from tests.fakes.store import MemoryStore
from tests.kiosk import KioskKit
from tests.service.running import SHORT_PROGRAM


@pytest.fixture
def kit(tmp_path):
    (tmp_path / "programs").mkdir()
    (tmp_path / "programs" / "short.toml").write_text(SHORT_PROGRAM)
    return KioskKit(tmp_path, options={"default_program": "short"})


def is_ready(kit):
    """Whether the next press has nothing rendered or laid out."""
    level = kit.services.levels.of("short")
    # What is not ready is made anew each time it is listened to.
    return kit.preparer.preview(level.dosed) is kit.preparer.preview(level.dosed)


def test_a_damaged_default_program_that_is_saved_anew_is_well_and_ready(kit):
    (kit.state / "programs" / "short.toml").write_text("schema = 1")
    kit.jobs.submit(lambda: prepare_default(kit.preparer, kit.controller.post))
    kit.settle()
    assert Fault.NO_PROGRAM in kit.session.snapshot().faults

    programs = kit.services.programs
    programs.save(tomllib.loads(SHORT_PROGRAM), programs.files.version("short"))
    kit.settle()

    assert Fault.NO_PROGRAM not in kit.session.snapshot().faults
    assert is_ready(kit)


def test_after_a_changed_dose_the_session_is_ready_again(kit):
    levels = kit.services.levels
    level = levels.of("short")
    exercise = level.program.exercises[0]
    levels.set_doses(
        (Dose("short", exercise.id, reps=exercise.reps + 1),), level.version, insist=True
    )
    kit.settle()
    assert is_ready(kit)

    levels.reset("short")
    kit.settle()
    assert is_ready(kit)


def test_changed_doses_that_cannot_be_read_are_as_none(caplog):
    store = MemoryStore()
    store.disk.broken = StoreError("The disk did not answer.")

    assert doses_of(store)("low-back-start") == ()
    assert "The disk did not answer." in caplog.text
