"""Doses and levels, as the pages ask for them."""

from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from kiosk.errors import (
    ConflictError,
    OutsideRangeError,
    PlanError,
    Problem,
    SettingsError,
    StoreError,
    UnknownProgramError,
)
from kiosk.history.audit import Actor, AuditEntry, Change
from kiosk.history.model import Effort
from kiosk.levels.doses import Dose, dose_problems, dose_text, with_doses
from kiosk.levels.proposals import Kind, Proposal
from kiosk.levels.service import LevelService
from kiosk.locale.problems import line
from kiosk.programs.model import Bounds, Phase, PhaseName, Side
from kiosk.schedule.model import WALK
from tests.audit_log import text_of
from tests.builders import a_program, an_exercise, at_once, phase
from tests.schedule.past import HOUR, NOON, Past

START, NEXT = "low-back-start", "low-back-next"


@pytest.fixture
def past() -> Past:
    return Past()


def went_well(past: Past, program: str) -> Proposal:
    for number in range(6):
        past.did(program, ago=(6 - number) * 8 * HOUR)
    return proposed(past.levels(), program)


def proposed(levels: LevelService, program: str) -> Proposal:
    proposal = levels.of(program).proposal
    assert proposal is not None
    return proposal


def audit(past: Past) -> list[tuple[Actor, str]]:
    return [(line.actor, text_of(line)) for line in past.store.audit.newest()]


class TestWhereThePersonStands:
    def test_in_the_default_program_and_those_of_the_plan(self, past: Past):
        for program in (NEXT, WALK, "mine", NEXT):
            past.planned(program)

        levels, problems = past.levels().in_use(past.snapshot())

        assert [level.program.id for level in levels] == [START, NEXT]
        assert [problem.source for problem in problems] == ["mine"]

    def test_with_changed_doses(self, past: Past):
        before = past.levels().of(NEXT)
        dose = Dose(NEXT, "dead-bug", reps=12)
        past.store.doses.set(dose, Actor.COMMAND, past.clock.utc())

        level = past.levels().of(NEXT)

        assert level.doses == (dose,)
        assert [(e.id, e.reps) for e in level.program.exercises][2] == ("dead-bug", 10)
        assert [(e.id, e.reps) for e in level.dosed.exercises][2] == ("dead-bug", 12)
        assert level.version != before.version
        assert level.version == past.levels().of(NEXT).version

    def test_in_a_program_that_there_is_not(self, past: Past):
        with pytest.raises(UnknownProgramError):
            past.levels().of("mine")


class TestAccept:
    def test_more_repetitions(self, past: Past):
        proposal = went_well(past, NEXT)

        past.levels().accept(NEXT, proposal)

        assert {dose.exercise_id: dose.reps for dose in past.store.doses.of()} == {
            "long-diagonal-lift": 10,
            "long-bridge": 12,
            "dead-bug": 12,
            "side-plank": 7,
            "forearm-press-up": 4,
        }
        assert audit(past)[0] == (Actor.PAGE, f"Level: accepted a step up from {NEXT}.")

    def test_another_program_takes_its_place_in_the_plan_and_at_once_under_the_button(
        self, past: Past
    ):
        for program in (START, START, WALK):
            past.planned(program)
        proposal = went_well(past, START)
        before = past.store.change_count()
        seen = []

        def go_by(program: str) -> None:
            seen.append((program, past.store.change_count(), dict(past.store.settings.stored())))

        past.levels(go_by).accept(START, proposal)

        assert [entry.program for entry in past.store.plan.entries()] == [NEXT, NEXT, WALK]
        # The settings hear of it once all is stored, in one transaction.
        assert seen == [(NEXT, before + 1, {"default_program": NEXT})]

    def test_a_full_disk_leaves_no_half_of_a_step(self, past: Past):
        past.planned(START)
        proposal = went_well(past, START)
        before = (past.store.change_count(), audit(past))
        past.store.disk.full = StoreError("There is no room left.")

        with pytest.raises(StoreError):
            past.levels().accept(START, proposal)

        assert (past.store.change_count(), audit(past)) == before
        assert past.settings.current.default_program == START
        past.store.disk.full = None
        past.levels().accept(START, proposal)
        assert [entry.program for entry in past.store.plan.entries()] == [NEXT]

    @pytest.mark.parametrize(
        "error",
        [
            StoreError("The disk failed."),
            SettingsError([Problem.plain("settings", "default_program", "It is set elsewhere.")]),
        ],
        ids=["a disk that fails", "a default program that is fixed"],
    )
    def test_what_fails_after_the_step_takes_nothing_of_it_back(self, past: Past, caplog, error):
        def cannot_be_applied(_program: str) -> None:
            raise error

        past.planned(START)

        past.levels(cannot_be_applied).accept(START, went_well(past, START))

        assert [entry.program for entry in past.store.plan.entries()] == [NEXT]
        assert f"The default program stays as it is until the next start. {error}" in caplog.text

    def test_another_default_program_stays(self):
        past = Past(options={"default_program": NEXT})
        past.planned(START)

        past.levels().accept(START, went_well(past, START))

        assert past.store.settings.stored() == {}

    def test_another_default_program_that_another_process_stores_just_before_stays(self, past):
        proposal, store = went_well(past, START), past.store
        other = {"default_program": "hip-stretching"}
        store.disk.before_write = lambda: store.settings.set(other, Actor.PAGE, NOON)

        assert not past.levels().accept(START, proposal).default_changed

        assert store.settings.stored() == other

    def test_what_is_not_proposed_any_more(self, past: Past):
        proposal = went_well(past, NEXT)
        past.levels().accept(NEXT, proposal)
        before = audit(past)

        with pytest.raises(ConflictError, match=rf"^level\.step-gone .*{NEXT}"):
            past.levels().accept(NEXT, proposal)

        assert audit(past) == before

    def test_another_step_than_the_one_looked_at(self, past: Past):
        proposal = went_well(past, NEXT)
        for ago in (2, 1):
            past.did(NEXT, ago=ago * timedelta(minutes=10), effort=Effort.HARDER)

        with pytest.raises(ConflictError, match=rf"^level\.step-other .*{NEXT}"):
            past.levels().accept(NEXT, proposal)

        assert audit(past) == []
        assert proposed(past.levels(), NEXT).kind is Kind.DOWN

    def test_nothing_is_easier(self, past: Past):
        for ago in (2, 1):
            past.did(START, ago=ago * HOUR, effort=Effort.HARDER)

        with pytest.raises(PlanError, match=r"level\.nothing-easier"):
            past.levels().accept(START, proposed(past.levels(), START))

        assert audit(past) == []

    def test_of_two_who_accept_at_once_one_is_told(self, past: Past):
        proposal = went_well(past, NEXT)
        accept = partial(past.levels().accept, NEXT, proposal)

        outcomes = at_once(accept, accept)

        assert sum(isinstance(one, ConflictError) for one in outcomes) == 1
        assert [text for _, text in audit(past)].count(
            f"Level: accepted a step up from {NEXT}."
        ) == 1


class TestDecline:
    def test_it_stays_declined_whatever_else_is_changed_since(self, past: Past):
        past.levels().decline(START, went_well(past, START))
        line = f"Level: declined a step up from {START} after session 6."
        assert audit(past) == [(Actor.PAGE, line)]

        signed_in = AuditEntry(NOON, Actor.PAGE, Change.SIGNED_IN, after={"address": "::1"})
        with past.store.writing():
            for _ in range(1010):
                past.store.audit.add(signed_in)

        assert past.levels().of(START).proposal is None
        assert past.store.declined_steps.latest_session(START) == 6
        assert past.store.declined_steps.latest_session(NEXT) == 0

    @pytest.mark.parametrize("other", [{"kind": Kind.DOWN}, {"sessions": 5}])
    def test_what_is_not_proposed_any_more(self, past: Past, other):
        proposal = went_well(past, START)._replace(**other)

        with pytest.raises(ConflictError):
            past.levels().decline(START, proposal)

        assert audit(past) == []


@pytest.mark.parametrize(
    "decide",
    [
        lambda levels, seen: levels.set_doses((Dose(NEXT, "dead-bug", reps=14),), seen.version),
        lambda levels, seen: levels.reset(NEXT, version=seen.version),
        lambda levels, seen: levels.accept(NEXT, seen.proposal),
        lambda levels, seen: levels.decline(NEXT, seen.proposal),
    ],
    ids=["set", "reset", "accept", "decline"],
)
def test_nothing_is_overwritten_that_another_process_stores_just_before(past: Past, decide):
    went_well(past, NEXT)
    levels, dose = past.levels(), Dose(NEXT, "dead-bug", reps=11)
    seen = levels.of(NEXT)
    past.store.disk.before_write = lambda: past.store.doses.set(dose, Actor.COMMAND, NOON)

    with pytest.raises(ConflictError):
        decide(levels, seen)

    assert past.store.doses.of() == (dose,)
    assert len(audit(past)) == 1


class TestDoses:
    def test_a_value_changed_beside_one_that_another_process_stores_just_before(self, past: Past):
        dose = Dose(NEXT, "dead-bug", sets=2)
        past.store.disk.before_write = lambda: past.store.doses.set(dose, Actor.PAGE, NOON)

        ((_, after),) = past.levels().set_dose(Dose(NEXT, "dead-bug", reps=12))

        assert past.store.doses.of() == (replace(dose, reps=12),)
        assert (after.sets, after.reps) == (2, 12)

    def test_are_kept_where_nobody_was_quicker(self, past: Past):
        levels = past.levels()
        doses = (Dose(NEXT, "dead-bug", reps=12), Dose(NEXT, "long-bridge", hold=5500))

        levels.set_doses(doses, levels.of(NEXT).version)

        assert levels.of(NEXT).doses == doses
        assert {actor for actor, _ in audit(past)} == {Actor.PAGE}

    @pytest.mark.parametrize("values", [{"sets": 1, "reps": 10}, {}], ids=["of the file", "none"])
    def test_values_of_the_file_or_none_take_the_earlier_change_back(self, past: Past, values):
        levels = past.levels()
        past.store.doses.set(Dose(NEXT, "dead-bug", reps=12), Actor.PAGE, past.clock.utc())

        levels.set_doses((Dose(NEXT, "dead-bug", **values),), levels.of(NEXT).version)

        assert past.store.doses.of() == ()

    def test_all_that_speaks_against_them_is_told_and_none_is_kept(self, past: Past):
        levels = past.levels()
        doses = (
            Dose(NEXT, "dead-bug", reps=12),
            Dose(NEXT, "long-bridge", reps=0),
            Dose(NEXT, "side-plank", reps=30),
        )

        with pytest.raises(PlanError) as refused:
            levels.set_doses(doses, levels.of(NEXT).version)

        assert not isinstance(refused.value, OutsideRangeError)
        assert [p.path for p in refused.value.problems] == ["long-bridge.reps", "side-plank.reps"]
        assert past.store.doses.of() == ()

    def test_outside_the_range_only_where_it_is_insisted_on_and_only_once(self, past: Past):
        levels = past.levels()
        outside = Dose(NEXT, "dead-bug", reps=16)

        with pytest.raises(OutsideRangeError):
            levels.set_doses((outside,), levels.of(NEXT).version)
        levels.set_doses((outside,), levels.of(NEXT).version, insist=True)
        levels.set_doses((replace(outside, sets=2),), levels.of(NEXT).version)

        assert past.store.doses.of() == (replace(outside, sets=2),)

    def test_no_doses_change_nothing(self, past: Past):
        past.levels().set_doses((), "any version")

        assert audit(past) == []

    def test_are_all_taken_back(self, past: Past):
        for exercise in ("dead-bug", "long-bridge"):
            past.store.doses.set(Dose(NEXT, exercise, reps=12), Actor.PAGE, past.clock.utc())

        past.levels().reset(NEXT)

        assert past.store.doses.of() == ()


def test_what_speaks_against_a_dose(past: Past):
    levels: LevelService = past.levels()
    outside = Dose(NEXT, "dead-bug", reps=16)

    (problem,) = levels.check_doses((outside,))
    assert problem.path == "dead-bug.reps"
    assert levels.check_doses((outside,), insist=True) == ()
    assert levels.check_doses((replace(outside, reps=12),)) == ()
    (impossible,) = levels.check_doses((replace(outside, reps=0),), insist=True)
    assert impossible.path == "dead-bug.reps"
    unknown, also = levels.check_doses((Dose(NEXT, "ded-bug", reps=12), outside))
    assert (unknown.suggestion, also) == ("dead-bug", problem)
    assert levels.check_doses(()) == ()


def test_how_a_program_is_done_is_told_without_reading_what_was_done(past: Past):
    went_well(past, NEXT)
    past.store.doses.set(Dose(NEXT, "dead-bug", reps=14), Actor.PAGE, past.clock.utc())
    whole = past.levels().of(NEXT)

    past.store.sessions.between = past.store.audit.newest = None
    level = past.levels().doses_of(NEXT)
    assert (level.program, level.dosed, level.doses) == (
        whole.program,
        whole.dosed,
        whole.doses,
    )
    assert level.version == whole.version
    assert past.levels().check_doses((Dose(NEXT, "dead-bug", reps=12),)) == ()


def test_the_running_kiosk_is_told_of_each_change_once_it_is_kept(past: Past):
    counts: list[int] = []
    levels = LevelService(
        past.snapshot, past.go_by_default, lambda: counts.append(past.store.change_count())
    )

    levels.set_doses((Dose(NEXT, "dead-bug", reps=12),), levels.of(NEXT).version)
    levels.reset(NEXT)
    levels.accept(START, went_well(past, START))
    assert len(set(counts)) == len(counts) == 3

    with pytest.raises(ConflictError):
        levels.set_doses((Dose(NEXT, "dead-bug", reps=10),), "another")
    assert len(counts) == 3


# Doses: put into the program, written down, held against the cited range


BRIDGE = replace(
    an_exercise(
        "Bridge",
        reps=8,
        phases=(
            phase("lift", 1000),
            Phase(PhaseName.HOLD, 3000, Bounds(3000, 5000)),
            phase("rest", 3000),
        ),
    ),
    cited_sets=Bounds(1, 2),
    cited_reps=Bounds(8, 12),
)
SQUAT = replace(
    an_exercise("Squat", reps=8, phases=(phase("lower", 2000), phase("lift", 2000))),
    cited_reps=None,
)
PROGRAM = a_program(BRIDGE, SQUAT)


def a_dose(exercise="bridge", **values):
    return Dose("a-program", exercise, **values)


def faults(program, dose, **how):
    """The problems of a dose: path, code, and what is wrong with which limits."""
    found = dose_problems(program, dose, **how)
    assert all(line(problem).startswith("dose: ") for problem in found)
    return [(p.path, p.code.removeprefix("dose."), *p.values.values()) for p in found]


def test_a_program_with_other_doses():
    changed = with_doses(PROGRAM, [a_dose(sets=2, reps=10, hold=5000), a_dose("squat", reps=5)])

    bridge, squat = changed.exercises
    assert (bridge.sets, bridge.reps) == (2, 10)
    assert [p.duration for p in bridge.phases] == [1000, 5000, 3000]
    assert bridge.phases[1].cited == Bounds(3000, 5000)
    assert (squat.sets, squat.reps, squat.phases) == (1, 5, SQUAT.phases)
    assert replace(changed, exercises=PROGRAM.exercises) == PROGRAM


def test_every_hold_is_changed():
    twice = an_exercise(phases=(phase("hold", 2000), phase("turn", 1000), phase("hold", 3000)))
    changed = with_doses(a_program(twice), [a_dose(hold=4000)])
    assert [p.duration for p in changed.exercises[0].phases] == [4000, 1000, 4000]


def test_doses_of_others_change_nothing():
    others = [a_dose(), a_dose("plank", reps=3), Dose("other", "bridge", reps=3)]
    assert with_doses(PROGRAM, others) == PROGRAM
    assert dose_text(PROGRAM, others) == ""


def test_what_differs_from_the_file_is_written_down_always_in_the_same_way():
    squat, bridge = a_dose("squat", reps=5), a_dose(reps=10, hold=5000, sets=1)
    text = '{"bridge": {"hold": 5000, "reps": 10}, "squat": {"reps": 5}}'
    assert dose_text(PROGRAM, [squat, bridge]) == text
    assert dose_text(PROGRAM, [bridge, squat]) == text
    assert dose_text(PROGRAM, [a_dose(sets=1, reps=8, hold=3000)]) == ""


def test_a_dose_within_the_cited_range_is_no_problem():
    assert faults(PROGRAM, a_dose(sets=2, reps=12, hold=5000)) == []
    assert faults(PROGRAM, a_dose("squat", sets=20, reps=100)) == []
    assert faults(PROGRAM, a_dose()) == []


def test_a_dose_outside_the_cited_range_is_refused_unless_forced():
    dose = a_dose(sets=3, reps=5, hold=2000)
    assert faults(PROGRAM, dose) == [
        ("bridge.sets", "sets-outside-cited", 3, 1, 2),
        ("bridge.reps", "reps-outside-cited", 5, 8, 12),
        ("bridge.hold", "hold-outside-cited", 2, 3, 5),
    ]
    assert faults(PROGRAM, dose, forced=True) == []


def test_a_hold_that_takes_the_whole_repetition_out_of_its_range():
    exercise = replace(BRIDGE, cited_pass=Bounds(6500, 8000))
    assert faults(a_program(exercise), a_dose(hold=5000)) == [
        ("bridge.hold", "pass-outside-cited", 9, 6.5, 8)
    ]


@pytest.mark.parametrize("forced", [False, True])
def test_what_is_impossible_stays_impossible(forced):
    assert faults(PROGRAM, a_dose(sets=0, reps=101, hold=400_000), forced=forced) == [
        ("bridge.sets", "sets-impossible", 0, 1, 20),
        ("bridge.reps", "reps-impossible", 101, 1, 100),
        ("bridge.hold", "hold-impossible", 400, 0.5, 300),
    ]
    assert faults(PROGRAM, a_dose("squat", hold=2000), forced=forced) == [("squat.hold", "no-hold")]
    assert faults(PROGRAM, Dose("other", "bridge", reps=8), forced=forced) == [
        ("program", "other-program", "other", "a-program")
    ]
    for wanted, meant in (("brigde", "bridge"), ("xyz", "")):
        (problem,) = dose_problems(PROGRAM, a_dose(wanted, reps=8), forced=forced)
        assert (problem.code, problem.suggestion) == ("dose.exercise-unknown", meant)


def test_left_and_right_share_an_even_number():
    shared = an_exercise(reps=8, side=Side.ALTERNATE, reps_per_side=False)
    assert faults(a_program(shared), a_dose(reps=9)) == [("bridge.reps", "program.reps-odd")]
    assert faults(a_program(shared), a_dose(reps=10)) == []
    each = an_exercise(reps=8, side=Side.ALTERNATE, reps_per_side=True)
    assert faults(a_program(each), a_dose(reps=9)) == []


def test_a_repetition_takes_long_enough_to_count_along():
    short = an_exercise(phases=(phase("hold", 1500), phase("rest", 1000)))
    assert faults(a_program(short), a_dose(hold=900), forced=True) == [
        ("bridge.hold", "pass-too-short", 1.9, 2)
    ]
    assert faults(a_program(short), a_dose(hold=1000)) == []


def test_a_session_stays_shorter_than_four_hours():
    ((path, code, hours, most),) = faults(
        PROGRAM, a_dose(sets=20, reps=100, hold=5000), forced=True
    )
    assert (path, code, f"{hours:.1f}", most) == ("bridge", "session-too-long", "5.0", 4)
