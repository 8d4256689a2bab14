"""The six-digit pairing code that the kiosk says aloud, and the grant it is exchanged for.

Whoever can hear the kiosk may choose its passphrase. A code is made by a press of the button that
the set-up page asked for, or by holding the button down for ten seconds. Typed in time it is used
up and gives a grant: a random token that allows one choice of a passphrase within half an hour.
Both are in memory only, the grant as a hash; a restart makes them void.
"""

import hashlib
import hmac
import threading
import unicodedata
from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from kiosk.clock import Clock
from kiosk.errors import AuthError

CODE_LASTS = 600.0
GRANT_LASTS = 1800.0
PRESS_AWAITED_FOR = 300.0

SAID_AGAIN_FOR = 60.0
"""Seconds in which a second request has the same code said again, so that the one just being typed
stays good."""

ATTEMPTS = 5
"""Wrong codes from one address after which the code is void for it: a device that only guesses must
not use up the attempts of whoever has heard the code."""

ATTEMPTS_OF_ALL = 20  # the same for all addresses together
FIELD = "code"  # the form field that an AuthError about the code names

_DIGITS = 6
_NEVER = float("-inf")


class CodeState(StrEnum):
    """The state of the pairing code."""

    NONE = "none"
    AWAITED = "awaited"  # the next press of the button has one said
    SAID = "said"  # it was said, and can be used for ten minutes


class RandomSource(Protocol):
    """A source of secrets: the module `secrets`, or a repeatable one in tests."""

    def randbelow(self, exclusive_upper_bound: int, /) -> int:
        """A number from 0 on."""
        ...

    def token_bytes(self, nbytes: int | None = None) -> bytes:
        """Random bytes."""
        ...

    def token_urlsafe(self, nbytes: int | None = None) -> str:
        """Random bytes as text."""
        ...


@dataclass(slots=True, repr=False)
class _Code:
    digits: str
    made: float
    wrong: Counter[str] = field(default_factory=Counter)
    """Wrong attempts by rate-limit key."""

    def attempts_left(self, key: str) -> int:
        return max(0, min(ATTEMPTS - self.wrong[key], ATTEMPTS_OF_ALL - self.wrong.total()))

    def is_open_to_all(self) -> bool:
        """Whether no address has used up its attempts."""
        return all(self.attempts_left(key) for key in (*self.wrong, ""))


class PairingCode:
    """At most one code and one grant, by the monotonic clock. Any thread; never waits for I/O."""

    def __init__(self, clock: Clock, random: RandomSource) -> None:
        self._clock = clock
        self._random = random
        self._lock = threading.RLock()
        self._code: _Code | None = None
        self._grant = b""
        """The SHA-256 of its token; empty where there is none."""

        self._granted_until = _NEVER
        self._awaited_until = _NEVER

    def await_press(self) -> None:
        """Let the next `take_press` within five minutes give a code."""
        with self._lock:
            self._awaited_until = self._clock.now() + PRESS_AWAITED_FOR

    def take_press(self) -> str | None:
        """The code to say, if a press was awaited; no further press is awaited then."""
        with self._lock:
            if self._clock.now() >= self._awaited_until:
                return None
            return self.issue()

    def issue(self) -> str:
        """The code to say, whether a press was awaited or not."""
        with self._lock:
            self._awaited_until = _NEVER
            code, now = self._usable(), self._clock.now()
            if code is None or not code.is_open_to_all() or now - code.made >= SAID_AGAIN_FOR:
                digits = f"{self._random.randbelow(10**_DIGITS):0{_DIGITS}}"
                code = self._code = _Code(digits, now)
            return code.digits

    def state(self) -> CodeState:
        """The code's state, for the set-up page."""
        with self._lock:
            if self._clock.now() < self._awaited_until:
                return CodeState.AWAITED
            return CodeState.SAID if self._usable() else CodeState.NONE

    def enter(self, typed: str, key: str) -> str:
        """A grant's token for the right code, typed at the address of `key`. Raises AuthError."""
        with self._lock:
            code = self._usable()
            if code is None or not code.attempts_left(key):
                raise AuthError("auth.no-code", FIELD)
            if not hmac.compare_digest(_digits(typed), code.digits.encode()):
                code.wrong[key] += 1
                raise _wrong_code(code.attempts_left(key))
            self._code = None
            token = self._random.token_urlsafe(32)
            self._grant, self._granted_until = _hash(token), self._clock.now() + GRANT_LASTS
            return token

    def check_grant(self, token: str) -> None:
        """Raise AuthError unless `token` is the present grant's."""
        with self._lock:
            right = hmac.compare_digest(self._grant, _hash(token))
            if not right or self._clock.now() >= self._granted_until:
                raise AuthError("auth.grant-over", FIELD)

    def clear(self) -> None:
        """Make code and grant void, and await no press."""
        with self._lock:
            self._code, self._grant, self._awaited_until = None, b"", _NEVER

    def _usable(self) -> _Code | None:
        code = self._code
        if code is None or code.wrong.total() >= ATTEMPTS_OF_ALL:
            return None
        return code if self._clock.now() - code.made < CODE_LASTS else None


def _wrong_code(left: int) -> AuthError:
    if left == 0:
        return AuthError("auth.code-used-up", FIELD)
    if left == 1:
        return AuthError("auth.code-wrong-one-left", FIELD)
    return AuthError("auth.code-wrong", FIELD, left=left)


def _digits(typed: str) -> bytes:
    """The decimal digits in `typed`, of any script, as ASCII."""
    found = (unicodedata.decimal(sign, None) for sign in typed[:40])
    return "".join(str(digit) for digit in found if digit is not None).encode()


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
