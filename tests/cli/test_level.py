"""`kiosk level`: the doses, and the steps to harder or easier ones."""

import json
from datetime import timedelta

import pytest

from kiosk.history.audit import Actor
from kiosk.history.model import Effort, Ending, Spot
from kiosk.levels.doses import Dose
from kiosk.store.files import StateLock
from tests.audit_log import sentences
from tests.cli.kit import Kiosk, Result, lines

HOUR = timedelta(hours=1)

START = (
    "low-back-start, level 1, harder: low-back-next",
    "EXERCISE        SETS  REPETITIONS  HOLD",
    "squat-to-chair  1     8            -",
    "back-on-heels   1     8            2 s",
    "glute-bridge    1     8            3 s (3 to 5 s)",
    "diagonal-lift   1     8            2 s",
)
NEXT = (
    "low-back-next, level 2, easier: low-back-start",
    "EXERCISE            SETS  REPETITIONS    HOLD",
    "long-diagonal-lift  1     8 (8 to 12)    6 s (5 to 30 s)",
    "long-bridge         1     10 (8 to 12)   6 s (5 to 6 s)",
    "dead-bug            1     10 (10 to 15)  -",
    "side-plank          1     5 (5 to 10)    5 s",
    "forearm-press-up    1     3 (2 to 4)     15 s (15 to 30 s)",
)
MORE = (
    "  long-diagonal-lift: 8 → 10 repetitions",
    "  long-bridge: 10 → 12 repetitions",
    "  dead-bug: 10 → 12 repetitions",
    "  side-plank: 5 → 7 repetitions",
    "  forearm-press-up: 3 → 4 repetitions",
)
TAKE_IT = "`kiosk level accept` takes the step, `kiosk level decline` puts it aside."
NO_STEP = "level: No step is proposed; `kiosk level` shows how things stand.\n"


def went_well(
    kiosk: Kiosk, program: str = "low-back-start", times: int = 6, dose: str = ""
) -> None:
    for number in range(times):
        kiosk.did(program, ago=(times - number) * 8 * HOUR, dose=dose)


def was_hard(kiosk: Kiosk, program: str = "low-back-start") -> None:
    for ago in (2, 1):
        kiosk.did(program, ago=ago * HOUR, effort=Effort.HARDER)


def audit(kiosk: Kiosk) -> list[str]:
    assert {line.actor for line in kiosk.store.audit.newest()} <= {Actor.COMMAND}
    return sentences(kiosk.store)


class TestShow:
    def test_the_doses_of_the_default_program(self, kiosk: Kiosk):
        assert kiosk("level") == Result(0, lines(*START, "No step is proposed."))
        assert kiosk("level", "show") == kiosk("level")

    def test_the_programs_of_the_plan_each_once_without_the_walk(self, kiosk: Kiosk):
        for program in ("low-back-next", "walk", "low-back-start", "low-back-next"):
            kiosk("plan", "add", program, "--times", "08:00")

        result = kiosk("level")

        nothing = "No step is proposed."
        assert result == Result(0, lines(*START, nothing, "", *NEXT, nothing))

    def test_one_program(self, kiosk: Kiosk):
        assert kiosk("level", "show", "low-back-next") == Result(
            0, lines(*NEXT, "No step is proposed.")
        )

    def test_a_planned_program_that_is_gone_is_told_and_the_others_too(self, kiosk: Kiosk):
        kiosk.environ["KIOSK_DEFAULT_PROGRAM"] = "mine"
        kiosk("plan", "add", "low-back-start", "--times", "08:00")

        result = kiosk("level")

        assert (result.code, result.out) == (1, lines(*START, "No step is proposed."))
        assert result.err.startswith("mine: There is no program 'mine'.")

    def test_a_step_to_the_next_program(self, kiosk: Kiosk):
        went_well(kiosk)

        assert kiosk("level").out == lines(
            *START,
            "low-back-start went well 6 times in a row.",
            "Proposed: go on to low-back-next.",
            TAKE_IT,
        )

    def test_a_step_to_more_repetitions(self, kiosk: Kiosk):
        went_well(kiosk, "low-back-next")

        assert kiosk("level", "show", "low-back-next").out == lines(
            *NEXT,
            "low-back-next went well 6 times in a row.",
            "Proposed: more repetitions.",
            *MORE,
            TAKE_IT,
        )

    def test_a_step_back_in_the_exercise_in_which_it_was_stopped(self, kiosk: Kiosk):
        for ago in (2, 1):
            spot = Spot(9000, 2, "long-bridge", 1, None, 4)
            kiosk.did("low-back-next", ago=ago * HOUR, ending=Ending.STOPPED, spot=spot)

        assert kiosk("level", "show", "low-back-next").out.splitlines()[-4:] == [
            "low-back-next was stopped in long-bridge 2 times in a row.",
            "Proposed: fewer repetitions.",
            "  long-bridge: 10 → 8 repetitions",
            TAKE_IT,
        ]

    def test_nothing_is_easier(self, kiosk: Kiosk):
        was_hard(kiosk)

        assert kiosk("level").out.splitlines()[-2:] == [
            "low-back-start was harder than usual 2 times in a row.",
            "There is nothing easier to propose: time to ask a doctor or a physiotherapist.",
        ]

    def test_as_json(self, kiosk: Kiosk):
        changed = Dose("low-back-next", "long-bridge", hold=5500)
        kiosk.store.doses.set(changed, Actor.PAGE, kiosk.clock.utc())
        went_well(kiosk, "low-back-next", dose='{"long-bridge": {"hold": 5500}}')

        (level,) = json.loads(kiosk("level", "show", "low-back-next", "--json").out)

        _, bridge, dead_bug, *_ = level.pop("exercises")
        first, *_ = level["proposal"].pop("doses")
        assert level == {
            "program": "low-back-next",
            "level": 2,
            "previous": "low-back-start",
            "next": None,
            "proposal": {
                "kind": "up",
                "program": "low-back-next",
                "reason": "went_well",
                "sessions": 6,
                "exercise": None,
                "to_program": None,
            },
        }
        assert first == {
            "exercise": "long-diagonal-lift",
            "sets": None,
            "reps": 10,
            "hold_ms": None,
        }
        dose = {"sets": 1, "reps": 10}
        assert bridge == {
            "exercise": "long-bridge",
            **dose,
            "hold_ms": 5500,
            "in_file": {**dose, "hold_ms": 6000},
            "cited": {"sets": None, "reps": [8, 12], "hold_ms": [5000, 6000]},
        }
        assert dead_bug == {
            "exercise": "dead-bug",
            **dose,
            "hold_ms": None,
            "in_file": {**dose, "hold_ms": None},
            "cited": {"sets": None, "reps": [10, 15], "hold_ms": None},
        }


class TestAccept:
    def test_more_repetitions(self, kiosk: Kiosk):
        went_well(kiosk, "low-back-next")

        result = kiosk("level", "accept", "low-back-next")

        assert result == Result(0, lines("Changed in low-back-next:", *MORE))
        assert [dose.reps for dose in kiosk.store.doses.of()] == [12, 4, 12, 10, 7]
        assert audit(kiosk)[0] == "Level: accepted a step up from low-back-next."
        assert kiosk("level", "accept", "low-back-next") == Result(
            1,
            "",
            "level: No step is proposed for low-back-next; `kiosk level` shows how things stand.\n",
        )
        shown = kiosk("level", "show", "low-back-next").out
        assert shown.splitlines()[2] == "long-diagonal-lift  1     10* (8 to 12)   6 s (5 to 30 s)"
        assert "* differs from the program file; `kiosk level reset` takes it back.\n" in shown

    def test_the_next_program_in_the_plan_and_under_the_button(self, kiosk: Kiosk):
        kiosk("plan", "add", "low-back-start", "--times", "08:00,18:00")
        kiosk("plan", "add", "walk", "--times", "11:00")
        went_well(kiosk)

        assert kiosk("level", "accept") == Result(
            0,
            lines(
                "Entry 1 of the plan is low-back-next from now on.",
                "A press of the button starts low-back-next from now on.",
                "low-back-next is meant for 2 to 3 days a week, 1 time a day; `kiosk plan edit`"
                " changes the plan.",
            ),
        )
        assert [entry.program for entry in kiosk.store.plan.entries()] == ["low-back-next", "walk"]
        assert kiosk.store.settings.stored() == {"default_program": "low-back-next"}
        assert kiosk("level").out == lines(*NEXT, "No step is proposed.")

    def test_a_running_kiosk_reads_its_settings_when_a_page_is_opened(self, kiosk: Kiosk):
        went_well(kiosk)

        with StateLock.take(kiosk.state):
            assert kiosk("level", "accept").out.splitlines()[0] == (
                "A press of the button starts low-back-next once a page of the kiosk is opened, or"
                " from its next start on."
            )

    def test_an_environment_that_names_the_program_keeps_it(self, kiosk: Kiosk):
        kiosk.environ["KIOSK_DEFAULT_PROGRAM"] = "low-back-start"
        went_well(kiosk)

        assert kiosk("level", "accept").out.splitlines()[0] == (
            "KIOSK_DEFAULT_PROGRAM is set: a press of the button still starts low-back-start."
        )

    def test_back_to_the_easier_program(self, kiosk: Kiosk):
        kiosk("plan", "add", "low-back-next", "--times", "08:00")
        # Every exercise at the lower end of its range.
        kiosk("level", "set", "low-back-next", "long-bridge", "--reps", "8")
        kiosk("level", "set", "low-back-next", "forearm-press-up", "--reps", "2")
        dose = '{"forearm-press-up": {"reps": 2}, "long-bridge": {"reps": 8}}'
        for ago in (2, 1):
            kiosk.did("low-back-next", ago=ago * HOUR, effort=Effort.HARDER, dose=dose)

        assert kiosk("level", "show", "low-back-next").out.splitlines()[-2] == (
            "Proposed: go back to low-back-start."
        )
        result = kiosk("level", "accept", "low-back-next")
        assert result.out.splitlines()[0] == "Entry 1 of the plan is low-back-start from now on."
        assert kiosk.store.settings.stored() == {}

    def test_nothing_is_easier(self, kiosk: Kiosk):
        was_hard(kiosk)

        assert kiosk("level", "accept") == Result(
            1,
            "",
            "level: low-back-start was harder than usual 2 times in a row. There is nothing easier"
            " to change to; `kiosk level decline` puts this aside.\n",
        )

    def test_of_two_steps_one_has_to_be_named(self, kiosk: Kiosk):
        kiosk("plan", "add", "hip-stretching", "--times", "08:00")
        went_well(kiosk)
        was_hard(kiosk, "hip-stretching")

        assert kiosk("level", "accept") == Result(
            1,
            "",
            "level: Steps are proposed for low-back-start, hip-stretching: name the program.\n",
        )
        assert kiosk("level", "accept", "low-back-start").code == 0


class TestDecline:
    def test_only_later_sessions_count(self, kiosk: Kiosk):
        went_well(kiosk)

        assert kiosk("level", "decline") == Result(
            0,
            "Declined. For the next step of low-back-start, only sessions from now on count.\n",
        )
        assert audit(kiosk) == ["Level: declined a step up from low-back-start after session 6."]
        went_well(kiosk, times=5)
        assert kiosk("level", "accept") == Result(1, "", NO_STEP)
        kiosk.did()
        assert kiosk("level").out.splitlines()[-2] == "Proposed: go on to low-back-next."

    def test_a_step_of_another_program_is_not_declined_by_it(self, kiosk: Kiosk):
        went_well(kiosk)
        kiosk("level", "decline")
        was_hard(kiosk, "hip-stretching")

        assert "hip-stretching was harder" in kiosk("level", "show", "hip-stretching").out
        kiosk("level", "decline", "hip-stretching")
        assert "harder than" not in kiosk("level", "show", "hip-stretching").out
        assert audit(kiosk)[-1].startswith("Level: declined a step back from hip-stretching ")


class TestSet:
    def set(self, kiosk: Kiosk, *options: str) -> Result:
        """Change the dose of the bridge."""
        return kiosk("level", "set", "low-back-next", "long-bridge", *options)

    def test_a_dose_is_changed_and_what_is_not_named_stays(self, kiosk: Kiosk):
        assert self.set(kiosk, "--reps", "12", "--hold", "5.5") == Result(
            0,
            lines(
                "Changed in low-back-next:", "  long-bridge: 10 → 12 repetitions, hold 6 s → 5.5 s"
            ),
        )
        assert self.set(kiosk, "--sets", "2").out.endswith(": 1 → 2 sets\n")
        assert kiosk.store.doses.of() == (Dose("low-back-next", "long-bridge", 2, 12, 5500),)

    def test_what_is_impossible_is_refused_by_force_too(self, kiosk: Kiosk):
        result = self.set(kiosk, "--reps", "101", "--force")

        assert (result.code, result.out) == (1, "")
        assert "101" in result.err
        assert kiosk.store.doses.of() == ()

    def test_what_the_file_says_is_no_change(self, kiosk: Kiosk):
        self.set(kiosk, "--reps", "12", "--hold", "5")
        self.set(kiosk, "--reps", "10", "--hold", "6")

        assert kiosk.store.doses.of() == ()
        assert self.set(kiosk, "--reps", "10") == Result(0, "Nothing has changed.\n")

    def test_outside_the_range_only_by_force_and_only_once(self, kiosk: Kiosk):
        result = self.set(kiosk, "--reps", "13", "--hold", "7")

        assert (result.code, result.out, kiosk.store.doses.of()) == (1, "", ())
        insist = "Where a doctor or physiotherapist wants it so, --force insists."
        for line, field in zip(result.err.splitlines(), ("reps", "hold"), strict=True):
            assert line.startswith(f"dose: long-bridge.{field}: ")
            assert line.endswith(f". {insist}")
        assert self.set(kiosk, "--reps", "13", "--force") == Result(
            0, lines("Changed in low-back-next:", "  long-bridge: 10 → 13 repetitions")
        )
        # And it is not asked about again when something else changes.
        assert self.set(kiosk, "--hold", "5").code == 0
        assert kiosk.store.doses.of() == (Dose("low-back-next", "long-bridge", reps=13, hold=5000),)


class TestReset:
    @pytest.fixture
    def changed(self, kiosk: Kiosk) -> Kiosk:
        """A kiosk with two changed doses of one program, and one of another."""
        kiosk("level", "set", "low-back-next", "long-bridge", "--reps", "12")
        kiosk("level", "set", "low-back-next", "dead-bug", "--reps", "12")
        kiosk("level", "set", "low-back-start", "glute-bridge", "--hold", "5")
        return kiosk

    def test_of_one_exercise_then_of_the_program(self, changed: Kiosk):
        head = "Changed in low-back-next:"
        assert changed("level", "reset", "low-back-next", "dead-bug") == Result(
            0, lines(head, "  dead-bug: 12 → 10 repetitions")
        )
        assert [dose.exercise_id for dose in changed.store.doses.of()] == [
            "long-bridge",
            "glute-bridge",
        ]
        assert changed("level", "reset", "low-back-next") == Result(
            0, lines(head, "  long-bridge: 12 → 10 repetitions")
        )
        assert [dose.program for dose in changed.store.doses.of()] == ["low-back-start"]

    def test_where_nothing_was_changed(self, kiosk: Kiosk):
        assert kiosk("level", "reset", "low-back-next") == Result(0, "Nothing has changed.\n")


@pytest.mark.parametrize("action", ["accept", "decline"])
def test_nothing_is_proposed(kiosk: Kiosk, action: str):
    assert kiosk("level", action) == Result(1, "", NO_STEP)
    assert audit(kiosk) == []


@pytest.mark.parametrize(
    ("command", "meant"),
    [
        (("show", "low-back-nxt"), "low-back-next"),
        (("set", "low-back-nxt", "long-bridge", "--reps", "9"), "low-back-next"),
        (("set", "low-back-next", "long-brige", "--reps", "9"), "long-bridge"),
        (("reset", "low-back-next", "dead-bugs"), "dead-bug"),
    ],
)
def test_a_program_or_an_exercise_that_there_is_not(
    kiosk: Kiosk, command: tuple[str, ...], meant: str
):
    kiosk("level", "set", "low-back-next", "dead-bug", "--reps", "12")

    result = kiosk("level", *command)

    assert (result.code, result.out) == (1, "")
    assert result.err.endswith(f"Did you mean {meant}?\n")
    assert len(kiosk.store.doses.of()) == 1
