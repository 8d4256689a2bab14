"""Signed-in devices: a random token in each browser's cookie, and how long it stays valid."""

import hashlib
import logging
import os
import secrets
import stat
from datetime import timedelta
from pathlib import Path

from kiosk.auth.pairing_code import RandomSource
from kiosk.clock import Clock, WallClock
from kiosk.errors import StoreError
from kiosk.history.audit import AuditEntry
from kiosk.store.auth import StoredAuthSession
from kiosk.store.store import Store
from kiosk.system.folders import write_whole

logger = logging.getLogger(__name__)


MOST_AGE = timedelta(days=365)
"""Since signing in, after which a session is over."""

IDLE = timedelta(days=90)
"""Since its last request, after which a session is over."""

SEEN_STORED_EVERY = 3600.0
"""Seconds; a memory card wears out by being written to."""

_DEVICE_LENGTH = 120
_ADDRESS_LENGTH = 64
_TOKEN_LENGTH = 200


class AuthSessions:
    """Creates, finds and ends the sessions of signed-in devices. Any thread.

    Ages go by the wall clock, since the kiosk may be off in between, but only while that is
    trusted; for a device seen in this run, by the monotonic clock. Every method but `new` raises
    StoreError.
    """

    def __init__(self, store: Store, wall: WallClock, clock: Clock, random: RandomSource) -> None:
        self._store = store
        self._wall = wall
        self._clock = clock
        self._random = random
        self._seen: dict[str, float] = {}
        """`Clock.now()` of the last request by session, as far as it has been stored."""

    def new(self, device: str, address: str) -> tuple[str, StoredAuthSession]:
        """A token, and the session to be stored for it by the caller.

        `device` is the browser's User-Agent, `address` its network address; both are shortened.
        """
        token = self._random.token_urlsafe(32)
        now = self._wall.utc()
        session = StoredAuthSession(
            id=self._random.token_bytes(8).hex(),
            token_hash=_hash(token),
            since=now,
            seen=now,
            device=_shortened(device, _DEVICE_LENGTH),
            address=_shortened(address, _ADDRESS_LENGTH),
        )
        self._seen[session.id] = self._clock.now()
        return token, session

    def find(self, token: str) -> StoredAuthSession | None:
        """The valid session with that token, which is noted as seen now."""
        session = self._store.auth.session_of(_hash(token))
        if session is None or self._is_over(session):
            return None
        self._note_seen(session.id)
        return session

    def all(self) -> tuple[StoredAuthSession, ...]:
        """Every valid session, latest seen first."""
        stored = self._store.auth.sessions()
        return tuple(session for session in stored if not self._is_over(session))

    def remove_expired(self) -> None:
        """Remove the sessions that are over, so that a clock set back does not revive them."""
        over = [one.id for one in self._store.auth.sessions() if self._is_over(one)]
        if over:
            self.remove(*over)

    def remove(self, *ids: str, entry: AuditEntry | None = None) -> None:
        """End the sessions of these ids; `entry` is added to the audit log where there were any."""
        self._store.auth.remove_sessions(ids, entry)
        for session_id in ids:
            self._seen.pop(session_id, None)

    def _is_over(self, session: StoredAuthSession) -> bool:
        now, last = self._wall.utc(), self._seen.get(session.id)
        if last is not None and self._clock.now() - last > IDLE.total_seconds():
            return True
        idle = last is None and now - session.seen > IDLE
        return (idle or now - session.since > MOST_AGE) and self._wall.trusted()

    def _note_seen(self, session_id: str) -> None:
        now = self._clock.now()
        last = self._seen.get(session_id)
        if last is not None and now - last < SEEN_STORED_EVERY:
            return
        # Noted first: where it cannot be stored, that is tried again in an hour, not for each page.
        self._seen[session_id] = now
        if not self._wall.trusted():
            return
        try:
            self._store.auth.set_seen(session_id, self._wall.utc())
        except StoreError as error:
            logger.warning("When a caregiver was last seen could not be kept: %s", error)


def _hash(token: str) -> str:
    return hashlib.sha256(token[:_TOKEN_LENGTH].encode("utf-8", "surrogatepass")).hexdigest()


def _shortened(text: str, length: int) -> str:
    """`text` on one line without control characters, in at most `length` characters."""
    words = " ".join("".join(sign if sign.isprintable() else " " for sign in text[:1000]).split())
    return words if len(words) <= length else words[: length - 1] + "…"


FILE_NAME = "web-secret.key"
LENGTH = 32
"""Bytes."""


def secret_key(folder: Path) -> bytes:
    """The key in `folder`; a new one where there is none, where it is damaged, or where other users
    could read it. Where the file cannot be used, a key for this run alone, and a warning. Never
    raises.
    """
    path = folder / FILE_NAME
    try:
        return _read(path) or _make(path)
    except OSError as error:
        logger.warning(
            "%s cannot be used (%s), so everybody has to sign in anew after each restart. Let the"
            " kiosk's user write to it and to its folder.",
            path,
            error.strerror or error,
        )
        return secrets.token_bytes(LENGTH)


def _read(path: Path) -> bytes | None:
    """The key in the file; `None` where there is none that can be used. Raises OSError."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            return None
        key = os.read(descriptor, LENGTH + 1)
    finally:
        os.close(descriptor)
    if len(key) != LENGTH:
        logger.warning("%s was damaged; another key takes its place.", path)
        return None
    if status.st_mode & 0o077:
        logger.warning("%s could be read by others; another key takes its place.", path)
        return None
    return key


def _make(path: Path) -> bytes:
    key = secrets.token_bytes(LENGTH)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, key, mode=0o600)
    return key
