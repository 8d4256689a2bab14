"""From a program to its score (what is said, in which order, in the wording's language), and, by
`compile_timeline`, on to its timeline.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from kiosk.errors import WordingError
from kiosk.locale.wording import Wording
from kiosk.programs.model import Exercise, ExerciseText, PhaseName, Position, Program, Side
from kiosk.settings.model import Settings
from kiosk.timeline.counting import SECOND, PassCall, countdown, wishes_of
from kiosk.timeline.layout import LengthOf, lay_out
from kiosk.timeline.notices import lead_in_texts
from kiosk.timeline.score import Line, Passage, RepPass, Score, TailLine, sentences, texts_of
from kiosk.timeline.timeline import CueKind, ExerciseOutline, Place, Stage, Timeline
from kiosk.units import Millis

SAME_POSITION: Millis = 6 * SECOND  # time to get ready where the person is in the position already
ON_THE_FLOOR: Millis = 10 * SECOND  # time to get from one position on the floor into another

TO_OR_FROM_THE_FLOOR: Millis = 17 * SECOND
"""Getting down to the floor, or up from it, takes an older person 15 to 20 seconds."""

STANDING_UP: Millis = 8 * SECOND  # time to get from sitting to standing or back
WARNING_BEFORE: Millis = 10 * SECOND  # how long before the end of a longer wait it is announced
WARNING_FROM: Millis = 20 * SECOND  # waits this long are announced before they end


def texts_to_render(program: Program, wording: Wording, settings: Settings) -> tuple[str, ...]:
    """Every text that a session of `program` may need, lead-ins included, once each.

    Raises WordingError as `compile_timeline` does.
    """
    score = write_score(program, wording, settings)
    outline = lay_out(score, lambda _sound: None)  # lengths do not matter to what may be said
    return tuple(dict.fromkeys((*texts_of(score), *lead_in_texts(outline, wording))))


def compile_timeline(
    program: Program, wording: Wording, settings: Settings, length_of: LengthOf
) -> Timeline:
    """The timeline of one session of `program`: pure, and the same for the same arguments.

    Raises WordingError where the program or the catalogue lacks a text in the language.
    """
    return lay_out(write_score(program, wording, settings), length_of)


def write_score(program: Program, wording: Wording, settings: Settings) -> Score:
    """The score of `program` in the language of `wording`.

    Raises WordingError where the program or the catalogue lacks a text in that language.
    """
    return _Writer(program, wording, settings.sentence_pause_ms).write()


def get_ready_time(before: Position | None, exercise: Exercise) -> Millis:
    """How long a person has to get into position, coming from the position `before`.

    At the start of a session (`before` is None) they stand beside the kiosk.
    """
    if exercise.get_ready is not None:
        return exercise.get_ready
    came_from = before or Position.STANDING
    if came_from is exercise.position:
        return SAME_POSITION
    if came_from.on_the_floor and exercise.position.on_the_floor:
        return ON_THE_FLOOR
    if came_from.on_the_floor or exercise.position.on_the_floor:
        return TO_OR_FROM_THE_FLOOR
    return STANDING_UP


@dataclass(frozen=True)
class _Writer:
    program: Program
    wording: Wording
    pause: Millis

    def write(self) -> Score:
        if self.wording.language not in self.program.languages:
            raise WordingError(
                f"The program {self.program.id!r} has no text in {self.wording.language!r} for"
                f" itself and each of its exercises. Add it, or choose another language."
            )
        text = self.program.text[self.wording.language]
        outline = tuple(
            ExerciseOutline(
                exercise.id,
                self._text(exercise).name,
                exercise.sets,
                exercise.counted_reps,
                self._left(exercise),
                self._right(exercise),
            )
            for exercise in self.program.exercises
        )
        return Score(self.program.id, text.title, outline, tuple(self._parts()))

    def _parts(self) -> Iterator[Passage | RepPass]:
        yield self._welcome()
        before: Exercise | None = None
        for index, exercise in enumerate(self.program.exercises):
            if before is not None:
                yield self._rest_between_exercises(index - 1, exercise)
            yield from self._exercise(index, exercise, before)
            before = exercise
        yield self._closing(before)

    def _welcome(self) -> Passage:
        text = self.program.text[self.wording.language]
        count = self.wording.say_many("welcome.exercises", len(self.program.exercises))
        lines = self._lines(CueKind.WELCOME, self._say("welcome", title=text.title), count)
        lines += self._lines(CueKind.WELCOME, self._say("welcome.button"))
        rules = self._lines(CueKind.STOP_RULE, *text.stop_rules)
        return Passage(Stage.WELCOME, Place(), lines + rules)

    def _closing(self, last: Exercise | None) -> Passage:
        lines = self._lines(CueKind.CLOSING, self._say("closing"))
        if last is not None and last.position.on_the_floor:
            lines += self._lines(CueKind.CLOSING, self._say("closing.get_up"))
        return Passage(Stage.CLOSING, Place(), lines)

    def _rest_between_exercises(self, index: int, coming: Exercise) -> Passage:
        name = coming.text[self.wording.language].name
        lines = self._lines(CueKind.REST, self._say("rest"))
        lines += self._lines(CueKind.NEXT, self._say("next_exercise", name=name))
        planned = self.program.rest_between_exercises
        return Passage(Stage.REST, Place(index), lines, planned=planned)

    def _exercise(
        self, index: int, exercise: Exercise, before: Exercise | None
    ) -> Iterator[Passage | RepPass]:
        yield self._announcement(index, exercise, before)
        yield self._get_ready(index, exercise, before)
        for number in range(1, exercise.sets + 1):
            if number > 1:
                yield self._rest_between_sets(index, exercise, number)
            yield from self._set(index, exercise, number)

    def _announcement(self, index: int, exercise: Exercise, before: Exercise | None) -> Passage:
        text = self._text(exercise)
        number = self._say(
            "exercise_number",
            n=self.wording.number(index + 1),
            of=self.wording.number(len(self.program.exercises)),
        )
        lines = self._lines(CueKind.ANNOUNCE, number, self._say("name_as_sentence", name=text.name))
        if before is None or before.position is not exercise.position:
            # Before how it is done, or it would sound like an order to somebody who still stands.
            lines += self._lines(
                CueKind.POSITION, self._say("done_in", position=self._position(exercise))
            )
        fetched = before.equipment if before else ()
        needed = [item for item in exercise.equipment if item not in fetched]
        lines += self._lines(CueKind.EQUIPMENT, *(self._say(f"equipment.{i}") for i in needed))
        lines += self._lines(CueKind.HOW, text.how)
        lines += self._lines(CueKind.DOSE, *self._dose(exercise))
        return Passage(Stage.ANNOUNCE, Place(index), lines)

    def _dose(self, exercise: Exercise) -> Iterator[str]:
        if exercise.sets > 1:
            yield self.wording.say_many("dose.sets", exercise.sets)
        each = exercise.reps_each_side
        yield self.wording.say_many("dose.reps_each_side" if each else "dose.reps", exercise.reps)
        longest = max((phase.duration for phase in exercise.holds), default=0)
        if longest >= 3 * SECOND:
            yield self.wording.say_many("dose.hold", round(longest / SECOND))

    def _get_ready(self, index: int, exercise: Exercise, before: Exercise | None) -> Passage:
        planned = get_ready_time(before.position if before else None, exercise)
        position = self._position(exercise)
        lines = self._lines(CueKind.POSITION, self._say("get_ready", position=position))
        if exercise.side is Side.LEFT_THEN_RIGHT:
            lines += self._lines(CueKind.SIDE, self._say("left_first", side=self._left(exercise)))
        return Passage(Stage.READY, Place(index), lines, self._tail(planned), planned)

    def _set(self, index: int, exercise: Exercise, number: int) -> Iterator[Passage | RepPass]:
        previous: str | None = None
        for side, rep, call in self._passes(exercise):
            if exercise.side is Side.LEFT_THEN_RIGHT and previous == "left" and side == "right":
                yield self._change_sides(index, exercise, number)
            previous = side
            words = self._phase_words(exercise)
            phases = tuple((p.name.value, p.duration) for p in exercise.phases)
            wishes = wishes_of(exercise.phases, words, call, self.wording)
            yield RepPass(Place(index, number, side, rep), phases, wishes)

    def _passes(self, exercise: Exercise) -> Iterator[tuple[str | None, int, PassCall]]:
        """Side, repetition and call of every pass of a set, in order."""
        reps = range(1, exercise.reps + 1)
        if exercise.side is Side.BOTH:
            for rep in reps:
                yield None, rep, PassCall(rep, last=rep == exercise.reps)
        elif exercise.side is Side.LEFT_THEN_RIGHT:
            lefts = exercise.counted_reps
            for side, count in (("left", lefts), ("right", exercise.passes_per_set - lefts)):
                for rep in range(1, count + 1):
                    yield side, rep, PassCall(rep, last=rep == count)
        elif exercise.reps_each_side:
            left, right = self._left(exercise), self._right(exercise)
            for rep in reps:
                yield "left", rep, PassCall(rep, left)
                yield "right", rep, PassCall(None, right, last=rep == exercise.reps)
        else:
            for rep in reps:
                side, name = ("left", self._left) if rep % 2 else ("right", self._right)
                yield side, rep, PassCall(rep, name(exercise), last=rep == exercise.reps)

    def _change_sides(self, index: int, exercise: Exercise, number: int) -> Passage:
        lines = self._lines(CueKind.SIDE, self._say("change_sides", side=self._right(exercise)))
        place, planned = Place(index, number, "right"), exercise.change_sides
        return Passage(Stage.CHANGE_SIDE, place, lines, self._tail(planned), planned)

    def _rest_between_sets(self, index: int, exercise: Exercise, number: int) -> Passage:
        set_number = self._say(
            "next_set", n=self.wording.number(number), of=self.wording.number(exercise.sets)
        )
        lines = self._lines(CueKind.REST, self._say("rest"))
        lines += self._lines(CueKind.NEXT, set_number)
        if exercise.side is Side.LEFT_THEN_RIGHT:
            lines += self._lines(CueKind.SIDE, self._say("left_first", side=self._left(exercise)))
        planned = exercise.rest_between_sets
        return Passage(Stage.REST, Place(index, number), lines, self._tail(planned), planned)

    def _tail(self, planned: Millis) -> tuple[TailLine, ...]:
        """The warning before the end of a long wait, then "three, two, one"."""
        warning = TailLine(
            WARNING_BEFORE, Line(CueKind.NOTICE, self._say("ten_seconds")), optional=True
        )
        count = countdown(self.wording)
        return (warning, *count) if planned >= WARNING_FROM else count

    def _phase_words(self, exercise: Exercise) -> dict[PhaseName, str]:
        own = self._text(exercise).phases
        names = {phase.name for phase in exercise.phases}
        return {n: own[n] if n in own else self._say(f"phase.{n.value}") for n in names}

    def _position(self, exercise: Exercise) -> str:
        return self._say(f"position.{exercise.position.value}")

    def _left(self, exercise: Exercise) -> str:
        return self._text(exercise).left or self._say("left")

    def _right(self, exercise: Exercise) -> str:
        return self._text(exercise).right or self._say("right")

    def _text(self, exercise: Exercise) -> ExerciseText:
        return exercise.text[self.wording.language]

    def _lines(self, kind: CueKind, *texts: str) -> tuple[Line, ...]:
        return tuple(
            Line(kind, sentence, self.pause) for text in texts for sentence in sentences(text)
        )

    def _say(self, key: str, **values: str) -> str:
        return self.wording.say(key, **values)
