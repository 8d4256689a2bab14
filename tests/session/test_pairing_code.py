"""The code that lets a caregiver in: said after a press they wait for, or after a long hold."""

import logging
import re

import pytest

from kiosk.auth.pairing_code import CodeState
from kiosk.history.model import Ending
from kiosk.schedule.model import WALK
from kiosk.session.snapshot import State
from kiosk.session.transitions import Input
from tests.auth.kit import AuthKit
from tests.session.bench import MORNING, PROGRAM, Bench, StoredState, stored_state

CODE = "483129"
CODE_IN_WORDS = ["four", "eight", "three", "one", "two", "nine"]
ALL_OF_IT = ["The code is:", *CODE_IN_WORDS, "Once more:", *CODE_IN_WORDS]


def pairing_codes(*, awaited: bool = False) -> AuthKit:
    """A kiosk's sign-in whose every code is CODE; `awaited`: as the set-up page has the next press.

    Each time that a code is given, it is added to `shown`.
    """
    kit = AuthKit(code=int(CODE))
    if awaited:
        kit.auth.await_press()
    return kit


def a_kiosk(codes: AuthKit, stored: StoredState | None = None) -> Bench:
    bench = Bench(PROGRAM, stored=stored)
    bench.controller.use_pairing_codes(codes.auth.pressed, codes.auth.held)
    return bench


def reminded(codes: AuthKit, **options) -> tuple[StoredState, Bench]:
    stored = stored_state("08:00", **options)
    bench = a_kiosk(codes, stored)
    bench.run_to_state(State.REMINDING)
    return stored, bench


def lose_notices(bench: Bench) -> None:
    """Nothing of the notices could be rendered, and nothing can be now."""
    bench.voice.broken = True
    bench.preparer.prepare_notices()


# A press that somebody waits for


@pytest.mark.parametrize("voice", ["ready", "busy with something long", "not ready for the digits"])
def test_a_press_that_somebody_waits_for_says_the_code_twice_and_nothing_else(voice):
    bench = a_kiosk(pairing_codes(awaited=True))
    bench.jobs.waiting = voice == "busy with something long"
    if voice == "not ready for the digits":
        lose_notices(bench)
        bench.voice.broken = False
    bench.press()
    bench.run_for(60)

    assert bench.texts() == ALL_OF_IT
    assert bench.states() == ["idle"]


def test_its_digits_come_one_by_one_with_a_longer_pause_after_three():
    bench = a_kiosk(pairing_codes(awaited=True))
    bench.press()
    bench.run_for(60)

    # 10 ms a letter; 600 ms after a digit and after the words before them, 1300 ms after three
    assert [at for at, _ in bench.heard()][:9] == [
        *(0, 720, 1360, 2010),
        *(3360, 3990, 4620, 5960),
        6660,
    ]


def test_until_then_it_is_quiet_so_that_the_press_is_answered():
    codes = pairing_codes()
    _, bench = reminded(codes)
    bench.run_for(1.5)
    codes.auth.await_press()
    lose_notices(bench)
    bench.jobs.waiting = True
    bench.press()
    pressed = bench.now_ms()
    bench.run_for(20)

    assert "It is time for A program." in bench.texts()
    assert bench.texts(pressed) == []


def test_without_any_speech_the_press_is_answered_by_a_tone():
    bench = a_kiosk(pairing_codes(awaited=True))
    lose_notices(bench)
    bench.press()
    bench.run_for(5)

    assert bench.texts() == []
    assert any(any(pcm) for _, pcm in bench.speaker.writes)


def test_holding_that_press_on_does_nothing_more_for_however_long():
    codes = pairing_codes(awaited=True)
    bench = a_kiosk(codes)
    bench.press(40)
    bench.run_for(20)

    assert bench.texts() == ALL_OF_IT
    assert bench.states() == ["idle"]
    assert codes.shown == [CODE]


def test_the_next_press_means_what_it_always_means():
    bench = a_kiosk(pairing_codes(awaited=True))
    bench.press()
    bench.run_for(1)
    bench.press()
    bench.run_for(3)

    assert bench.state is State.RUNNING


def test_while_it_reminds_the_reminder_stands():
    codes = pairing_codes()
    stored, bench = reminded(codes)
    codes.auth.await_press()
    pressed = bench.now_ms()
    bench.press(3)
    bench.run_for(20)

    assert bench.texts(pressed) == ALL_OF_IT
    assert bench.state is State.REMINDING
    assert stored.ledger() == [("Mon 08:00", "due")]

    bench.press(2.5)
    bench.run_for(5)
    assert bench.texts()[-1] == "I will ask again later."


def test_in_a_session_nobody_is_asked_for_a_code():
    codes = pairing_codes()
    bench = a_kiosk(codes)
    bench.begin()
    codes.auth.await_press()
    bench.press()
    bench.run_for(1)

    assert bench.state is State.PAUSED
    assert (codes.shown, codes.auth.code_state()) == ([], CodeState.AWAITED)


# A long hold


def test_ten_seconds_say_the_code_and_nothing_is_kept_of_the_session_in_between():
    stored = stored_state()
    bench = a_kiosk(pairing_codes(), stored)
    bench.press(11)
    bench.run_for(60)

    assert bench.texts()[-14:] == ALL_OF_IT
    assert bench.states() == ["idle", "preparing", "running", "stopped", "idle"]
    assert stored.store.sessions.between() == ()


@pytest.mark.parametrize(("seconds", "gives_codes"), [(9.9, True), (30, False)])
def test_before_ten_seconds_or_without_a_code_it_is_an_ordinary_hold(seconds, gives_codes):
    stored = stored_state()
    bench = a_kiosk(pairing_codes(), stored) if gives_codes else Bench(PROGRAM, stored=stored)
    bench.press(seconds)
    bench.run_for(60)

    assert bench.state is State.STOPPED
    assert "The code is:" not in bench.texts()
    (session,) = stored.store.sessions.between()
    assert session.ending is Ending.STOPPED


def test_a_long_hold_that_begins_in_a_session_is_an_ordinary_hold():
    for long_before in (State.RUNNING, State.PAUSED, State.ASKING):
        codes = pairing_codes()
        stored = stored_state()
        bench = a_kiosk(codes, stored)
        bench.begin()
        if long_before is State.PAUSED:
            bench.press()
        bench.run_to_state(long_before)
        bench.press(12)
        bench.run_for(5)

        assert codes.shown == []
        assert len(stored.store.sessions.between()) == 1


@pytest.mark.parametrize(
    ("awaited", "seconds", "shown"),
    [(True, 1, [CODE]), (False, 5, [])],
    ids=["a press that is awaited", "a long hold"],
)
def test_a_session_that_somebody_begins_from_a_page_meanwhile_goes_on(awaited, seconds, shown):
    codes = pairing_codes(awaited=awaited)
    bench = a_kiosk(codes, stored_state())
    bench.down()
    bench.run_for(seconds)
    bench.session.start()
    bench.run_for(15)

    assert bench.state is State.RUNNING
    assert codes.shown == shown


def test_a_session_that_somebody_begins_and_ends_from_a_page_meanwhile_is_kept():
    stored = stored_state()
    bench = a_kiosk(pairing_codes(), stored)
    bench.down()
    bench.run_for(4)
    bench.session.start()
    bench.run_for(4)
    bench.session.command(Input.STOP)
    bench.run_for(30)

    assert bench.texts()[-14:] == ALL_OF_IT
    assert bench.state is State.STOPPED
    assert stored.store.sessions.between()[-1].ending is Ending.STOPPED


def test_the_session_before_stays_in_the_history():
    stored, bench = reminded(pairing_codes())
    bench.press()
    bench.run_to_state(State.FINISHED)
    bench.press(12)  # all is done for today, the kiosk says; no session begins
    bench.run_for(30)

    assert bench.texts()[-14:] == ALL_OF_IT
    (session,) = stored.store.sessions.between()
    assert session.ending is Ending.COMPLETED


def test_what_was_due_is_called_out_again_as_if_nobody_had_pressed():
    stored, bench = reminded(pairing_codes())
    bench.press()
    bench.session.command(Input.STOP)
    bench.run_for(60)
    assert stored.store.sessions.between()[0].ending is Ending.STOPPED
    (before,) = stored.store.ledger.between(MORNING.date(), MORNING.date())

    bench.press(12)
    bench.run_for(30)

    assert stored.store.ledger.between(MORNING.date(), MORNING.date()) == (before,)
    assert len(stored.store.sessions.between()) == 1


def test_a_reminder_that_the_hold_put_off_stays_put_off_as_the_voice_said():
    stored, bench = reminded(pairing_codes())
    pressed = bench.now_ms()
    bench.press(12)
    bench.run_for(60)

    said = bench.texts(pressed)
    assert said[-16:-14] == ["All right.", "I will ask again later."]
    assert said[-14:] == ALL_OF_IT
    assert stored.store.sessions.between() == ()
    (row,) = stored.store.ledger.between(MORNING.date(), MORNING.date())
    assert row.put_off_to is not None


def test_a_walk_that_the_press_has_noted_is_due_again():
    stored, bench = reminded(pairing_codes(), program=WALK)
    bench.session.start()  # an extra session comes in between
    bench.run_to_state(State.FINISHED)
    assert bench.session.snapshot().due == WALK

    bench.press(12)
    bench.run_for(30)

    assert stored.ledger() == [("Mon 08:00", "due")]
    assert bench.session.snapshot().due == WALK


def test_an_offer_to_carry_on_is_still_good_afterwards():
    stored = stored_state()
    bench = a_kiosk(pairing_codes(), stored)
    bench.press()
    bench.run_until(lambda s: s.rep == 2 and s.phase == "hold")

    again = a_kiosk(pairing_codes(), stored)  # the power was cut
    again.run_for(8)
    again.press(12)
    again.run_for(30)
    heard = again.press_and_listen(6)

    assert heard[:2] == ["Carrying on.", "Number two of three."]


# It is a secret


def test_the_code_stands_in_no_log_and_in_no_snapshot(caplog):
    caplog.set_level(logging.DEBUG)
    for awaited in (True, False):
        bench = a_kiosk(pairing_codes(awaited=awaited), stored_state())
        bench.press(12)
        bench.run_for(30)
        assert bench.texts()[-14:] == ALL_OF_IT

        seen = "".join(repr(snapshot) for snapshot in bench.snapshots) + caplog.text
        assert CODE not in seen
        assert not re.search(rf"\b({'|'.join(CODE_IN_WORDS)})\b", seen)
