"""A program's doses, phases and sources as phrases for its pages."""

from collections.abc import Iterable

from kiosk.programs.model import Exercise, PhaseName, Position, Side
from web.context import kiosk
from web.text import seconds_text, span, t, tn


def language() -> str:
    """The language that programs are shown in: that of the kiosk."""
    return kiosk().settings.current.language


def dose(exercise: Exercise) -> str:
    """E.g. `2 sets of 8 repetitions on each side`."""
    words = tn("programs.dose.reps", exercise.reps)
    if exercise.side is not Side.BOTH:
        key = "each_side" if exercise.reps_per_side else "shared"
        words = t(f"programs.dose.{key}", reps=words)
    return words if exercise.sets == 1 else tn("programs.dose.sets", exercise.sets, reps=words)


def repetition(exercise: Exercise) -> str:
    """One pass through the phases, e.g. `lift for 2 seconds, hold for 3 seconds`."""
    parts = []
    for phase in exercise.phases:
        seconds = t("programs.seconds", n=seconds_text(phase.duration))
        time = t("programs.second") if phase.duration == 1000 else seconds
        parts.append(t("programs.phase_for", phase=phase_name(phase.name), time=time))
    return t("programs.list.and").join(parts)


def side(exercise: Exercise) -> str:
    """How left and right share an exercise."""
    return t(f"programs.side.{exercise.side.value}")


def position(place: Position) -> str:
    """The position that an exercise starts from."""
    return t(f"programs.position.{place.name.lower()}")


def phase_name(name: PhaseName) -> str:
    """The name of a phase."""
    return t(f"programs.phase.{name.value}")


def equipment(items: Iterable[str]) -> str:
    """The equipment of an exercise, as a list in words."""
    return t("programs.list.and").join(t(f"programs.equipment.{item}") for item in items)


def cited(exercise: Exercise) -> list[str]:
    """The ranges that the sources give, one phrase each."""
    found = []
    if (sets := exercise.cited_sets) is not None:
        found.append(tn("programs.cited.sets", sets.high, span=span(sets)))
    if (reps := exercise.cited_reps) is not None:
        found.append(tn("programs.cited.reps", reps.high, span=span(reps)))
    for phase in exercise.phases:
        if phase.cited is not None:
            words = phase_name(phase.name)
            found.append(t("programs.cited.phase", phase=words, span=span(phase.cited, 1000)))
    if exercise.cited_pass is not None:
        found.append(t("programs.cited.pass", span=span(exercise.cited_pass, 1000)))
    return list(dict.fromkeys(found))
