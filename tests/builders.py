"""Programs and wording for tests, with everything that does not matter filled in."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from kiosk.errors import AuthError, ConflictError
from kiosk.locale.catalogues import load_wording
from kiosk.programs.model import (
    Bounds,
    Exercise,
    ExerciseText,
    Frequency,
    Phase,
    PhaseName,
    Position,
    Program,
    ProgramText,
    Side,
    Source,
)
from kiosk.timeline.timeline import Sound, Tone
from kiosk.units import Millis

ENGLISH = load_wording("en")

TICK_LENGTH: Millis = 70


def phase(name: str, milliseconds: Millis) -> Phase:
    return Phase(PhaseName(name), milliseconds)


def an_exercise(
    name: str = "Bridge",
    *,
    phases: tuple[Phase, ...] = (phase("lift", 2000), phase("hold", 4000), phase("rest", 2000)),
    sets: int = 1,
    reps: int = 2,
    side: Side = Side.BOTH,
    reps_per_side: bool = False,
    position: Position = Position.LYING_ON_BACK,
    equipment: tuple[str, ...] = (),
    how: str = "Lift your hips.",
    words: Mapping[PhaseName, str] | None = None,
    left: str = "",
    right: str = "",
    rest_between_sets: Millis = 6000,
    change_sides: Millis = 6000,
    get_ready: Millis | None = 6000,
) -> Exercise:
    text = ExerciseText(name, how, words or {}, left, right)
    return Exercise(
        id=name.lower().replace(" ", "-"),
        position=position,
        equipment=equipment,
        sets=sets,
        reps=reps,
        side=side,
        reps_per_side=reps_per_side,
        phases=phases,
        rest_between_sets=rest_between_sets,
        change_sides=change_sides,
        get_ready=get_ready,
        sources=(Source("A leaflet", "2 repetitions"),),
        text={"en": text},
    )


def a_program(*exercises: Exercise, rest: Millis = 5000) -> Program:
    return Program(
        id="a-program",
        level=1,
        frequency=Frequency(Bounds(1, 3), Bounds(7, 7)),
        rest_between_exercises=rest,
        exercises=exercises or (an_exercise(),),
        text={"en": ProgramText("A program", "", ("Stop if it hurts.",))},
    )


def ten_ms_a_letter(sound: Sound) -> Millis:
    """Clip lengths that a reader can work out: a text takes 10 ms a letter, a tone 70 ms."""
    return TICK_LENGTH if isinstance(sound, Tone) else 10 * len(sound.text)


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """Make each call in a thread of its own, all at the same moment; results or refusals."""
    together = Barrier(len(calls))

    def make(call: Callable[[], Any]) -> Any:
        together.wait()
        try:
            return call()
        except (AuthError, ConflictError) as error:
            return error

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(make, calls))
