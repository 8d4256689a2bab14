"""An `AuthService` with a store in memory, clocks that a test sets, and repeatable secrets."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from kiosk.auth.passphrase import PassphraseHash, _scrypt
from kiosk.auth.service import AuthService
from kiosk.errors import AuthError
from tests.audit_log import sentences
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
    """Repeatable secrets: the same each time, never one twice."""

    def __init__(self, code=None):
        """`code`: the number that every pairing code is, if not a different one each time."""
        self._random = random.Random(7)  # noqa: S311 - to be repeated
        self._code = code

    def randbelow(self, bound):
        return self._random.randrange(bound) if self._code is None else self._code

    def token_bytes(self, count=None):
        return self._random.randbytes(count)

    def token_urlsafe(self, count=None):
        return self._random.randbytes(count).hex()


class AuthKit:
    """`auth` before its store and clocks, and the devices that use it."""

    def __init__(self, passphrase=None, now=MORNING, store=None, code=None):
        """`passphrase`: one that was chosen before, stored so that trying it costs next to nothing
        (a chosen one takes a tenth of a second). `code`: the number that every pairing code is.
        """
        self.store = store or MemoryStore()
        self.clock = FakeClock()
        self.wall = FakeWallClock(now, clock=self.clock)
        self.shown = []
        self.random = Dice(code)
        if passphrase:
            cheap = PassphraseHash(2, 1, 1, bytes(16), _scrypt(passphrase, bytes(16), 2, 1, 1))
            self.store.auth.set_secret("passphrase", cheap.text())
        self.restart()

    def restart(self):
        """As after a power cut: what was only in memory is gone, the clock starts anywhere."""
        self.auth = AuthService(self.store, self.wall, self.clock, self.shown.append, self.random)

    def wait(self, seconds):
        self.clock.advance(seconds)

    def code_by_press(self):
        self.auth.await_press()
        return self.auth.pressed()

    def grant(self):
        return self.auth.enter_code(self.code_by_press(), PHONE)

    def choose(self, grant, passphrase=RIGHT, address=PHONE):
        """The token of the device that chose the passphrase."""
        return self.auth.choose_passphrase(grant, passphrase, FIREFOX, address)

    def sign_in(self, passphrase=RIGHT, address=PHONE):
        return self.auth.sign_in(passphrase, FIREFOX, address)

    def refused(self, passphrase=WRONG, address=STRANGER):
        """The error that an attempt to sign in ends with."""
        return refusal_of(self.sign_in, passphrase, address)

    def guess(self, times, address=STRANGER):
        """Guess wrong so often, each time as soon as the wait for it is over."""
        for _ in range(times):
            self.wait(self.refused(WRONG, address).wait)

    def audit(self):
        return sentences(self.store)


def refusal_of(act, *arguments):
    """The error that `act` ends with."""
    with pytest.raises(AuthError) as refusal:
        act(*arguments)
    return refusal.value
