"""What the stories about the door are made of."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from kiosk.auth.passphrase import KeptPassphrase, _scrypt
from kiosk.auth.service import AuthService
from kiosk.errors import DoorError
from kiosk.history.audit import Actor, AuditEntry
from tests.fakes.clock import FakeClock
from tests.fakes.store import MemoryStore
from tests.fakes.wall_clock import FakeWallClock

MORNING = datetime(2026, 3, 2, 8, tzinfo=UTC)
DAY = timedelta(days=1)
RIGHT = "three calm blue chairs"
WRONG = "three calm red chairs"
PHONE, TABLET, STRANGER = "192.168.1.20", "192.168.1.30", "192.168.1.66"
FIREFOX = "Mozilla/5.0 (X11; Linux) Firefox/128.0"


class Dice:
    """Chance that can be foreseen: the same numbers each time, never one twice."""

    def __init__(self):
        self._random = random.Random(7)  # noqa: S311 - to be foreseen

    def randbelow(self, bound):
        return self._random.randrange(bound)

    def token_bytes(self, count=None):
        return self._random.randbytes(count)

    def token_urlsafe(self, count=None):
        return self._random.randbytes(count).hex()


class Entrance:
    """A door with its store and clocks, and who goes in and out by it."""

    def __init__(self, store=None):
        self.store = store or MemoryStore()
        self.clock = FakeClock()
        self.wall = FakeWallClock(MORNING, clock=self.clock)
        self.told = []
        self.dice = Dice()
        self.restart()

    def restart(self):
        """As after a power cut: what was only in memory is gone, the clock starts anywhere."""
        self.door = AuthService(self.store, self.wall, self.clock, self.told.append, self.dice)

    def wait(self, seconds):
        self.clock.advance(seconds)

    def code_by_press(self):
        self.door.await_press()
        return self.door.pressed()

    def set_up(self, passphrase=RIGHT, address=PHONE):
        """The token of who set the kiosk up."""
        grant = self.door.enter_code(self.code_by_press(), address)
        return self.door.choose_passphrase(grant, passphrase, FIREFOX, address)

    def take_little_time(self):
        """Keep the passphrase so that trying one costs nearly nothing."""
        self.store.auth.set_secret("passphrase", kept_cheaply(RIGHT))

    def sign_in(self, passphrase=RIGHT, address=PHONE):
        return self.door.sign_in(passphrase, FIREFOX, address)

    def refused(self, passphrase=WRONG, address=STRANGER):
        """The error that a try at the passphrase ends with."""
        with pytest.raises(DoorError) as refusal:
            self.sign_in(passphrase, address)
        return refusal.value

    def noted(self):
        return [entry.what for entry in self.store.audit.newest()]


def kept_cheaply(passphrase):
    """What is kept of it, at next to no cost to make and to try."""
    hashed = _scrypt(passphrase, bytes(16), 2, 1, 1)
    return KeptPassphrase(2, 1, 1, bytes(16), hashed).text()


def move_in(door, passphrase):
    """Set a door up without the costs of that; the token of who did it."""
    token, visitor = door._guests.new("a phone", PHONE)
    line = AuditEntry(visitor.since, Actor.PAGE, "Moved in.")
    door._store.auth.renew({"passphrase": kept_cheaply(passphrase)}, visitor, line)
    door._set_up = True
    return token


def refusal_of(act, *arguments):
    """The error that `act` ends with."""
    with pytest.raises(DoorError) as refusal:
        act(*arguments)
    return refusal.value
