"""The scores of what is said outside a session's timeline: notices, codes, reminders, lead-ins."""

from collections.abc import Iterator
from enum import StrEnum

from kiosk.history.model import Spot
from kiosk.locale.wording import Wording
from kiosk.timeline.counting import countdown
from kiosk.timeline.layout import lay_out
from kiosk.timeline.render import ClipBank
from kiosk.timeline.score import Line, Passage, Score, TailLine, sentences, texts_of
from kiosk.timeline.timeline import (
    BLIP,
    Cue,
    CueKind,
    Moment,
    Place,
    Span,
    Stage,
    Timeline,
    Tone,
    state_at,
)
from kiosk.units import Millis

PAUSE: Millis = 350
"""Silence between the sentences of an aside: shorter than in the session, for somebody waits."""


class Notice(StrEnum):
    """A fixed phrase; the value is its id in the catalogue."""

    ONE_MOMENT = "one_moment"
    PAUSED = "paused.reminder"
    ENDED = "ended"
    FAILED = "failed"
    ASK_EFFORT = "ask_effort"
    NOTED_HARDER = "noted_harder"
    DAY_DONE = "day_done"
    WALK_DONE = "walk_done"
    PUT_OFF = "put_off"
    SOUND_TEST = "sound.test"


DIGIT_PAUSE: Millis = 600  # silence after each digit of a code: time to write it down
THREE_PAUSE: Millis = 1300  # silence after each three digits

CHIME_LINE = Line(CueKind.CHIME, "chime", PAUSE)


def reminder_score(title: str | None, wording: Wording) -> Score:
    """The score that calls to the program `title`, or to the walk where it is `None`."""
    walk = title is None
    text = wording.say("time_for_walk") if walk else wording.say("time_for", title=title or "")
    return _aside(text, first=(CHIME_LINE,))


def cut_off_score(spot: Spot | None, wording: Wording) -> Score:
    """The score that offers to go on with a session that was cut off at `spot`."""
    if spot is None or spot.exercise is None:
        text = wording.say("cut_off")
    else:
        exercise = wording.number(spot.exercise)
        if spot.rep is None:
            text = wording.say("cut_off.exercise", exercise=exercise)
        else:
            text = wording.say("cut_off.rep", exercise=exercise, rep=wording.number(spot.rep))
    return _aside(text, first=(CHIME_LINE,))


def code_score(code: str, wording: Wording) -> Score:
    """The score that says the digits of `code`, by threes, twice.

    Each digit is a line of its own: clips are kept on disk, and none may tell more than one digit.
    """
    once = (Line(CueKind.NOTICE, wording.say("door_code"), DIGIT_PAUSE), *_digits(code, wording))
    again = Line(CueKind.NOTICE, wording.say("door_code.again"), DIGIT_PAUSE)
    return _notice((*once, again, *_digits(code, wording)))


def code_texts(wording: Wording) -> tuple[str, ...]:
    """Every text that a code may need, whatever its digits are."""
    return texts_of(code_score("0123456789", wording))


def _digits(code: str, wording: Wording) -> Iterator[Line]:
    for place, digit in enumerate(code, start=1):
        pause = THREE_PAUSE if place % 3 == 0 else DIGIT_PAUSE
        yield Line(CueKind.NOTICE, wording.number(int(digit)), pause)


def spoken_score(text: str) -> Score:
    """The score of `text` by itself, sentence by sentence."""
    return _aside(text)


def notice_score(notice: Notice, wording: Wording) -> Score:
    """The score of `notice`."""
    return _aside(wording.say(notice.value))


def aside_timeline(score: Score, bank: ClipBank) -> Timeline:
    """The timeline of an aside; a short tone where all of its speech is missing."""
    timeline = lay_out(score, bank.length)
    if timeline.cues:
        return timeline
    length = bank.length(Tone(BLIP)) or 0
    cue = Cue(0, length, CueKind.NOTICE, Tone(BLIP), texts_of(score)[0], Place())
    span = Span(0, length, Stage.NOTICE, Place())
    return Timeline(None, "", (cue,), (span,), (), length)


def lead_in_score(moment: Moment, wording: Wording) -> Score:
    """The score of "Carrying on. Number five of eight.": it leads back into a session at `moment`.

    Into a repetition it counts down, elsewhere the session's own words are lead enough.
    """
    if moment.stage is not Stage.WORK or moment.outline is None or moment.place.rep is None:
        return _aside(wording.say("carry_on"), CueKind.LEAD_IN)
    texts, outline = [wording.say("carry_on")], moment.outline
    if moment.place.side is not None:
        side = outline.left if moment.place.side == "left" else outline.right
        texts.append(wording.say("carry_on.side", side=side))
    number, of = wording.number(moment.place.rep), wording.number(outline.reps)
    texts.append(wording.say("carry_on.rep", n=number, of=of))
    return _aside(" ".join(texts), CueKind.LEAD_IN, countdown(wording))


def lead_in_texts(timeline: Timeline, wording: Wording) -> tuple[str, ...]:
    """Every text that a lead-in into `timeline` may need, whatever point it was interrupted at."""
    starts = {span.place: span.at for span in timeline.spans}
    scores = (lead_in_score(state_at(timeline, at), wording) for at in starts.values())
    return tuple(dict.fromkeys(text for score in scores for text in texts_of(score)))


def _aside(
    text: str,
    kind: CueKind = CueKind.NOTICE,
    tail: tuple[TailLine, ...] = (),
    first: tuple[Line, ...] = (),
) -> Score:
    return _notice(first + tuple(Line(kind, one, PAUSE) for one in sentences(text)), tail)


def _notice(lines: tuple[Line, ...], tail: tuple[TailLine, ...] = ()) -> Score:
    return Score(None, "", (), (Passage(Stage.NOTICE, Place(), lines, tail),))
