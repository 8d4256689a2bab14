"""The timeline of a session: every cue at its exact offset, and the spans between them.

Times are milliseconds from the start of the session. Cues never overlap; spans follow one another
without a gap from 0 to `duration`.
"""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from kiosk.units import Millis

TICK = "tick"  # the tone for a count that could not be spoken
MARK = "mark"  # the tone for the number or the side of a repetition: higher and longer than a tick
CHIME = "chime"  # the tone that calls a person who is not waiting for it
BLIP = "blip"  # the tone that answers a press that had nothing to do


@dataclass(frozen=True, slots=True)
class Speech:
    """Something said, in the voice and rate of the session."""

    text: str


@dataclass(frozen=True, slots=True)
class Tone:
    """A short tone, made by `kiosk.timeline.render`: it sounds even where no speech engine does."""

    name: str


Sound = Speech | Tone


class CueKind(StrEnum):
    """The purpose of a cue."""

    WELCOME = "welcome"
    STOP_RULE = "stop-rule"
    ANNOUNCE = "announce"
    EQUIPMENT = "equipment"
    HOW = "how"
    DOSE = "dose"
    POSITION = "position"
    COUNTDOWN = "countdown"
    REP = "rep"
    SIDE = "side"
    LAST = "last"
    PHASE = "phase"
    HOLD = "hold"
    BREATH = "breath"
    HALFWAY = "halfway"
    REST = "rest"
    NEXT = "next"
    CLOSING = "closing"
    LEAD_IN = "lead-in"
    NOTICE = "notice"
    CHIME = "chime"

    @property
    def is_count(self) -> bool:
        """Whether the cue marks time: where speech fails, a tone takes its place."""
        return self in (CueKind.COUNTDOWN, CueKind.REP, CueKind.HOLD)

    @property
    def tone(self) -> str | None:
        """The tone that stands in where its speech fails; `None` where it is then left out."""
        if self is CueKind.CHIME:
            return CHIME
        if self in (CueKind.REP, CueKind.SIDE):
            return MARK
        return TICK if self.is_count else None


class Stage(StrEnum):
    """The purpose of a stretch of the session."""

    WELCOME = "welcome"
    ANNOUNCE = "announce"
    READY = "ready"
    WORK = "work"
    CHANGE_SIDE = "change-side"
    REST = "rest"
    CLOSING = "closing"
    NOTICE = "notice"


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the program something happens; `None` for what does not apply."""

    exercise: int | None = None
    """Counts from 0."""

    set: int | None = None
    side: str | None = None
    """`left` or `right`; `None` where both move together."""

    rep: int | None = None
    phase: str | None = None

    @property
    def rep_pass(self) -> tuple[int | None, int | None, str | None, int | None]:
        """The key of one pass through the phases of a repetition."""
        return self.exercise, self.set, self.side, self.rep


@dataclass(frozen=True, slots=True)
class Cue:
    """One sound at one offset."""

    at: Millis
    duration: Millis
    kind: CueKind
    sound: Sound
    text: str
    """What it says, or, for a tone, what it stands for."""

    place: Place

    @property
    def end(self) -> Millis:
        """The first millisecond after it."""
        return self.at + self.duration


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch in which stage, exercise, set, side, repetition and phase stay the same."""

    at: Millis
    end: Millis
    stage: Stage
    place: Place

    @property
    def duration(self) -> Millis:
        """Its length."""
        return self.end - self.at

    @property
    def phase(self) -> str:
        """The phase of the repetition, or the stage where there is none."""
        return self.place.phase or self.stage.value


@dataclass(frozen=True, slots=True)
class ExerciseOutline:
    """An exercise of the timeline, as pages show it."""

    id: str
    name: str
    sets: int
    reps: int
    left: str
    """What its left side is called when spoken to the person."""

    right: str
    at: Millis = 0
    """Where its announcement begins."""


@dataclass(frozen=True, slots=True)
class Dropped:
    """A cue that found no room and was left out."""

    at: Millis
    kind: CueKind
    text: str
    place: Place


@dataclass(frozen=True, slots=True)
class Stretched:
    """A transition that had to grow because what is said in it takes longer than was planned."""

    at: Millis
    stage: Stage
    planned: Millis
    actual: Millis
    place: Place


@dataclass(frozen=True, slots=True)
class Timeline:
    """A whole session, or a short announcement, ready to be played."""

    program: str | None
    title: str
    cues: tuple[Cue, ...]
    spans: tuple[Span, ...]
    exercises: tuple[ExerciseOutline, ...]
    duration: Millis
    dropped: tuple[Dropped, ...] = ()
    stretched: tuple[Stretched, ...] = ()
    missing: tuple[str, ...] = ()
    """Texts whose speech could not be rendered."""

    def span_at(self, t: Millis) -> Span:
        """The span in which `t` falls; the first before the start, the last from the end on."""
        index = bisect_right(self.spans, t, key=lambda span: span.at) - 1
        return self.spans[max(index, 0)]


@dataclass(frozen=True, slots=True)
class Moment:
    """Stage, exercise, set, side, repetition and phase at one position of a timeline."""

    position: Millis
    stage: Stage
    place: Place
    phase: str
    phase_duration: Millis
    phase_ends_in: Millis
    outline: ExerciseOutline | None


def state_at(timeline: Timeline, t: Millis) -> Moment:
    """The moment at `t`; outside the timeline that of its nearer end."""
    position = min(max(t, 0), timeline.duration)
    span = timeline.span_at(position)
    exercise = span.place.exercise
    return Moment(
        position=position,
        stage=span.stage,
        place=span.place,
        phase=span.phase,
        phase_duration=span.duration,
        phase_ends_in=span.end - position,
        outline=None if exercise is None else timeline.exercises[exercise],
    )


def resume_point(timeline: Timeline, t: Millis) -> Millis:
    """Where a session that was interrupted at `t` is resumed.

    In a repetition its start; in a transition (getting ready, a rest, a change of side) the
    transition's start, for the time it gives is needed again; elsewhere the start of the sentence.
    """
    span = timeline.span_at(t)
    if span.stage is Stage.WORK:
        same = (s.at for s in timeline.spans if s.place.rep_pass == span.place.rep_pass)
        return min(at for at in same if at <= span.at)
    if span.stage in (Stage.READY, Stage.CHANGE_SIDE, Stage.REST):
        return span.at
    begun = (cue.at for cue in timeline.cues if span.at <= cue.at <= t)
    return max(begun, default=span.at)


def boundaries(timeline: Timeline) -> Iterable[Millis]:
    """The beginning of each span, in order, and the end."""
    yield from (span.at for span in timeline.spans)
    yield timeline.duration
