"""Who may come in, as it is kept.

Who is signed in: their tokens, and how long these hold.
"""

import hashlib
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from kiosk.auth.pairing_code import Chance
from kiosk.clock import Clock, WallClock
from kiosk.errors import StoreError
from kiosk.history.audit import AuditEntry
from kiosk.store.auth import StoredAuthSession
from kiosk.store.store import Store

logger = logging.getLogger(__name__)

LONGEST_STAY = timedelta(days=365)
"""Who came in so long ago is out."""


@dataclass(frozen=True, slots=True)
class SignedInDevice:
    """Somebody who is signed in, on one device."""

    id: str
    """Tells visitors apart; opens nothing."""

    since: datetime
    seen: datetime
    """When they last looked at a page; kept about once an hour."""

    device: str
    """What their browser calls itself, shortened."""

    address: str


IDLE = timedelta(days=90)
"""Who has not been seen for so long is out."""

SEEN_KEPT_EVERY = 3600.0
"""Seconds; a memory card wears out by being written to."""

_DEVICE_LENGTH = 120
_ADDRESS_LENGTH = 64
_TOKEN_LENGTH = 200


class AuthSessions:
    """The visitors there are. Any thread. Everything raises StoreError where it says so.

    Ages are reckoned by the wall clock, since the kiosk may be off in between, but only while that
    is trusted; for who was seen in this run, by the clock that does not leap.
    """

    def __init__(self, store: Store, wall: WallClock, clock: Clock, chance: Chance) -> None:
        self._store = store
        self._wall = wall
        self._clock = clock
        self._chance = chance
        self._seen: dict[str, float] = {}

    def new(self, device: str, address: str) -> tuple[str, StoredAuthSession]:
        """A token, and the visitor to be kept for it."""
        token = self._chance.token_urlsafe(32)
        now = self._wall.utc()
        visitor = StoredAuthSession(
            id=self._chance.token_bytes(8).hex(),
            token_hash=_hashed(token),
            since=now,
            seen=now,
            device=_shortened(device, _DEVICE_LENGTH),
            address=_shortened(address, _ADDRESS_LENGTH),
        )
        self._seen[visitor.id] = self._clock.now()
        return token, visitor

    def of(self, token: str) -> SignedInDevice | None:
        """Who has that token. Raises StoreError where it cannot be read."""
        kept = self._store.auth.session_of(_hashed(token))
        if kept is None or self._is_over(kept):
            return None
        self._see(kept)
        return _shown(kept)

    def all(self) -> tuple[SignedInDevice, ...]:
        """Everybody, latest seen first. Raises StoreError where it cannot be read."""
        return tuple(
            _shown(kept) for kept in self._store.auth.sessions() if not self._is_over(kept)
        )

    def drop_those_out(self) -> None:
        """Forget those whose time is over, so that no clock brings them back. Raises StoreError."""
        over = [kept.id for kept in self._store.auth.sessions() if self._is_over(kept)]
        if over:
            self.send_out(*over)

    def send_out(self, *visitors: str, line: AuditEntry | None = None) -> None:
        """Let the tokens of these visitors open nothing any more. Raises StoreError."""
        self._store.auth.remove_sessions(visitors, line)
        for visitor in visitors:
            self._seen.pop(visitor, None)

    def _is_over(self, kept: StoredAuthSession) -> bool:
        now, last = self._wall.utc(), self._seen.get(kept.id)
        if last is not None and self._clock.now() - last > IDLE.total_seconds():
            return True
        idle = last is None and now - kept.seen > IDLE
        return (idle or now - kept.since > LONGEST_STAY) and self._wall.trusted()

    def _see(self, kept: StoredAuthSession) -> None:
        now = self._clock.now()
        last = self._seen.get(kept.id)
        if last is not None and now - last < SEEN_KEPT_EVERY:
            return
        # Noted first: where it cannot be kept, that is tried again in an hour, not with each page.
        self._seen[kept.id] = now
        if not self._wall.trusted():
            return
        try:
            self._store.auth.set_seen(kept.id, self._wall.utc())
        except StoreError as error:
            logger.warning("When a caregiver was last seen could not be kept: %s", error)


def _hashed(token: str) -> str:
    return hashlib.sha256(token[:_TOKEN_LENGTH].encode("utf-8", "surrogatepass")).hexdigest()


def _shown(kept: StoredAuthSession) -> SignedInDevice:
    return SignedInDevice(kept.id, kept.since, kept.seen, kept.device, kept.address)


def _shortened(text: str, length: int) -> str:
    """On one line, and nothing in it that is not to be seen."""
    words = " ".join("".join(sign if sign.isprintable() else " " for sign in text[:1000]).split())
    return words if len(words) <= length else words[: length - 1] + "…"
