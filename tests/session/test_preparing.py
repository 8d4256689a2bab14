"""Speech and sessions made ready before a press: what is rendered once, and what anew."""

import tomllib
from dataclasses import replace
from functools import partial

import pytest

from kiosk.app import doses_of
from kiosk.errors import Problem, ProgramFileError, SpeechError, StoreError
from kiosk.levels.doses import Dose
from kiosk.programs.model import Program
from kiosk.schedule.model import WALK
from kiosk.session.announcer import prepare_default, prepare_notices
from kiosk.session.snapshot import Fault, State
from kiosk.settings.model import Settings
from kiosk.speech.model import Voice
from kiosk.speech.preparer import SessionPreparer
from tests.builders import ENGLISH, a_program, an_exercise
from tests.fakes.store import MemoryStore
from tests.kiosk import KioskKit
from tests.service.running import SHORT_PROGRAM
from tests.session.bench import MORNING, PROGRAM, Bench, MarkedVoice, Shelf, StoredState

OTHER = replace(a_program(an_exercise("Squat")), id="another-program")


class Preparer(SessionPreparer):
    """With settings that change."""

    def __init__(self, voice: MarkedVoice | None = None) -> None:
        self.in_force = Settings()
        shelf = Shelf(PROGRAM, OTHER)
        super().__init__(shelf, voice or MarkedVoice(), ENGLISH, lambda: self.in_force)


def test_a_preview_is_the_very_session():
    preparer = Preparer()

    preview = preparer.preview(PROGRAM)

    session = Preparer().prepare(PROGRAM.id)
    assert preview.timeline == session.timeline
    assert preview.bank.speech.keys() == session.bank.speech.keys()


def test_a_preview_lets_everybody_else_go_first_and_a_session_does_not():
    voice = MarkedVoice()
    preparer = Preparer(voice)
    preparer.preview(PROGRAM)
    preparer.sample("Hello.", Voice("en", "", 155))
    preparer.prepare(PROGRAM.id)
    preparer.prepare_notices()

    assert [patient for _, patient in voice.asked_by] == [True, True, False, False]


def test_a_preview_leaves_the_session_ready_that_was_made_last():
    preparer = Preparer()
    session = preparer.make(PROGRAM)
    preparer.preview(OTHER)

    assert preparer.make(PROGRAM) is session


def test_what_was_made_last_need_not_be_made_again_to_be_heard():
    preparer = Preparer()

    assert preparer.make(PROGRAM) is preparer.preview(PROGRAM)


def test_after_a_change_of_the_voice_a_session_is_made_anew():
    preparer = Preparer()
    session = preparer.make(PROGRAM)

    preparer.in_force = Settings(rate=125)
    assert preparer.make(PROGRAM) is not session

    preparer.in_force = Settings()
    assert preparer.make(PROGRAM) is not session


def test_a_change_that_cannot_be_heard_leaves_it_ready():
    preparer = Preparer()
    session = preparer.make(PROGRAM)
    preparer.in_force = Settings(volume=20, default_program="another-program")

    assert preparer.make(PROGRAM) is session


def test_a_session_whose_settings_change_while_it_is_made_is_of_one_piece_and_not_kept():
    voice = MarkedVoice()
    preparer = Preparer(voice)

    def change(_done: int, _total: int) -> None:
        preparer.in_force = Settings(rate=125, sentence_pause_ms=2000)

    made = preparer.make(PROGRAM, change)

    assert made.timeline == Preparer().make(PROGRAM).timeline
    assert preparer.make(PROGRAM) is not made
    assert [voice.rate for voice, _ in voice.asked_by] == [155, 125]


def test_a_sample_is_the_sentence_in_that_voice_alone():
    voice = MarkedVoice()
    preparer = Preparer(voice)
    croak = Voice("en", "croak", 120)

    take = preparer.sample("Lift your hips. And rest.", croak)

    assert [cue.text for cue in take.timeline.cues] == ["Lift your hips.", "And rest."]
    assert voice.asked_by == [(croak, True)]


def test_a_sample_that_cannot_be_spoken_says_why():
    with pytest.raises(SpeechError, match=r"The voice is broken: mend it\."):
        Preparer(MarkedVoice(missing=lambda _: True)).sample("Hello.", Voice("en", "croak", 120))


# On the bench: what failed is rendered again once it can be


class DamagedShelf:
    """A program whose file cannot be used, until it is mended."""

    def __init__(self) -> None:
        self.mended = False
        self.loads = 0

    def load(self, program_id: str) -> Program:
        self.loads += 1
        if not self.mended:
            raise ProgramFileError([Problem.plain(program_id, "reps", "They are missing.")])
        return PROGRAM


# The kiosk's own phrases


def a_bench_without_notices() -> Bench:
    """A kiosk whose voice failed while its notices were rendered at the start."""
    voice = MarkedVoice()
    voice.broken = True
    bench = Bench(PROGRAM, voice=voice)
    prepare_notices(bench.preparer, bench.controller.post)
    bench.settle()
    return bench


def test_notices_that_could_not_be_rendered_are_there_after_the_first_session_that_can():
    bench = a_bench_without_notices()
    assert bench.faults == {Fault.NO_SPEECH}

    bench.voice.broken = False
    bench.do_session()

    assert "If that was harder than usual, press the button now." in bench.texts()
    assert bench.faults == frozenset()


def test_until_the_notices_are_there_it_is_shown_that_speech_is_missing():
    bench = a_bench_without_notices()
    bench.voice.broken = False
    bench.jobs.waiting = True
    bench.press()
    bench.jobs.jobs.pop(0)()  # the session; what is asked for then still waits
    bench.run_to_state(State.RUNNING)
    assert bench.faults == {Fault.NO_SPEECH}

    bench.jobs.waiting = False
    bench.settle()
    assert bench.faults == frozenset()


def test_notices_that_are_whole_are_not_rendered_again():
    bench = Bench(PROGRAM)
    bench.do_session()
    calls = bench.voice.calls
    bench.do_session()

    assert bench.voice.calls == calls


# The default program


def prepare_again(bench: Bench) -> None:
    bench.jobs.submit(partial(prepare_default, bench.preparer, bench.controller.post))
    bench.settle()


def test_a_default_program_that_is_mended_is_shown_to_be_well_and_is_ready_for_a_press():
    bench = Bench(PROGRAM)
    shelf = bench.preparer.programs = DamagedShelf()
    for _ in range(2):
        prepare_again(bench)
        assert bench.faults == {Fault.NO_PROGRAM}

    shelf.mended = True
    prepare_again(bench)
    assert bench.faults == frozenset()

    calls = bench.voice.calls
    bench.begin()
    assert bench.voice.calls == calls


# Reminders


def test_the_title_of_what_is_called_out_is_looked_up_by_a_job():
    stored = StoredState(MORNING)
    stored.plan(PROGRAM.id, "08:00")
    bench = Bench(PROGRAM, stored=stored)
    shelf = bench.preparer.programs = DamagedShelf()
    shelf.mended = True
    bench.jobs.waiting = True
    bench.run_to_state(State.REMINDING)
    assert shelf.loads == 0

    bench.jobs.waiting = False
    bench.run_for(4)
    assert bench.texts()[0] == "It is time for A program."


def test_of_two_calls_that_are_being_made_only_the_second_is_said():
    stored = StoredState(MORNING)
    stored.plan(WALK, "08:00")
    bench = Bench(PROGRAM, stored=stored)
    bench.jobs.waiting = True
    bench.run_for(6.5 * 60)
    bench.jobs.waiting = False
    bench.run_for(10)

    assert bench.texts().count("It is time for your walk.") == 1


# In the whole kiosk: a change from a page is ready before the next press


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
