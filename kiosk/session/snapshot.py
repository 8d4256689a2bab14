"""What is happening, at one moment, for everybody who looks on: page, light, terminal, history.

Takes the picture of a session: from where the playhead is to what an onlooker is shown. Pure.
"""

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
    REMINDING = "reminding"
    """It is time for something in the plan, and the kiosk has called."""

    CONFIRMING = "confirming"
    """The day's plan is done; another press soon begins an extra session all the same."""

    ASKING = "asking"
    """After a session: was it harder than usual?"""


IN_SESSION = frozenset({State.RUNNING, State.PAUSED})
"""The states in which there is a place in a session: its sound goes on, or stands still."""

UNDER_WAY = IN_SESSION | {State.PREPARING}
"""The states between the beginning of a session and its end."""

OCCUPIED = UNDER_WAY | {State.ASKING}
"""The states in which a session occupies somebody, from its first preparations until they have said
how hard it was. Reminders wait, and nothing else may take the voice or the kiosk away from them.
"""


NO_TIME_FOR_A_TEST = OCCUPIED - {State.PAUSED}
"""The states in which a test of the sound would be in the way."""

AT_REST = frozenset(State) - OCCUPIED
"""The states in which a session may begin."""


class Fault(StrEnum):
    """A part that is not well. The kiosk goes on as best it can and says so wherever it can."""

    NO_SPEECH = "no-speech"
    """Some speech could not be rendered: counts are tones, the rest is missing."""

    NO_SPEAKER = "no-speaker"
    """There is no sound card: the kiosk keeps time in silence."""

    SPEAKER_LOST = "speaker-lost"
    """The speaker went away; the session is paused until it is back."""

    NO_PROGRAM = "no-program"
    """The program that was to start cannot be used."""

    CLOCK = "clock"
    """The time of day cannot be believed yet: the button works, reminders wait."""

    STORE = "store"
    """What is done cannot be kept, because the disk is full, say; it is tried again."""

    BUTTON = "button"
    """The button cannot be used: it is stuck, its contacts flutter, or its pin cannot be had."""

    SETTINGS = "settings"
    """The settings file cannot be used: the kiosk goes by the last one that could."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One consistent picture of the kiosk. Frozen; any thread may hold on to it.

    `position_ms` is what the person hears at `as_of`, not what has been handed to the sound card.
    """

    seq: int
    """Counts up by one with each picture, from 0."""

    as_of: float
    """The clock's `now()` when the picture was taken, in seconds."""

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
    """Whether the position advances with the clock, so that an onlooker may interpolate."""

    prepared: float | None = None
    """Share of the speech rendered while preparing, 0 to 1; `None` outside of preparing."""

    due: str | None = None
    """What a press would begin because it is due: a program's id, or `walk`."""

    next_due: datetime | None = None
    """When the next occurrence of the plan is due."""

    next_program: str | None = None
    """What that is: a program's id, or `walk`."""

    trouble: frozenset[Fault] = frozenset()
    ignored_press_at: float | None = None
    """The clock's `now()` at the last press that had nothing to do; the light answers it."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What the controller knows when a picture is taken."""

    state: State
    program: str | None = None
    timeline: Timeline | None = None
    """`None` until the session is prepared."""

    position: Millis = 0
    leading_in: bool = False
    prepared: float | None = None
    due: str | None = None
    next_due: datetime | None = None
    next_program: str | None = None
    trouble: frozenset[Fault] = frozenset()
    ignored_press_at: float | None = None


def snapshot_of(scene: Scene, seq: int, now: float) -> Snapshot:
    """The snapshot of `scene`, numbered `seq`, taken at `now` (the clock's seconds)."""
    bare = Snapshot(
        seq=seq,
        as_of=now,
        state=scene.state,
        program=scene.program,
        prepared=scene.prepared,
        due=scene.due,
        next_due=scene.next_due,
        next_program=scene.next_program,
        trouble=scene.trouble,
        ignored_press_at=scene.ignored_press_at,
    )
    return bare if scene.timeline is None else _with_timeline(bare, scene, scene.timeline)


def _with_timeline(bare: Snapshot, scene: Scene, timeline: Timeline) -> Snapshot:
    moment = state_at(timeline, scene.position)
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
        leading_in=scene.leading_in,
        moving=scene.state is State.RUNNING and not scene.leading_in,
    )
