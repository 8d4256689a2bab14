"""What is ready before anybody presses, and that it is made anew once it can be, or has to be."""

from functools import partial

from kiosk.errors import Problem, ProgramFileError
from kiosk.programs.model import Program
from kiosk.schedule.model import WALK
from kiosk.session.announcer import prepare_default, prepare_notices
from kiosk.session.snapshot import Fault, State
from tests.session.bench import MORNING, PROGRAM, Bench, MarkedVoice, StoredState


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
    prepare_again(bench)
    assert bench.faults == {Fault.NO_PROGRAM}

    shelf.mended = True
    prepare_again(bench)
    assert bench.faults == frozenset()

    calls = bench.voice.calls
    bench.begin()
    assert bench.voice.calls == calls


def test_one_that_is_damaged_still_is_shown_to_be_so_still():
    bench = Bench(PROGRAM)
    bench.preparer.programs = DamagedShelf()
    for _ in range(2):
        prepare_again(bench)

        assert bench.faults == {Fault.NO_PROGRAM}


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
