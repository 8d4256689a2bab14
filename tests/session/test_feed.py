"""The feed of snapshots: newest wins, a new subscriber gets the present one first. And the log."""

import logging
import threading
from dataclasses import replace

from kiosk.cli.terminal import StateLog
from kiosk.session.service import Feed
from kiosk.session.snapshot import Fault, Snapshot, State


def snapshot(seq: int) -> Snapshot:
    return Snapshot(seq=seq, as_of=0.0, state=State.IDLE)


def test_a_new_subscriber_gets_the_present_snapshot_and_then_nothing_until_there_is_news():
    feed = Feed(snapshot(0))
    feed.publish(snapshot(1))

    subscription = feed.subscribe()

    assert subscription.next(timeout=0) == snapshot(1)
    assert subscription.next(timeout=0) is None
    feed.publish(snapshot(2))
    assert subscription.next(timeout=0) == snapshot(2)


def test_a_slow_subscriber_misses_the_ones_in_between_and_never_the_last():
    feed = Feed(snapshot(0))
    subscription = feed.subscribe()
    for seq in range(1, 100):
        feed.publish(snapshot(seq))

    assert subscription.next(timeout=0) == snapshot(99)


def test_subscribers_on_other_threads_are_woken_by_news_and_by_the_end():
    feed = Feed(snapshot(0))
    seen: list[int] = []

    def read():
        subscription = feed.subscribe()
        while (shown := subscription.next(timeout=10)) is not None:
            seen.append(shown.seq)

    threads = [threading.Thread(target=read) for _ in range(8)]
    for thread in threads:
        thread.start()
    for seq in range(1, 200):
        feed.publish(snapshot(seq))
    feed.close()
    for thread in threads:
        thread.join(timeout=10)

    assert not any(thread.is_alive() for thread in threads)
    assert seen.count(199) == 8


# The log of states


RUNNING = Snapshot(
    seq=1,
    as_of=0.0,
    state=State.RUNNING,
    exercise=1,
    exercises=4,
    exercise_name="Squat",
    rep=2,
    reps=8,
    phase="lift",
)


def test_the_log_has_exercises_repetitions_and_faults_once_each(caplog):
    caplog.set_level(logging.DEBUG)
    feed = Feed(Snapshot(seq=0, as_of=0.0, state=State.IDLE))
    log = StateLog(feed)

    for snapshot in (RUNNING, RUNNING, replace(RUNNING, faults=frozenset({Fault.SPEAKER_LOST}))):
        log.log_changes(snapshot)

    assert [(r.levelname, r.getMessage()) for r in caplog.records] == [
        ("INFO", "exercise 1 of 4: Squat"),
        ("DEBUG", "repetition 2 of 8, lift"),
        ("WARNING", "the speaker is lost; looking for it"),
    ]


def test_the_log_ends_with_the_feed():
    feed = Feed(RUNNING)
    thread = threading.Thread(target=StateLog(feed).run)
    thread.start()
    feed.close()
    thread.join(timeout=10)

    assert not thread.is_alive()
