"""A program's page: its exercises with their doses, and the form to change the doses."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from kiosk.errors import ConflictError, PlanError, StoreError
from kiosk.levels.doses import Dose
from kiosk.levels.service import Level
from kiosk.programs.model import Exercise
from web.context import kiosk
from web.forms import FieldProblems, answer, error_sentence, not_saved, problem_line, problem_text
from web.programs import text as words
from web.programs.text import language
from web.text import seconds_text, t


@dataclass(frozen=True)
class DoseRow:
    """The fields of one exercise, as typed; `hold` is `None` where the exercise has none."""

    exercise: Exercise
    sets: str
    reps: str
    hold: str | None
    changed: bool
    """Whether it differs from the program's file."""


def program_page(
    program: str, problems: FieldProblems | None = None, typed: Mapping[str, str] | None = None
) -> str:
    """The page of one program; `typed` is what the form for doses was sent with."""
    listing = kiosk().programs.listing(program)
    if listing.program is None:
        lines = [problem_line(problem) for problem in listing.problems]
        return render_template("programs/unusable.html", listing=listing, lines=lines)
    view = kiosk().levels.doses_of(program)
    return render_template(
        "programs/program.html",
        listing=listing,
        view=view,
        program=view.dosed,
        text=view.dosed.text_in(language()),
        texts={one.id: one.text_in(language()) for one in view.dosed.exercises},
        rows=list(_rows(view, typed)),
        words=words,
        problems=problems or FieldProblems(),
        insisted=bool(typed and typed.get("insist")),
        names={one.id: one.title(language()) for one in kiosk().programs.all()},
    )


def change(program: str) -> Response | tuple[str, int]:
    """Save changed doses."""
    levels = kiosk().levels
    view = levels.doses_of(program)
    typed = request.form.to_dict()
    doses, problems = _typed_doses(view, typed)
    insist = "insist" in typed
    for problem in levels.check_doses(tuple(doses), insist=insist):
        problems.add(problem.path, problem_text(problem))
    if problems:
        return program_page(program, problems, typed), 422
    try:
        levels.set_doses(tuple(doses), typed.get("version", ""), insist=insist)
    except PlanError as error:
        return program_page(program, FieldProblems.of(error.problems), typed), 422
    except ConflictError as error:
        return program_page(program, FieldProblems.at("", error_sentence(error)), typed), 409
    except StoreError as error:
        return program_page(program, not_saved(error), typed), 503
    answer(t("programs.doses.saved" if doses else "programs.doses.same"))
    return redirect(url_for("programs.read", program=program), 303)


def reset(program: str) -> Response | tuple[str, int]:
    """Take every change back."""
    try:
        kiosk().levels.reset(program, version=request.form.get("version", ""))
    except ConflictError as error:
        return program_page(program, FieldProblems.at("", error_sentence(error))), 409
    answer(t("programs.doses.reset.done"))
    return redirect(url_for("programs.read", program=program), 303)


def _rows(view: Level, typed: Mapping[str, str] | None) -> Iterator[DoseRow]:
    for filed, dosed in zip(view.program.exercises, view.dosed.exercises, strict=True):
        holds = _holds(dosed)
        hold = seconds_text(min(holds)) if len(holds) == 1 else ""
        fields = {"sets": str(dosed.sets), "reps": str(dosed.reps), "hold": hold}
        if typed is not None:
            fields |= {key: typed.get(f"{dosed.id}.{key}", text) for key, text in fields.items()}
        shown = fields["hold"] if holds else None
        yield DoseRow(dosed, fields["sets"], fields["reps"], shown, dosed != filed)


def _typed_doses(view: Level, typed: Mapping[str, str]) -> tuple[list[Dose], FieldProblems]:
    """The doses that differ from those of now; what is left empty is as in the file."""
    problems = FieldProblems()
    doses = []
    for exercise in view.program.exercises:
        sets = _whole(typed, f"{exercise.id}.sets", exercise.sets, problems)
        reps = _whole(typed, f"{exercise.id}.reps", exercise.reps, problems)
        hold = _hold(typed, exercise, problems)
        dose = Dose(view.program.id, exercise.id, sets, reps, hold)
        if dose != view.dose_of(exercise.id):
            doses.append(dose)
    return doses, problems


def _whole(typed: Mapping[str, str], name: str, filed: int, problems: FieldProblems) -> int | None:
    """The number that was typed; `None` for that of the file."""
    text = typed.get(name, "").strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 6):
        problems.add(name, t("programs.doses.not_whole"))
        return None
    number = int(text)
    return None if number == filed else number


def _hold(typed: Mapping[str, str], exercise: Exercise, problems: FieldProblems) -> int | None:
    """The hold in milliseconds; `None` for that of the file."""
    name = f"{exercise.id}.hold"
    text = typed.get(name, "").strip().replace(",", ".")
    if not text or not _holds(exercise):
        return None
    plain = text.replace(".", "", 1)
    if not (plain.isascii() and plain.isdigit() and len(text) <= 8):
        problems.add(name, t("programs.doses.not_seconds"))
        return None
    hold = round(float(text) * 1000)
    return None if {hold} == _holds(exercise) else hold


def _holds(exercise: Exercise) -> set[int]:
    return {phase.duration for phase in exercise.holds}
