"""A part dies or freezes: it is noticed and logged, and the part or the kiosk is restarted."""

import threading
from dataclasses import dataclass, field, replace

import pytest

from kiosk.audio.player import BEATS_EVERY, Player
from kiosk.service.watchdog import (
    LivenessCheck,
    Watchdog,
    controller_check,
    flag_check,
    thread_check,
)
from kiosk.system.jobs import JobQueue
from kiosk.timeline.notices import Notice
from tests.fakes.clock import FakeClock
from tests.fakes.speaker import FakeSpeaker
from tests.session.bench import Bench

INTERVAL = 10.0


@dataclass
class WatchdogKit:
    """A watchdog, the times at which it notified or gave up, and time between its evaluations."""

    checks: list[LivenessCheck]
    clock: FakeClock
    occupied: bool = False
    pings: list[float] = field(default_factory=list)
    ended: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.watchdog = Watchdog(
            self.checks,
            self.clock,
            lambda: self.pings.append(self.clock.now() - 1000),
            INTERVAL,
            lambda: self.ended.append(self.clock.now() - 1000),
            lambda: self.occupied,
        )

    def evaluate(self, times=1, responding=lambda: None):
        for _ in range(times):
            self.watchdog.request()
            responding()
            self.watchdog.evaluate()
            self.clock.advance(INTERVAL)


@pytest.fixture
def clock():
    return FakeClock()


class Pulse:
    """A part that beats until it is stopped."""

    def __init__(self, clock, **options):
        self._clock = clock
        self._stopped_at = None
        self.restarts = 0
        self.check = LivenessCheck("the pulse", 15.0, self._responded_at, **options)

    def stop(self):
        self._stopped_at = self._clock.now()

    def restart(self):
        self.restarts += 1
        self._stopped_at = None
        return True

    def _responded_at(self):
        return self._clock.now() if self._stopped_at is None else self._stopped_at


# evaluations


def test_as_long_as_all_are_alive_that_is_passed_on(clock):
    kit = WatchdogKit([Pulse(clock).check, Pulse(clock).check], clock)
    kit.evaluate(4)
    assert (kit.pings, kit.ended) == ([0, 10, 20, 30], [])


@pytest.mark.parametrize(("age", "notified"), [(5.0, 1), (5.1, 0)])
def test_what_is_older_than_it_may_be_does_not_respond(clock, age, notified):
    kit = WatchdogKit([LivenessCheck("it", 5.0, lambda: clock.now() - age)], clock)
    kit.evaluate()
    assert len(kit.pings) == notified


def test_what_can_wait_does_not_hide_what_cannot_in_a_session(clock):
    patient, other = Pulse(clock, can_wait=True), Pulse(clock)
    kit = WatchdogKit([patient.check, other.check], clock, occupied=True)
    patient.stop()
    other.stop()
    kit.evaluate(4)
    assert len(kit.ended) == 1


def test_one_that_stops_is_logged_once_and_ends_the_kiosk_within_two_looks(clock, caplog):
    pulse = Pulse(clock)
    kit = WatchdogKit([Pulse(clock).check, pulse.check], clock)
    kit.evaluate()
    pulse.stop()
    kit.evaluate(5)

    assert kit.pings == [0, 10, 20]
    assert kit.ended == [40]
    assert [(r.levelname, r.message) for r in caplog.records] == [
        ("WARNING", "There is no sign of life from the pulse (20 seconds)."),
        ("CRITICAL", "No sign of life from the pulse (30 seconds): the kiosk ends."),
    ]


def test_where_the_whole_machine_was_held_up_nothing_ends(clock):
    seen = clock.now()

    def answer():
        nonlocal seen
        seen = clock.now()

    kit = WatchdogKit([LivenessCheck("it", 5.0, lambda: seen)], clock)
    kit.evaluate(2, responding=answer)
    clock.advance(3600)
    kit.evaluate(1)  # all of it has just been resumed: no time for a response
    kit.evaluate(3, responding=answer)

    assert kit.ended == []
    assert len(kit.pings) == 5


def test_what_can_be_started_anew_by_itself_is_and_the_kiosk_goes_on(clock):
    pulse = Pulse(clock)
    kit = WatchdogKit([Pulse(clock).check, restartable(pulse)], clock)
    pulse.stop()
    kit.evaluate(6)

    assert pulse.restarts == 1
    assert (len(kit.pings), kit.ended) == (6, [])


def test_what_dies_again_at_once_ends_the_kiosk_after_all(clock):
    pulse = Pulse(clock)
    kit = WatchdogKit([restartable(pulse)], clock)
    pulse.stop()
    kit.evaluate(3)
    pulse.stop()
    kit.evaluate(5)

    assert pulse.restarts == 1
    assert len(kit.ended) == 1


def test_what_dies_once_a_day_is_started_anew_each_time(clock):
    pulse = Pulse(clock)
    kit = WatchdogKit([restartable(pulse)], clock)
    for _ in range(3):
        pulse.stop()
        kit.evaluate(4)
        clock.advance(86_400)
    assert (pulse.restarts, kit.ended) == (3, [])


def test_pages_that_stay_away_do_not_end_a_session_but_the_kiosk_after_it(clock):
    pulse = Pulse(clock, can_wait=True)
    kit = WatchdogKit([pulse.check], clock, occupied=True)
    pulse.stop()
    kit.evaluate(100)
    assert (len(kit.pings), kit.ended) == (100, [])

    kit.occupied = False
    kit.evaluate(3)
    assert len(kit.ended) == 1


# checks


def test_a_controller_that_works_answers_and_a_frozen_one_does_not(clock):
    bench = Bench(clock=clock)
    check = controller_check(bench.controller.post, clock)
    kit = WatchdogKit([check], clock)
    kit.evaluate(3, responding=bench.settle)
    assert kit.pings == [0, 10, 20]

    kit.evaluate(3)  # nobody takes anything out of its inbox

    assert kit.pings == [0, 10, 20, 30]
    assert kit.ended == [50]


def test_it_answers_in_the_middle_of_a_session(clock):
    bench = Bench(clock=clock)
    bench.press()
    bench.run_until(lambda s: s.rep == 2)
    check = controller_check(bench.controller.post, clock)
    clock.advance(60)

    check.request()
    bench.settle()

    assert check.responded_at() == clock.now()


class Stethoscope(FakeSpeaker):
    """Notes with each chunk how old the player's last sign of life is; ends it after a while."""

    player: Player

    def __init__(self, clock, chunks):
        super().__init__(clock)
        self.ages = []
        self._chunks = chunks

    def write(self, pcm):
        self.ages.append(self._clock.now() - self.player.alive_at)
        super().write(pcm)
        if len(self.ages) == self._chunks:
            self.player.close()


def test_the_players_thread_beats_with_every_chunk_it_plays(clock):
    speaker = Stethoscope(clock, chunks=40)
    bench = Bench(clock=clock, speaker=speaker)
    speaker.player = bench.controller.player
    bench.controller.player.play(
        bench.preparer.notice(Notice.PAUSED), bench.preparer.notice(Notice.PAUSED)
    )
    clock.advance(3600)

    bench.controller.player.run()

    assert speaker.ages == [0.0] * 40


def test_with_nothing_to_play_it_rests_for_five_seconds_at_the_most(clock):
    bench = Bench(clock=clock)
    assert bench.controller.player._patience() == BEATS_EVERY == 5.0
    bench.press()
    bench.run_for(1)
    bench.press(2.5)
    bench.run_for(3)
    assert bench.speaker.is_open
    assert bench.controller.player._patience() == BEATS_EVERY


def test_a_thread_that_has_ended_is_no_sign_of_life(clock):
    jobs = JobQueue()
    thread = threading.Thread(target=jobs.run, daemon=True)
    thread.start()
    check = thread_check("jobs", {"jobs": thread}.get, clock)
    clock.advance(60)
    assert check.responded_at() == clock.now()

    jobs.close()
    thread.join()
    alive_until = check.responded_at()
    clock.advance(60)

    assert check.responded_at() == alive_until
    assert clock.now() - check.responded_at() > check.within


def test_a_thread_that_was_never_there_is_none(clock):
    check = thread_check("jobs", {}.get, clock)
    clock.advance(60)
    assert check.responded_at() == 1000.0


def test_a_flag_counts_for_as_long_as_it_is_up(clock):
    well = True
    check = flag_check("the button", 3.0, lambda: well, clock)
    clock.advance(10)
    assert check.responded_at() == 1010.0
    well = False
    clock.advance(10)
    assert check.responded_at() == 1010.0


def restartable(pulse):
    return replace(pulse.check, restart=pulse.restart)
