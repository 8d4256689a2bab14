"""What holds for every program and every voice, however slow it speaks."""

from collections import Counter

from hypothesis import example, given, settings
from hypothesis import strategies as st

from kiosk.programs.model import Phase, PhaseName, Position, Side
from kiosk.settings.model import Settings
from kiosk.timeline.script import compile_timeline
from kiosk.timeline.timeline import (
    MARK,
    CueKind,
    Stage,
    Tone,
    boundaries,
    resume_point,
    state_at,
)
from tests.builders import ENGLISH, a_program, an_exercise

phases = st.lists(
    st.builds(Phase, st.sampled_from(PhaseName), st.integers(500, 40_000)), min_size=1, max_size=5
).filter(lambda found: sum(p.duration for p in found) >= 2000)

exercises = st.builds(
    an_exercise,
    st.sampled_from(["Bridge", "Squat to chair", "A much longer name of an exercise"]),
    phases=phases.map(tuple),
    sets=st.integers(1, 3),
    reps=st.integers(1, 12),
    side=st.sampled_from(Side),
    reps_per_side=st.booleans(),
    position=st.sampled_from(Position),
    rest_between_sets=st.integers(0, 60_000),
    change_sides=st.integers(0, 10_000),
    get_ready=st.none() | st.integers(0, 30_000),
)

programs = st.builds(
    lambda found, rest: a_program(*found, rest=rest),
    st.lists(exercises, min_size=1, max_size=3),
    st.integers(0, 30_000),
)


@st.composite
def voices(draw):
    """How long each clip is: by a rate of speech, with some clips missing altogether."""
    millis_a_letter = draw(st.integers(20, 200))
    missing = draw(st.sampled_from([0, 0, 3, 1]))

    def length_of(sound):
        if isinstance(sound, Tone):
            return 120 if sound.name == MARK else 70
        if missing and hash_of(sound.text) % missing == 0:
            return None
        return millis_a_letter * len(sound.text)

    return length_of


def hash_of(text: str) -> int:
    return sum(text.encode())


def for_any_session(test):
    return given(programs, voices())(settings(max_examples=60, deadline=None)(test))


def timeline_of(program, length_of):
    return compile_timeline(program, ENGLISH, Settings(), length_of)


@for_any_session
def test_cues_stand_in_order_never_overlap_and_are_the_same_each_time(program, length_of):
    timeline = timeline_of(program, length_of)

    assert timeline == timeline_of(program, length_of)
    for earlier, later in zip(timeline.cues, timeline.cues[1:], strict=False):
        assert earlier.end <= later.at
    assert all(cue.at >= 0 and cue.end <= timeline.duration for cue in timeline.cues)


@for_any_session
def test_spans_cover_the_session_without_gap_or_overlap_and_are_found_at_their_ends(
    program, length_of
):
    timeline = timeline_of(program, length_of)

    assert timeline.spans[0].at == 0
    assert timeline.spans[-1].end == timeline.duration
    for earlier, later in zip(timeline.spans, timeline.spans[1:], strict=False):
        assert earlier.end == later.at
        assert earlier.duration > 0
    for at in boundaries(timeline):
        if 0 < at < timeline.duration:
            assert state_at(timeline, at - 1).phase_ends_in == 1
            moment = state_at(timeline, at)
            assert moment.phase_ends_in == moment.phase_duration


@for_any_session
def test_a_repetition_is_as_long_as_its_phases_whatever_is_said(program, length_of):
    timeline = timeline_of(program, length_of)

    worked = [s for s in timeline.spans if s.stage is Stage.WORK]
    expected = [
        (index, phase.name.value, phase.duration)
        for index, exercise in enumerate(program.exercises)
        for _ in range(exercise.sets * exercise.passes_per_set)
        for phase in exercise.phases
    ]
    assert [(s.place.exercise, s.place.phase, s.duration) for s in worked] == expected


def a_short_hold_first(milliseconds):
    return a_program(
        an_exercise(
            phases=(Phase(PhaseName.HOLD, milliseconds), Phase(PhaseName.LOWER, 2000)), reps=3
        )
    )


def slow_voice(sound):
    return 120 if isinstance(sound, Tone) else 200 * len(sound.text)


@for_any_session
@example(a_short_hold_first(1001), slow_voice)
@example(a_short_hold_first(1499), slow_voice)
@example(a_short_hold_first(1500), slow_voice)
def test_every_repetition_is_counted_at_its_very_start(program, length_of):
    timeline = timeline_of(program, length_of)

    counted = {cue.at: cue.text for cue in timeline.cues if cue.kind is CueKind.REP}
    starts = {}
    for span in timeline.spans:
        if span.stage is Stage.WORK:
            exercise = program.exercises[span.place.exercise]
            paired = exercise.side is Side.ALTERNATE and exercise.reps_per_side
            side = None if paired else span.place.side
            key = (span.place.exercise, span.place.set, side, span.place.rep)
            starts.setdefault(key, span.at)
    assert counted == {at: ENGLISH.number(key[3]) for key, at in starts.items()}


@for_any_session
def test_every_hold_of_two_seconds_or_more_is_counted_down_to_one(program, length_of):
    timeline = timeline_of(program, length_of)

    holds = [s for s in timeline.spans if s.phase == "hold" and s.duration >= 2000]
    ends_with_one = Counter(
        cue.at + 1000 for cue in timeline.cues if cue.kind is CueKind.HOLD and cue.text == "one"
    )
    assert all(ends_with_one[span.end] == 1 for span in holds)


@given(programs, voices(), st.floats(0, 1))
@settings(max_examples=60, deadline=None)
def test_a_session_is_taken_up_at_or_before_where_it_was_left_and_in_the_same_repetition(
    program, length_of, share
):
    timeline = timeline_of(program, length_of)
    left_at = round(timeline.duration * share)

    taken_up = resume_point(timeline, left_at)

    assert taken_up <= left_at
    before, after = state_at(timeline, left_at), state_at(timeline, taken_up)
    assert (before.place.exercise, before.place.set, before.place.rep, before.place.side) == (
        after.place.exercise,
        after.place.set,
        after.place.rep,
        after.place.side,
    )
    if before.stage is Stage.WORK:
        assert after.phase == program.exercises[before.place.exercise].phases[0].name.value
