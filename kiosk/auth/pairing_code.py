"""The six-digit code that the kiosk says aloud, and what it opens. In memory only."""

import hashlib
import hmac
import threading
import unicodedata
from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from kiosk.clock import Clock
from kiosk.errors import DoorError


class CodeState(StrEnum):
    """Where the six-digit code stands, which the kiosk says aloud."""

    NONE = "none"
    """Nobody has asked for one."""

    AWAITED = "awaited"
    """The next press of the button has it said."""

    SAID = "said"
    """It was said, and can be used for ten minutes."""


CODE_LASTS = 600.0
TRIES = 5
"""Wrong ones from one address after which the code counts no more for it: a device that only
guesses is not to use up the tries of who has heard the code."""

TRIES_OF_ALL = 20
"""The same for all addresses together."""

PRESS_AWAITED_FOR = 300.0
GRANT_LASTS = 1800.0
SAID_AGAIN_FOR = 60.0
"""Seconds in which a second request has the same code said again, so that the one just being typed
stays good."""

_DIGITS = 6
_NEVER = float("-inf")
FIELD = "code"


class Chance(Protocol):
    """Where what nobody may guess comes from: the module `secrets`, or a test's."""

    def randbelow(self, exclusive_upper_bound: int, /) -> int:
        """A number from 0 on."""
        ...

    def token_bytes(self, nbytes: int | None = None) -> bytes:
        """So many bytes."""
        ...

    def token_urlsafe(self, nbytes: int | None = None) -> str:
        """So many bytes as text."""
        ...


@dataclass(slots=True, repr=False)
class _Code:
    digits: str
    made: float
    wrong: Counter[str] = field(default_factory=Counter)
    """Wrong tries by address."""

    def left(self, key: str) -> int:
        """How many tries there are for that address."""
        return max(0, min(TRIES - self.wrong[key], TRIES_OF_ALL - self.wrong.total()))

    def is_clean(self) -> bool:
        """Whether everybody may still try."""
        return all(self.left(key) for key in (*self.wrong, ""))


@dataclass(frozen=True, slots=True, repr=False)
class _Grant:
    token_hash: bytes
    until: float


class PairingCode:
    """At most one code and one grant at a time. Any thread; never waits for anything.

    All its times are those of a clock that does not leap.
    """

    def __init__(self, clock: Clock, chance: Chance) -> None:
        self._clock = clock
        self._chance = chance
        self._lock = threading.Lock()
        self._code: _Code | None = None
        self._grant: _Grant | None = None
        self._awaited_until = _NEVER

    def await_press(self) -> None:
        """Let the next `take_press` within five minutes give a code."""
        with self._lock:
            self._awaited_until = self._clock.now() + PRESS_AWAITED_FOR

    def take_press(self) -> str | None:
        """The code to say, if a press was awaited; from now on none is."""
        with self._lock:
            if self._clock.now() >= self._awaited_until:
                return None
            self._awaited_until = _NEVER
            return self._say()

    def ask(self) -> str:
        """The code to say, whether a press was awaited or not."""
        with self._lock:
            self._awaited_until = _NEVER
            return self._say()

    def state(self) -> CodeState:
        """Where the code stands."""
        with self._lock:
            if self._clock.now() < self._awaited_until:
                return CodeState.AWAITED
            return CodeState.SAID if self._usable() else CodeState.NONE

    def enter(self, typed: str, key: str) -> str:
        """A grant for the right code, which is used up by that. `key` tells who tries from others.

        Raises DoorError.
        """
        with self._lock:
            code = self._usable()
            if code is None or not code.left(key):
                raise DoorError(
                    "There is no code that counts now: one lasts ten minutes, and five tries from a"
                    " device. Have the kiosk say another.",
                    FIELD,
                )
            if not hmac.compare_digest(_digits(typed), code.digits.encode()):
                code.wrong[key] += 1
                raise _wrong(code.left(key))
            self._code = None
            token = self._chance.token_urlsafe(32)
            self._grant = _Grant(_hashed(token), self._clock.now() + GRANT_LASTS)
            return token

    def check_grant(self, token: str) -> None:
        """See that the grant holds. Raises DoorError."""
        with self._lock:
            grant = self._grant
            right = grant is not None and hmac.compare_digest(grant.token_hash, _hashed(token))
            if grant is None or not right or self._clock.now() >= grant.until:
                raise DoorError(
                    "It is more than half an hour since the code was typed, or another was typed"
                    " since. Have the kiosk say a new code.",
                    FIELD,
                )

    def drop_all(self) -> None:
        """Let neither the code nor the grant open anything any more, and await no press."""
        with self._lock:
            self._code = self._grant = None
            self._awaited_until = _NEVER

    def _say(self) -> str:
        code = self._usable()
        if code is None or not code.is_clean() or self._clock.now() - code.made >= SAID_AGAIN_FOR:
            digits = f"{self._chance.randbelow(10**_DIGITS):0{_DIGITS}}"
            code = self._code = _Code(digits, self._clock.now())
        return code.digits

    def _usable(self) -> _Code | None:
        code = self._code
        if (
            code
            and code.wrong.total() < TRIES_OF_ALL
            and self._clock.now() - code.made < CODE_LASTS
        ):
            return code
        return None


def _wrong(left: int) -> DoorError:
    if left == 0:
        return DoorError(
            "That was wrong too often, so the code counts no more. Have the kiosk say another.",
            FIELD,
        )
    tries = "One try is" if left == 1 else f"{left} tries are"
    return DoorError(f"That is not the code the kiosk said. {tries} left.", FIELD)


def _digits(typed: str) -> bytes:
    """What was meant by what was typed, with or without spaces, in any script's digits."""
    found = (unicodedata.decimal(sign, None) for sign in typed[:40])
    return "".join(str(digit) for digit in found if digit is not None).encode()


def _hashed(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
