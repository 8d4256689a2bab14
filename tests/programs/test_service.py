"""What caregivers do with programs: look, change, remove, listen."""

import threading
from functools import partial

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
from kiosk.settings.model import Settings
from kiosk.timeline.render import render
from kiosk.units import frames_of
from tests.audit_log import sentences
from tests.builders import at_once
from tests.fakes.speech import FakeEngine
from tests.programs.kit import Programs, a_document


@pytest.fixture
def kiosk(tmp_path):
    return Programs(tmp_path)


def test_every_program_is_listed_with_what_asks_for_it(kiosk):
    kiosk.save()
    (kiosk.own / "broken.toml").write_text("schema = 1")
    second = kiosk.plan("two-exercises"), kiosk.plan("two-exercises")
    broken, shipped, own = kiosk.service.all()
    assert [one.id for one in (broken, shipped, own)] == ["broken", "shipped", "two-exercises"]
    assert broken.program is None
    assert [problem.path for problem in broken.problems][:2] == ["id", "level"]
    assert (shipped.shipped, shipped.is_default, shipped.used_in) == (True, True, ())
    assert shipped.program == kiosk.files.load("shipped")
    assert (own.shipped, own.instead_of_shipped, own.is_default) == (False, False, False)
    assert own.used_in == tuple(entry.id for entry in second)
    assert kiosk.service.listing("two-exercises") == own
    with pytest.raises(UnknownProgramError, match=r"^program\.unknown .*'\.\./x'"):
        kiosk.service.listing("../x")

    kiosk.save(id="shipped")
    instead = kiosk.service.listing("shipped")
    assert (instead.shipped, instead.instead_of_shipped) == (False, True)


def test_changes_are_kept_and_noted_and_take_their_doses_with_them(kiosk):
    kiosk.save()
    kiosk.dose("shipped", "bridge", reps=9)
    kiosk.dose("two-exercises", "bridge", reps=9)
    kiosk.dose("two-exercises", "knee-to-chest", hold=25_000)
    document = a_document(level=3)
    document["exercise"][1]["phases"] = [{"do": "stretch", "seconds": 20}]
    program = kiosk.service.save(document, kiosk.files.version("two-exercises"))
    assert kiosk.service.listing("two-exercises").program == program
    assert program.level == 3
    of_shipped, of_own = kiosk.store.doses.of("shipped"), kiosk.store.doses.of("two-exercises")
    assert of_shipped == (Dose("shipped", "bridge", reps=9),)
    assert of_own == (Dose("two-exercises", "bridge", reps=9),), "a hold it has no more is dropped"

    kiosk.service.remove("two-exercises", kiosk.files.version("two-exercises"))
    assert [one.id for one in kiosk.service.all()] == ["shipped"]
    assert kiosk.store.doses.of() == of_shipped
    saved, removed = "Program two-exercises: saved.", "Program two-exercises: removed."
    noted = sentences(kiosk.store, Actor.PAGE)
    assert [one for one in noted if one.startswith("Program")] == [saved, saved, removed]


def test_a_store_that_cannot_be_written_does_not_undo_a_change(kiosk, caplog):
    kiosk.store.disk.broken = StoreError("The disk is full.")
    kiosk.save()
    kiosk.store.disk.broken = None
    assert kiosk.service.listing("two-exercises").program is not None
    assert "The disk is full." in caplog.text


def refusal(kiosk, program):
    with pytest.raises(PlanError) as refused:
        kiosk.service.remove(program, kiosk.files.version(program))
    assert kiosk.service.listing(program).program is not None
    return [problem.code for problem in refused.value.problems]


def test_a_program_that_is_shipped_or_in_use_cannot_be_removed_unless_a_shipped_one_steps_in(kiosk):
    assert refusal(kiosk, "shipped") == ["program.shipped"]
    kiosk.save()
    kiosk.settings = Settings(default_program="two-exercises")
    assert refusal(kiosk, "two-exercises") == ["program.of-button"]
    kiosk.plan("two-exercises")
    assert refusal(kiosk, "two-exercises") == ["program.in-plan"]

    kiosk.save(id="shipped", level=7)
    kiosk.plan("shipped")
    kiosk.service.remove("shipped", kiosk.files.version("shipped"))
    listing = kiosk.service.listing("shipped")
    assert (listing.shipped, listing.program.level) == (True, 2)


def test_a_preview_is_the_very_sound_of_a_session(kiosk):
    kiosk.dose("shipped", "bridge", reps=5)
    sound = kiosk.service.preview("shipped")
    dosed = with_doses(kiosk.files.load("shipped"), kiosk.store.doses.of("shipped"))
    session = kiosk.preparer.make(dosed)
    assert sound.frames == frames_of(session.timeline.duration)
    whole = render(session.timeline, session.bank, 0, sound.frames)
    assert sound.pcm(0, sound.frames) == whole
    assert sound.pcm(1000, 50) == whole[2000:2100]
    assert sound.pcm(sound.frames - 10, 50) == whole[-20:]
    assert any(whole)


def test_the_last_two_previews_are_kept_until_something_changes(kiosk):
    kiosk.save()
    first = kiosk.service.preview("shipped")
    assert kiosk.service.preview("shipped") is first
    second = kiosk.service.preview("two-exercises")
    kiosk.settings = Settings(default_program="shipped", volume=10)
    assert kiosk.service.preview("shipped") is first
    assert kiosk.service.preview("two-exercises") is second
    assert len(kiosk.previewed) == 2

    kiosk.dose("shipped", "bridge", reps=5)
    assert kiosk.service.preview("shipped").frames < first.frames
    kiosk.save(id="shipped", level=3)
    kiosk.service.preview("shipped")
    kiosk.settings = Settings(rate=120)
    kiosk.service.preview("shipped")
    assert len(kiosk.previewed) == 5


def test_previews_are_prepared_one_at_a_time(kiosk):
    kiosk.save()
    busy = threading.Lock()
    overlaps = []
    make = kiosk.make

    def watched(program):
        overlaps.append(not busy.acquire(blocking=False))
        try:
            return make(program)
        finally:
            busy.release()

    kiosk.service.make = watched

    at_once(*(partial(kiosk.service.preview, name) for name in 2 * ["shipped", "two-exercises"]))
    assert overlaps == [False, False]


def test_a_preview_that_lacks_something_is_tried_again(tmp_path):
    engine = FakeEngine(failures={"Stop if it hurts.": SpeechError("Cannot say this.")})
    kiosk = Programs(tmp_path, engine)
    kiosk.service.preview("shipped")
    kiosk.service.preview("shipped")
    assert len(kiosk.previewed) == 2


def test_no_preview_of_what_is_not_there_not_right_or_without_the_kiosks_language(kiosk):
    document = a_document()
    document["text"] = {"nb": document["text"]["en"]}
    for exercise in document["exercise"]:
        exercise["text"] = {"nb": exercise["text"]["en"]}
    kiosk.service.save(document, "")
    (kiosk.own / "broken.toml").write_text("schema = 1")

    with pytest.raises(UnknownProgramError):
        kiosk.service.preview("nothing")
    with pytest.raises(ProgramFileError):
        kiosk.service.preview("broken")
    with pytest.raises(ProgramFileError, match="two-exercises: text: "):
        kiosk.service.preview("two-exercises")


def test_the_running_kiosk_is_told_of_each_change_and_of_nothing_else(kiosk):
    versions = []
    kiosk.service.changed = lambda: versions.append(kiosk.files.version("two-exercises"))
    kiosk.save()
    kiosk.files.check(a_document())
    kiosk.service.preview("two-exercises")
    with pytest.raises(ConflictError):
        kiosk.service.save(a_document(), "another")
    kept = kiosk.files.version("two-exercises")
    kiosk.service.remove("two-exercises", kept)
    assert versions == [kept, ""]
