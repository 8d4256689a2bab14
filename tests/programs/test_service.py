"""What caregivers do with programs: look, change, remove, listen."""

import threading
import tomllib
from datetime import UTC, date, datetime, time

import pytest

from kiosk.errors import (
    ConflictError,
    PlanError,
    ProgramFileError,
    SpeechError,
    StoreError,
    UnknownProgramError,
)
from kiosk.history.audit import Actor
from kiosk.levels.doses import Dose, with_doses
from kiosk.programs.files import ProgramFiles
from kiosk.programs.service import ProgramService
from kiosk.schedule.model import EVERY_DAY, PlanEntry
from kiosk.settings.model import Settings
from kiosk.speech.cache import ClipCache
from kiosk.speech.preparer import SessionPreparer
from kiosk.speech.source import ClipSource
from kiosk.timeline.render import render
from kiosk.units import frames_of
from tests.builders import ENGLISH
from tests.fakes.speech import FakeEngine
from tests.fakes.store import MemoryStore
from tests.fakes.wall_clock import FakeWallClock
from tests.programs.files import GOOD, changed

NOW = datetime(2026, 10, 5, 9, 30, tzinfo=UTC)


class House:
    """Programs, a store and a preparer that hums."""

    def __init__(self, folder, engine=None):
        shipped = folder / "shipped"
        shipped.mkdir()
        (shipped / "shipped.toml").write_text(changed('id = "two-exercises"', 'id = "shipped"'))
        self.shelf = ProgramFiles(shipped, folder / "own")
        self.store = MemoryStore()
        self.settings = Settings(default_program="shipped")
        self.engine = engine or FakeEngine(per_character=5)
        speech = ClipSource(self.engine, ClipCache(folder / "clips"))
        self.preparer = SessionPreparer(self.shelf, speech, ENGLISH, self.settings)
        self.made = []
        self.desk: ProgramService = ProgramService(
            self.shelf, self.store, FakeWallClock(NOW), lambda: self.settings, self.make
        )

    def make(self, program):
        self.made.append(program)
        return self.preparer.preview(program)

    def plan(self, program):
        entry = PlanEntry(0, program, EVERY_DAY, (time(9),), date(2026, 10, 5), None)
        return self.store.plan.add(entry, Actor.COMMAND, NOW)

    def dose(self, program, exercise, **values):
        self.store.doses.set(Dose(program, exercise, **values), Actor.COMMAND, NOW)

    def audit(self):
        return [entry.what for entry in self.store.audit.newest() if entry.actor is Actor.PAGE]


@pytest.fixture
def house(tmp_path):
    return House(tmp_path)


def a_document(**keys):
    return tomllib.loads(GOOD) | keys


def keep(house, **keys):
    document = a_document(**keys)
    return house.desk.save(document, house.desk.version(document["id"]))


def test_every_program_is_listed_with_what_asks_for_it(house, tmp_path):
    keep(house)
    (tmp_path / "own" / "broken.toml").write_text("schema = 1")
    second = house.plan("two-exercises"), house.plan("two-exercises")
    broken, shipped, own = house.desk.all()
    assert [one.id for one in (broken, shipped, own)] == ["broken", "shipped", "two-exercises"]
    assert broken.program is None
    assert [problem.path for problem in broken.problems][:2] == ["id", "level"]
    assert (shipped.shipped, shipped.is_default, shipped.used_in) == (True, True, ())
    assert shipped.program == house.shelf.load("shipped")
    assert (own.shipped, own.instead_of_shipped, own.is_default) == (False, False, False)
    assert own.used_in == tuple(entry.id for entry in second)
    assert house.desk.listing("two-exercises") == own


def test_one_that_takes_the_place_of_a_shipped_one_is_told_apart(house):
    keep(house, id="shipped")
    (listing,) = house.desk.all()
    assert (listing.shipped, listing.instead_of_shipped) == (False, True)


def test_no_listing_of_what_is_not_there(house):
    with pytest.raises(UnknownProgramError, match=r"no program '\.\./x'"):
        house.desk.listing("../x")


def test_a_change_is_kept_and_noted(house):
    keep(house)
    program = keep(house, level=3)
    assert house.desk.listing("two-exercises").program == program
    assert program.level == 3
    assert house.audit() == ["Program two-exercises: saved."] * 2


def test_what_the_file_says_can_be_had_as_text_and_as_tables(house):
    keep(house)
    text = house.desk.text("two-exercises")
    assert house.desk.read(text) == house.desk.document("two-exercises") == a_document()
    assert house.desk.check(a_document()) == house.desk.listing("two-exercises").program


def test_doses_that_a_changed_program_does_not_allow_are_dropped(house):
    keep(house)
    house.dose("two-exercises", "bridge", reps=9)
    house.dose("two-exercises", "knee-to-chest", hold=25_000)
    document = a_document()
    document["exercise"][1]["phases"] = [{"do": "stretch", "seconds": 20}]
    house.desk.save(document, house.desk.version("two-exercises"))
    assert house.store.doses.of() == (Dose("two-exercises", "bridge", reps=9),)


def test_a_removed_program_leaves_no_doses_behind(house):
    keep(house)
    house.dose("two-exercises", "bridge", reps=9)
    house.dose("shipped", "bridge", reps=9)
    house.desk.remove("two-exercises", house.desk.version("two-exercises"))
    assert [one.id for one in house.desk.all()] == ["shipped"]
    assert house.store.doses.of() == (Dose("shipped", "bridge", reps=9),)
    assert house.audit()[1] == "Program two-exercises: removed."


def test_a_store_that_cannot_be_written_does_not_undo_a_change(house, caplog):
    house.store.disk.broken = StoreError("The disk is full.")
    keep(house)
    house.store.disk.broken = None
    assert house.desk.listing("two-exercises").program is not None
    assert "The disk is full." in caplog.text


def test_a_shipped_program_cannot_be_removed(house):
    with pytest.raises(PlanError, match=r"program\.shipped"):
        house.desk.remove("shipped", house.desk.version("shipped"))


def test_a_program_that_the_plan_asks_for_cannot_be_removed(house):
    keep(house)
    house.plan("two-exercises")
    with pytest.raises(PlanError, match=r"program\.in-plan"):
        house.desk.remove("two-exercises", house.desk.version("two-exercises"))
    assert house.desk.listing("two-exercises").program is not None


def test_the_program_of_the_button_cannot_be_removed(house):
    keep(house)
    house.settings = Settings(default_program="two-exercises")
    with pytest.raises(PlanError, match=r"program\.of-button"):
        house.desk.remove("two-exercises", house.desk.version("two-exercises"))


def test_where_a_shipped_one_steps_in_a_program_in_use_can_be_removed(house):
    keep(house, id="shipped", level=7)
    house.plan("shipped")
    house.desk.remove("shipped", house.desk.version("shipped"))
    listing = house.desk.listing("shipped")
    assert (listing.shipped, listing.program.level) == (True, 2)


def test_who_is_slower_removes_nothing(house):
    keep(house)
    seen = house.desk.version("two-exercises")
    keep(house, level=3)
    with pytest.raises(ConflictError):
        house.desk.remove("two-exercises", seen)
    assert house.desk.listing("two-exercises").program.level == 3


def test_a_preview_is_the_very_sound_of_a_session(house):
    house.dose("shipped", "bridge", reps=5)
    sound = house.desk.preview("shipped")
    dosed = with_doses(house.shelf.load("shipped"), house.store.doses.of("shipped"))
    session = house.preparer.make(dosed)
    assert sound.duration == session.timeline.duration
    assert sound.frames == frames_of(session.timeline.duration)
    whole = render(session.timeline, session.bank, 0, sound.frames)
    assert sound.pcm(0, sound.frames) == whole
    assert sound.pcm(1000, 50) == whole[2000:2100]
    assert sound.pcm(sound.frames - 10, 50) == whole[-20:]
    assert any(whole)


def test_the_last_two_previews_are_kept(house):
    keep(house)
    first = house.desk.preview("shipped")
    assert house.desk.preview("shipped") is first
    second = house.desk.preview("two-exercises")
    house.settings = Settings(default_program="shipped", volume=10)
    assert house.desk.preview("shipped") is first
    assert house.desk.preview("two-exercises") is second
    assert len(house.made) == 2


def test_a_preview_is_made_anew_after_a_change(house):
    first = house.desk.preview("shipped")
    house.dose("shipped", "bridge", reps=5)
    assert house.desk.preview("shipped").duration < first.duration
    keep(house, id="shipped", level=3)
    house.settings = Settings(rate=120)
    house.desk.preview("shipped")
    assert len(house.made) == 3


def test_previews_are_prepared_one_at_a_time(house):
    keep(house)
    together = threading.Barrier(4)
    busy = threading.Lock()
    overlaps = []
    make = house.make

    def watched(program):
        overlaps.append(not busy.acquire(blocking=False))
        try:
            return make(program)
        finally:
            busy.release()

    house.desk.make = watched

    def listen(program):
        together.wait()
        house.desk.preview(program)

    threads = [
        threading.Thread(target=listen, args=(name,))
        for name in ("shipped", "shipped", "two-exercises", "two-exercises")
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert overlaps == [False, False]


def test_where_nothing_can_be_spoken_there_is_no_preview(tmp_path):
    house = House(tmp_path, FakeEngine(no_engine="There is no voice. Install one."))
    with pytest.raises(SpeechError, match=r"There is no voice\. Install one\."):
        house.desk.preview("shipped")


def test_a_preview_that_lacks_something_is_tried_again(tmp_path):
    engine = FakeEngine(failures={"Stop if it hurts.": SpeechError("Cannot say this.")})
    house = House(tmp_path, engine)
    house.desk.preview("shipped")
    house.desk.preview("shipped")
    assert len(house.made) == 2


def test_no_preview_of_what_is_not_there_or_not_right(house, tmp_path):
    with pytest.raises(UnknownProgramError):
        house.desk.preview("nothing")
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "broken.toml").write_text("schema = 1")
    with pytest.raises(ProgramFileError):
        house.desk.preview("broken")


def test_a_program_without_the_kiosks_language_has_no_preview(house):
    document = a_document()
    document["text"] = {"nb": document["text"]["en"]}
    for exercise in document["exercise"]:
        exercise["text"] = {"nb": exercise["text"]["en"]}
    house.desk.save(document, "")
    with pytest.raises(ProgramFileError, match="two-exercises: text: "):
        house.desk.preview("two-exercises")


def test_the_running_kiosk_is_told_of_each_change_and_of_nothing_else(house):
    told = []
    house.desk.changed = lambda: told.append(house.shelf.version("two-exercises"))
    keep(house)
    house.desk.check(a_document())
    house.desk.preview("two-exercises")
    with pytest.raises(ConflictError):
        house.desk.save(a_document(), "another")
    kept = house.desk.version("two-exercises")
    house.desk.remove("two-exercises", kept)
    assert told == [kept, ""]
