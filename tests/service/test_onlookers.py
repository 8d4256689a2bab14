"""The light and the log follow what the kiosk publishes."""

import logging
import threading

from kiosk.app import make_pins
from kiosk.cli.terminal import StateLog
from kiosk.hardware.light import LightThread
from kiosk.session.events import ButtonEdge, ButtonFound
from kiosk.session.service import Feed
from kiosk.session.snapshot import Fault, Snapshot, State
from kiosk.settings.model import Settings
from tests.fakes.clock import FakeClock
from tests.fakes.light import FakeLight

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


class RememberingLight(FakeLight):
    """Tells when it has been set a few times."""

    def __init__(self, clock):
        super().__init__(clock)
        self.enough = threading.Event()

    def set(self, brightness):
        super().set(brightness)
        if len(self.shown) >= 3:
            self.enough.set()


def test_the_light_shows_the_state_over_and_over_and_goes_dark_at_the_end():
    clock = FakeClock()
    light = RememberingLight(clock)
    ready = Snapshot(seq=0, as_of=0.0, state=State.IDLE)
    keeper = LightThread(light, lambda: ready, clock)
    thread = threading.Thread(target=keeper.run)
    thread.start()

    assert light.enough.wait(timeout=10)
    keeper.close()
    thread.join(timeout=10)

    shown = [brightness for _, brightness in light.shown]
    assert set(shown[:-1]) == {1.0}
    assert shown[-1] == 0.0


def test_the_pins_of_button_and_light_are_made_and_let_go(tmp_path):
    events = []
    clock = FakeClock()
    pins = make_pins(Settings(led_pin=22), clock, events.append, tmp_path, simulate=True)
    pins.light.set(0.5)
    pins.simulated_button.press(1.5)
    pins.close()

    assert events == [
        ButtonFound(False, 1000.0),
        ButtonEdge(True, 1000.0),
        ButtonEdge(False, 1001.5),
    ]


def test_the_log_tells_exercises_repetitions_and_trouble_once_each(caplog):
    caplog.set_level(logging.DEBUG)
    feed = Feed(Snapshot(seq=0, as_of=0.0, state=State.IDLE))
    log = StateLog(feed)

    for snapshot in (RUNNING, RUNNING, lost(RUNNING)):
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


def lost(snapshot: Snapshot) -> Snapshot:
    fields = {name: getattr(snapshot, name) for name in Snapshot.__slots__}
    return Snapshot(**{**fields, "faults": frozenset({Fault.SPEAKER_LOST})})
