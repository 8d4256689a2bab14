"""A part dies or freezes: it is noticed, told, and the part or the kiosk is started anew."""

import threading
from dataclasses import dataclass, field

import pytest

from kiosk.audio.player import BEATS_EVERY, Player
from kiosk.service.watchdog import (
    Fact,
    Part,
    Watchdog,
    controller_part,
    fatal,
    flag_part,
    lifeless,
    thread_part,
)
from kiosk.system.jobs import JobQueue
from kiosk.timeline.notices import Notice
from tests.fakes.clock import FakeClock
from tests.fakes.speaker import FakeSpeaker
from tests.session.bench import Bench

INTERVAL = 10.0


@dataclass
class House:
    """A watchdog, what it has passed on, and time that passes between its looks."""

    parts: list[Part]
    clock: FakeClock
    occupied: bool = False
    pings: list[float] = field(default_factory=list)
    ended: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.watchdog = Watchdog(
            self.parts,
            self.clock,
            lambda: self.pings.append(self.clock.now() - 1000),
            INTERVAL,
            lambda: self.ended.append(self.clock.now() - 1000),
            lambda: self.occupied,
        )

    def look(self, times=1, answering=lambda: None):
        for _ in range(times):
            self.watchdog.ask()
            answering()
            self.watchdog.judge()
            self.clock.advance(INTERVAL)


@pytest.fixture
def clock():
    return FakeClock()


class Pulse:
    """A part that beats until it is stopped."""

    def __init__(self, clock, **options):
        self._clock = clock
        self._stopped_at = None
        self.mends = 0
        self.part = Part("the pulse", 15.0, self._seen_at, **options)

    def stop(self):
        self._stopped_at = self._clock.now()

    def mend(self):
        self.mends += 1
        self._stopped_at = None
        return True

    def _seen_at(self):
        return self._clock.now() if self._stopped_at is None else self._stopped_at


def a_part(**options):
    return Part("it", 5.0, lambda: 0.0, **options)


# --- what follows from the ages: pure


def test_what_is_older_than_it_may_be_is_lifeless():
    fresh, old = Fact(a_part(), 5.0), Fact(a_part(), 5.1)
    assert lifeless([fresh, old]) == (old,)


def test_what_can_wait_waits_for_the_end_of_a_session():
    patient, other = Fact(a_part(can_wait=True), 9.0), Fact(a_part(), 9.0)
    assert fatal([patient, other], occupied=True) == (other,)
    assert fatal([patient, other], occupied=False) == (patient, other)


# --- what it does


def test_as_long_as_all_are_alive_that_is_passed_on(clock):
    house = House([Pulse(clock).part, Pulse(clock).part], clock)
    house.look(4)
    assert (house.pings, house.ended) == ([0, 10, 20, 30], [])


def test_one_that_stops_is_told_once_and_ends_the_kiosk_within_two_looks(clock, caplog):
    pulse = Pulse(clock)
    house = House([Pulse(clock).part, pulse.part], clock)
    house.look()
    pulse.stop()
    house.look(5)

    assert house.pings == [0, 10, 20]
    assert house.ended == [40]
    assert [(r.levelname, r.message) for r in caplog.records] == [
        ("WARNING", "There is no sign of life from the pulse (20 seconds)."),
        ("CRITICAL", "No sign of life from the pulse (30 seconds): the kiosk ends."),
    ]


def test_where_the_whole_machine_was_held_up_nothing_ends(clock):
    seen = clock.now()

    def answer():
        nonlocal seen
        seen = clock.now()

    house = House([Part("it", 5.0, lambda: seen)], clock)
    house.look(2, answering=answer)
    clock.advance(3600)
    house.look(1)  # all of it has just come to life: no time for an answer
    house.look(3, answering=answer)

    assert house.ended == []
    assert len(house.pings) == 5


def test_what_can_be_started_anew_by_itself_is_and_the_kiosk_goes_on(clock):
    pulse = Pulse(clock)
    part = Pulse(clock).part
    house = House([part, _mendable(pulse)], clock)
    pulse.stop()
    house.look(6)

    assert pulse.mends == 1
    assert (len(house.pings), house.ended) == (6, [])


def test_what_dies_again_at_once_ends_the_kiosk_after_all(clock):
    pulse = Pulse(clock)
    house = House([_mendable(pulse)], clock)
    pulse.stop()
    house.look(3)
    pulse.stop()
    house.look(5)

    assert pulse.mends == 1
    assert len(house.ended) == 1


def test_what_dies_once_a_day_is_started_anew_each_time(clock):
    pulse = Pulse(clock)
    house = House([_mendable(pulse)], clock)
    for _ in range(3):
        pulse.stop()
        house.look(4)
        clock.advance(86_400)
    assert (pulse.mends, house.ended) == (3, [])


def test_pages_that_stay_away_do_not_end_a_session_but_the_kiosk_after_it(clock):
    pulse = Pulse(clock, can_wait=True)
    house = House([pulse.part], clock, occupied=True)
    pulse.stop()
    house.look(100)
    assert (len(house.pings), house.ended) == (100, [])

    house.occupied = False
    house.look(3)
    assert len(house.ended) == 1


# --- signs of life


def test_a_controller_that_works_answers_and_a_frozen_one_does_not(clock):
    bench = Bench(clock=clock)
    part = controller_part(bench.controller.post, clock)
    house = House([part], clock)
    house.look(3, answering=bench.settle)
    assert house.pings == [0, 10, 20]

    house.look(3)  # nobody takes anything out of its inbox

    assert house.pings == [0, 10, 20, 30]
    assert house.ended == [50]


def test_it_answers_in_the_middle_of_a_session(clock):
    bench = Bench(clock=clock)
    bench.press()
    bench.run_until(lambda s: s.rep == 2)
    part = controller_part(bench.controller.post, clock)
    clock.advance(60)

    part.ask()
    bench.settle()

    assert part.seen_at() == clock.now()


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
    part = thread_part("jobs", {"jobs": thread}.get, clock)
    clock.advance(60)
    assert part.seen_at() == clock.now()

    jobs.close()
    thread.join()
    alive_until = part.seen_at()
    clock.advance(60)

    assert part.seen_at() == alive_until
    assert lifeless([Fact(part, clock.now() - part.seen_at())])


def test_a_thread_that_was_never_there_is_none(clock):
    part = thread_part("jobs", {}.get, clock)
    clock.advance(60)
    assert part.seen_at() == 1000.0


def test_a_flag_counts_for_as_long_as_it_is_up(clock):
    well = True
    part = flag_part("the button", 3.0, lambda: well, clock)
    clock.advance(10)
    assert part.seen_at() == 1010.0
    well = False
    clock.advance(10)
    assert part.seen_at() == 1010.0


def _mendable(pulse):
    return Part("the pulse", 15.0, pulse.part.seen_at, mend=pulse.mend)
