"""Takes the picture of a session: from where the playhead is to what an onlooker is shown. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime

from kiosk.model.snapshot import Snapshot, State, Trouble
from kiosk.timeline.timeline import Timeline, state_at
from kiosk.units import Millis


@dataclass(frozen=True, slots=True)
class Scene:
    """What the conductor knows when a picture is taken."""

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
    trouble: frozenset[Trouble] = frozenset()
    ignored_press_at: float | None = None


def take_picture(scene: Scene, seq: int, now: float) -> Snapshot:
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
