"""Decisions about doses and levels, where the command line has no say of its own.

What else they do is told in the stories of `kiosk level`.
"""

from dataclasses import replace
from datetime import timedelta

import pytest

from kiosk.errors import ConflictError, OutsideRangeError, PlanError
from kiosk.history.audit import Actor, AuditEntry, Change
from kiosk.history.model import Effort
from kiosk.levels.doses import Dose
from kiosk.levels.proposals import Kind, Proposal
from kiosk.levels.service import accept, decline, level_of, reset, set_dose
from tests.audit_log import text_of
from tests.cli.kit import NOON, Kiosk

HOUR = timedelta(hours=1)
NEXT = "low-back-next"
START = "low-back-start"


def went_well(kiosk: Kiosk, program: str) -> Proposal:
    for number in range(6):
        kiosk.did(program, ago=(6 - number) * 8 * HOUR)
    return proposed(kiosk, program)


def proposed(kiosk: Kiosk, program: str) -> Proposal:
    proposal = level_of(kiosk.opened().view, program).proposal
    assert proposal is not None
    return proposal


def audit(kiosk: Kiosk) -> list[tuple[Actor, str]]:
    return [(line.actor, text_of(line)) for line in kiosk.store.audit.newest()]


class TestAccept:
    def test_more_repetitions_by_a_page(self, kiosk: Kiosk):
        proposal = went_well(kiosk, NEXT)

        accepted = accept(kiosk.opened().view, NEXT, proposal, Actor.PAGE)

        assert {(old.id, old.reps, new.reps) for old, new in accepted.exercises} == {
            ("long-diagonal-lift", 8, 10),
            ("long-bridge", 10, 12),
            ("dead-bug", 10, 12),
            ("side-plank", 5, 7),
            ("forearm-press-up", 3, 4),
        }
        assert (accepted.to_program, accepted.entries, accepted.default_changed) == (
            None,
            (),
            False,
        )
        assert audit(kiosk)[0] == (Actor.PAGE, f"Level: accepted a step up from {NEXT}.")

    def test_another_program(self, kiosk: Kiosk):
        for program in (START, "walk"):
            kiosk("plan", "add", program, "--times", "08:00")
        proposal = went_well(kiosk, START)

        accepted = accept(kiosk.opened().view, START, proposal, Actor.PAGE)

        assert accepted.to_program == NEXT
        assert accepted.entries == (kiosk.store.plan.entries()[0],)
        assert accepted.entries[0].program == NEXT
        assert accepted.default_changed
        assert accepted.exercises == ()

    def test_the_second_of_two_who_accept_is_told(self, kiosk: Kiosk):
        proposal = went_well(kiosk, NEXT)
        accept(kiosk.opened().view, NEXT, proposal, Actor.PAGE)
        before = audit(kiosk)

        with pytest.raises(ConflictError, match=r"^No step is proposed for low-back-next any mor"):
            accept(kiosk.opened().view, NEXT, proposal, Actor.PAGE)

        assert audit(kiosk) == before

    def test_what_was_looked_at_is_not_what_is_proposed_by_now(self, kiosk: Kiosk):
        up = went_well(kiosk, NEXT)
        for ago in (2, 1):
            kiosk.did(NEXT, ago=ago * timedelta(minutes=10), effort=Effort.HARDER)

        with pytest.raises(ConflictError, match=r"^Another step is proposed for low-back-next by"):
            accept(kiosk.opened().view, NEXT, up, Actor.PAGE)

        assert audit(kiosk) == []
        assert proposed(kiosk, NEXT).kind is Kind.DOWN

    def test_nothing_is_easier(self, kiosk: Kiosk):
        for ago in (2, 1):
            kiosk.did(START, ago=ago * HOUR, effort=Effort.HARDER)

        with pytest.raises(PlanError, match=r"level\.nothing-easier"):
            accept(kiosk.opened().view, START, proposed(kiosk, START), Actor.PAGE)

        assert audit(kiosk) == []


class TestDecline:
    def test_by_a_page(self, kiosk: Kiosk):
        decline(kiosk.opened().view, START, went_well(kiosk, START), Actor.PAGE)

        line = "Level: declined a step up from low-back-start after session 6."
        assert audit(kiosk) == [(Actor.PAGE, line)]

    def test_it_stays_declined_whatever_else_is_changed_since(self, kiosk: Kiosk):
        decline(kiosk.opened().view, START, went_well(kiosk, START), Actor.PAGE)

        signed_in = AuditEntry(NOON, Actor.PAGE, Change.SIGNED_IN, after={"address": "::1"})
        with kiosk.store.writing():
            for _ in range(1010):
                kiosk.store.audit.add(signed_in)

        assert level_of(kiosk.opened().view, START).proposal is None
        assert kiosk.store.declined_steps.latest_session(START) == 6
        assert kiosk.store.declined_steps.latest_session(NEXT) == 0

    def test_what_is_not_proposed_any_more(self, kiosk: Kiosk):
        proposal = replace(went_well(kiosk, START), sessions=5)

        with pytest.raises(ConflictError):
            decline(kiosk.opened().view, START, proposal, Actor.PAGE)

        assert audit(kiosk) == []


class TestSetDose:
    def test_the_exercise_as_it_was_and_as_it_is(self, kiosk: Kiosk):
        changed = set_dose(kiosk.opened().view, Dose(NEXT, "dead-bug", reps=12), Actor.PAGE)

        ((old, new),) = changed
        assert (old.reps, new.reps) == (10, 12)
        assert kiosk.store.doses.of() == (Dose(NEXT, "dead-bug", reps=12),)
        assert audit(kiosk)[0][0] is Actor.PAGE

    def test_what_may_be_insisted_on_is_told_from_what_may_not(self, kiosk: Kiosk):
        view = kiosk.opened().view
        outside = Dose(NEXT, "dead-bug", reps=16)

        with pytest.raises(OutsideRangeError):
            set_dose(view, outside, Actor.PAGE)
        with pytest.raises(PlanError) as impossible:
            set_dose(view, replace(outside, reps=0), Actor.PAGE)

        assert not isinstance(impossible.value, OutsideRangeError)
        assert kiosk.store.doses.of() == ()
        set_dose(view, outside, Actor.PAGE, insist=True)
        assert kiosk.store.doses.of() == (outside,)


def test_a_dose_that_is_taken_back(kiosk: Kiosk):
    set_dose(kiosk.opened().view, Dose(NEXT, "dead-bug", reps=12), Actor.PAGE)

    changed = reset(kiosk.opened().view, NEXT, None, Actor.PAGE)

    assert [(old.reps, new.reps) for old, new in changed] == [(12, 10)]
    assert kiosk.store.doses.of() == ()
