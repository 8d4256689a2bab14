"""What is said inside a repetition: its number, its side, its phases and the counting of holds.

What matters most is said whatever else there is: the number at the very start of the repetition
and the last seconds of a hold. The rest fits itself in between or is left out, by weight.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from kiosk.locale.wording import Wording
from kiosk.programs.model import Phase, PhaseName
from kiosk.timeline.score import Line, TailLine, Wish
from kiosk.timeline.timeline import CueKind
from kiosk.units import Millis

SECOND: Millis = 1000

BREATHING_FROM: Millis = 5 * SECOND
"""Holds this long get a breathing cue: coaching against breath-holding keeps the blood pressure
lower in static holds (Physical Therapy 1989;69:757)."""

LONG_HOLD: Millis = 10 * SECOND
"""Longer holds are not counted second by second, but half-way, ten seconds before and at the end.
"""

HALFWAY_FROM: Millis = 20 * SECOND
FINAL_COUNT = 5  # how many of the last seconds of a long hold are counted

COUNTDOWN_FROM = 3

SHORTEST_COUNTED: Millis = 1500
"""A shorter hold is only named: its "one" would fall upon the number of the repetition."""

ROOM_FOR_WORD: Millis = 900
"""What the word "hold" takes at the start of a hold before the first number."""

BREATH_AFTER: Millis = 700
"""How far into a hold the breathing cue may come, so that the word "hold" comes first."""

ROOM_FOR_BREATH: Millis = 1900  # what "hold" and the breathing cue take together

WEIGHT_NUMBER = 0
WEIGHT_COUNT = 1
WEIGHT_SIDE = 2
WEIGHT_LAST = 3
WEIGHT_BREATH = 4
WEIGHT_PHASE = 5


@dataclass(frozen=True, slots=True)
class PassCall:
    """The words at the start of a rep pass."""

    number: int | None
    """The repetition's number; `None` on the second side of a repetition that has two."""

    side: str = ""
    """The side as it is called; empty where it does not change or there is none."""

    last: bool = False


def wishes_of(
    phases: tuple[Phase, ...], words: dict[PhaseName, str], call: PassCall, wording: Wording
) -> tuple[Wish, ...]:
    """Every cue wanted in one pass through `phases`; `words` has what a phase is called."""
    wishes = list(_call_wishes(call, phases[0], words[phases[0].name], wording))
    at: Millis = 0
    for index, phase in enumerate(phases):
        wishes += _phase_wishes(phase, at, words[phase.name], wording, first=index == 0)
        at += phase.duration
    return tuple(wishes)


def countdown(wording: Wording) -> tuple[TailLine, ...]:
    """The countdown at the end of a wait: "three, two, one", a second each."""
    return tuple(
        TailLine(n * SECOND, Line(CueKind.COUNTDOWN, wording.number(n)))
        for n in range(COUNTDOWN_FROM, 0, -1)
    )


def _call_wishes(call: PassCall, first: Phase, word: str, wording: Wording) -> Iterator[Wish]:
    """The words at the start, and that of the first phase where nothing weightier is said there."""
    name = first.name.value
    if call.number is not None:
        number = wording.number(call.number)
        yield Wish(WEIGHT_NUMBER, CueKind.REP, number, 0, 0, name)
    if call.side:
        yield Wish(WEIGHT_SIDE, CueKind.SIDE, call.side, 0, first.duration, name)
    if call.last:
        yield Wish(WEIGHT_LAST, CueKind.LAST, wording.say("last_one"), 0, first.duration, name)
    if not call.side and not call.last:
        yield Wish(WEIGHT_PHASE, CueKind.PHASE, word, 0, first.duration * 6 // 10, name)


def _phase_wishes(
    phase: Phase, at: Millis, word: str, wording: Wording, *, first: bool
) -> Iterator[Wish]:
    name = phase.name.value
    counts = hold_counts(phase.duration) if phase.name is PhaseName.HOLD else ()
    crowded = counts and phase.duration - counts[0] * SECOND < ROOM_FOR_WORD
    if not first and not crowded:
        latest = at + min(phase.duration // 2, SECOND // 2)
        yield Wish(WEIGHT_PHASE, CueKind.PHASE, word, at, latest, name)
    if phase.name is not PhaseName.HOLD:
        return
    if phase.duration >= BREATHING_FROM:
        text = wording.say("breathe")
        latest = at + phase.duration // 2
        yield Wish(WEIGHT_BREATH, CueKind.BREATH, text, at + BREATH_AFTER, latest, name)
    end = at + phase.duration
    for kind, text, moment in _landmarks(phase.duration, wording):
        offset = at + moment
        yield Wish(WEIGHT_COUNT, kind, text, offset, offset, name)
    for left in counts:
        moment = end - left * SECOND
        yield Wish(WEIGHT_COUNT, CueKind.HOLD, wording.number(left), moment, moment, name)


def _landmarks(duration: Millis, wording: Wording) -> Iterator[tuple[CueKind, str, Millis]]:
    """The words on the way through a long hold: kind, text and offset into the hold."""
    half, ten = duration // 2, duration - 10 * SECOND
    has_half = duration >= HALFWAY_FROM
    if has_half:
        yield CueKind.HALFWAY, wording.say("half_way"), half
    if ten >= 3 * SECOND and not (has_half and abs(half - ten) < 3 * SECOND):
        yield CueKind.HOLD, wording.say("hold.ten_seconds"), ten


def hold_counts(duration: Millis) -> tuple[int, ...]:
    """The seconds left that are counted in a hold of `duration`, from the first down to one."""
    if duration > LONG_HOLD:
        return tuple(range(FINAL_COUNT, 0, -1))
    room = ROOM_FOR_BREATH if duration >= BREATHING_FROM else ROOM_FOR_WORD
    first = (duration - room) // SECOND
    if first < 1 and duration >= SHORTEST_COUNTED:
        first = 1  # too short for a word and a number: the number matters more
    return tuple(range(first, 0, -1))
