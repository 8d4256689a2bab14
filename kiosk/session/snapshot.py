"""The state of the kiosk at one moment, as page, light and terminal show it. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from kiosk.timeline.timeline import Timeline, state_at
from kiosk.units import Millis


class State(StrEnum):
    """The states of the kiosk; `kiosk.session.transitions` has the table of how they follow."""

    IDLE = "idle"
    PREPARING = "preparing"
    RUNNING = "running"
    PAUSED = "paused"
    FINISHED = "finished"
    STOPPED = "stopped"
    FAILED = "failed"
    REMINDING = "reminding"  # it is time for something in the plan, and the kiosk has called

    CONFIRMING = "confirming"
    """The day's plan is done; another press soon begins an extra session all the same."""

    ASKING = "asking"  # after a session: was it harder than usual?


IN_SESSION = frozenset({State.RUNNING, State.PAUSED})
"""The states in which a session has a playhead: it moves, or stands still."""

UNDER_WAY = IN_SESSION | {State.PREPARING}
"""The states from the preparation of a session to its end."""

OCCUPIED = UNDER_WAY | {State.ASKING}
"""The states in which somebody is busy with a session, from its preparation to the answer how hard
it was. Reminders wait meanwhile, and nothing else may take the speaker from them.
"""

NO_TIME_FOR_A_TEST = OCCUPIED - {State.PAUSED}
AT_REST = frozenset(State) - OCCUPIED  # the states in which a session may begin


class Fault(StrEnum):
    """A part that does not work. The kiosk goes on without it, and shows the fault."""

    NO_SPEECH = "no-speech"
    """Some speech could not be rendered: counts are tones, the rest is missing."""

    NO_SPEAKER = "no-speaker"  # there is no sound card: the kiosk keeps time in silence
    SPEAKER_LOST = "speaker-lost"  # the speaker went away; the session is paused until it is back
    NO_PROGRAM = "no-program"  # the program that was to start cannot be used
    CLOCK = "clock"  # the time of day is not trusted yet: the button works, reminders wait

    STORE = "store"
    """Nothing can be written to the store, because the disk is full, say; it is tried again."""

    BUTTON = "button"
    """The button cannot be used: it is stuck, its contacts flutter, or its pin cannot be had."""

    SETTINGS = "settings"  # the settings file cannot be used: its last good copy is in force


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The kiosk at one moment. Frozen, any thread. `position_ms` is what is heard at `as_of`."""

    seq: int
    """Counts the snapshots from 0."""

    as_of: float
    """The clock's `now()` when it was taken, in seconds."""

    state: State
    program: str | None = None
    """Id of the program of the current or last session; `None` before the first."""

    title: str = ""
    exercise: int | None = None
    """Place of the exercise in the program, from 1; `None` outside any."""

    exercises: int = 0
    exercise_id: str | None = None
    exercise_name: str = ""
    set: int | None = None
    sets: int | None = None
    side: str | None = None
    """`left` or `right`; `None` where both sides move together."""

    rep: int | None = None
    """Counts from 1; `None` outside the repetitions."""

    reps: int | None = None
    phase: str | None = None
    """In a repetition what the body does (`lower`, `hold`…); outside it the stage of the session
    (`welcome`, `announce`, `ready`, `change-side`, `rest`, `closing`)."""

    phase_duration_ms: Millis = 0
    phase_ends_in_ms: Millis = 0
    position_ms: Millis = 0
    duration_ms: Millis = 0
    """Length of the session's timeline; 0 until it is prepared."""

    leading_in: bool = False
    """Whether the short spoken lead-in of a resumed session plays; the position stands still."""

    moving: bool = False
    """Whether the position advances with the clock, so that a page may interpolate."""

    prepared: float | None = None
    """Share of the speech rendered while preparing, 0 to 1; `None` outside of preparing."""

    due: str | None = None
    """What a press would begin because it is due: a program's id, or `walk`."""

    next_due: datetime | None = None
    next_program: str | None = None
    """What that is: a program's id, or `walk`."""

    faults: frozenset[Fault] = frozenset()
    ignored_press_at: float | None = None
    """The clock's `now()` at the last press that had nothing to do; the light answers it."""


def with_timeline(
    bare: Snapshot, timeline: Timeline, position: Millis, *, leading_in: bool
) -> Snapshot:
    """`bare` with all that follows from `position` in the session's `timeline`: exercise, set,
    side, repetition and phase. With `leading_in` the playhead stands there still, and a short
    spoken lead-in is heard.
    """
    moment = state_at(timeline, position)
    place, outline = moment.place, moment.outline
    return replace(
        bare,
        title=timeline.title,
        exercise=None if place.exercise is None else place.exercise + 1,
        exercises=len(timeline.exercises),
        exercise_id=outline.id if outline else None,
        exercise_name=outline.name if outline else "",
        set=place.set,
        sets=outline.sets if outline else None,
        side=place.side,
        rep=place.rep,
        reps=outline.reps if outline else None,
        phase=moment.phase,
        phase_duration_ms=moment.phase_duration,
        phase_ends_in_ms=moment.phase_ends_in,
        position_ms=moment.position,
        duration_ms=timeline.duration,
        leading_in=leading_in,
        moving=bare.state is State.RUNNING and not leading_in,
    )
