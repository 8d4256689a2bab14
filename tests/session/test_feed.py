"""The feed of snapshots: newest wins, a newcomer gets the present one first."""

import threading

from kiosk.session.service import Feed
from kiosk.session.snapshot import Snapshot, State


def snapshot(seq: int) -> Snapshot:
    return Snapshot(seq=seq, as_of=0.0, state=State.IDLE)


def test_a_newcomer_gets_the_present_snapshot_and_then_nothing_until_there_is_news():
    feed = Feed(snapshot(0))
    feed.publish(snapshot(1))

    onlooker = feed.subscribe()

    assert onlooker.next(timeout=0) == snapshot(1)
    assert onlooker.next(timeout=0) is None
    feed.publish(snapshot(2))
    assert onlooker.next(timeout=0) == snapshot(2)


def test_who_is_slow_misses_the_ones_in_between_and_never_the_last():
    feed = Feed(snapshot(0))
    onlooker = feed.subscribe()
    for seq in range(1, 100):
        feed.publish(snapshot(seq))

    assert onlooker.next(timeout=0) == snapshot(99)


def test_onlookers_on_other_threads_are_woken_by_news_and_by_the_end():
    feed = Feed(snapshot(0))
    seen: list[int] = []

    def look_on():
        onlooker = feed.subscribe()
        while (shown := onlooker.next(timeout=10)) is not None:
            seen.append(shown.seq)

    threads = [threading.Thread(target=look_on) for _ in range(8)]
    for thread in threads:
        thread.start()
    for seq in range(1, 200):
        feed.publish(snapshot(seq))
    feed.close()
    for thread in threads:
        thread.join(timeout=10)

    assert not any(thread.is_alive() for thread in threads)
    assert seen.count(199) == 8
