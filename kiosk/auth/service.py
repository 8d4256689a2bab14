"""Setting up, signing in, and the devices that are signed in.

Theory of operation. The kiosk has one passphrase, and any number of signed-in devices.

- *Set-up*: no passphrase is stored yet. The set-up page calls `await_press`; the next press of the
  button has the kiosk say a six-digit pairing code. `enter_code` exchanges it for a grant, and
  `choose_passphrase` uses the grant, stores the passphrase and signs that device in. Nothing but
  set-up works before, and a press says no code after it.
- *Signing in*: `sign_in` compares the passphrase, within its rate limit, and creates a session: a
  random token for the browser's cookie. Each request finds its session by the token. A session
  ends by signing out, after 90 days without a request, or after a year. Ages go by the wall clock,
  since the kiosk may be off in between, but only while that is trusted; for a device seen in this
  run, by the monotonic clock.
- *Forgotten passphrase*: holding the button down for ten seconds says a code at any time; from
  there it goes on as set-up does.
- *Asking again*: a signed-in device has to give the passphrase once more to change it, or for what
  cannot be undone (`confirm`).

Every chosen or changed passphrase signs all other devices out and clears all counted failures, in
the one transaction that stores it. `rate_limit.py` says who waits for whose failures.

Stored are: of the passphrase its salted scrypt hash; of each token its SHA-256; counts of failures;
and, readable, the calendar feed's token, since that address has to be shown again. Codes and grants
are in memory only.
"""

import hashlib
import logging
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from kiosk.auth.pairing_code import CodeState, PairingCode, RandomSource
from kiosk.auth.passphrase import SALT_LENGTH, PassphraseHash, check_new
from kiosk.auth.rate_limit import PASSPHRASE, PassphraseAttempts, key_of
from kiosk.clock import Clock, WallClock
from kiosk.errors import AuthError, StoreError
from kiosk.history.audit import Actor, AuditEntry, Change, Values
from kiosk.store.auth import StoredAuthSession
from kiosk.store.store import Store

logger = logging.getLogger(__name__)

FREE_ATTEMPTS = 5
"""Wrong passphrases in a row after which an address, or a signed-in device, has to wait."""

FREE_ATTEMPTS_OF_ALL = 10
"""The same for all addresses together, but those from which somebody is signed in."""

MOST_AGE = timedelta(days=365)  # since signing in, after which a session is over
IDLE = timedelta(days=90)  # since its last request, after which a session is over
SEEN_STORED_EVERY = 3600.0  # seconds; a memory card wears out by being written to

_EVERYBODY = "everybody"
_CALENDAR = "calendar"
_DEVICE_LENGTH = 120
_ADDRESS_LENGTH = 64
_TOKEN_LENGTH = 200


class AuthService:
    """Set-up, signing in and signed-in devices, and the pairing codes for the button.

    Any thread. Every method but `pressed`, `held`, `is_set_up`, `code_state` and `enter_code`
    raises StoreError. `address` is always the network address a request came from, `device` its
    User-Agent.
    """

    def __init__(
        self,
        store: Store,
        wall: WallClock,
        clock: Clock,
        show_code: Callable[[str], None] = lambda _code: None,
        random: RandomSource = secrets,
    ) -> None:
        """`show_code` gets each code as it is said; quick, never raises. Raises StoreError."""
        self._store = store
        self._wall = wall
        self._clock = clock
        self._show_code = show_code
        self._random = random
        self._code = PairingCode(clock, random)
        self._attempts = PassphraseAttempts(store, wall, clock)
        self._seen: dict[str, float] = {}
        """`Clock.now()` of the last request by session, as far as it has been stored."""

        self._set_up = store.auth.secret(PASSPHRASE) is not None

    # The button, by the controller's thread: nothing here waits for the store.

    def pressed(self) -> str | None:
        """The code to say in place of the press's usual effect, if set-up awaits one."""
        return self._shown(None if self._set_up else self._code.take_press())

    def held(self) -> str | None:
        """The code to say after the button was held for ten seconds."""
        return self._shown(self._code.issue())

    # Set-up, and a forgotten passphrase.

    def is_set_up(self) -> bool:
        """Whether a passphrase has been chosen."""
        return self._set_up

    def await_press(self) -> None:
        """Have the next press say a code. Raises AuthError where the kiosk is set up already."""
        if self._set_up:
            raise AuthError("auth.set-up-already")
        self._code.await_press()

    def code_state(self) -> CodeState:
        """Whether a press is awaited, or a code can be used."""
        return self._code.state()

    def enter_code(self, code: str, address: str) -> str:
        """A token that allows one `choose_passphrase`. Raises AuthError."""
        return self._code.enter(code, key_of(address))

    def choose_passphrase(self, grant: str, passphrase: str, device: str, address: str) -> str:
        """Set the passphrase and sign every other device out; the token of this one.

        Raises AuthError, with the field `code` where the grant does not hold (any more).
        """
        self._code.check_grant(grant)
        chosen = check_new(passphrase)
        with self._attempts.one_at_a_time():
            self._code.check_grant(grant)
            way = "code" if self._set_up else "first"
            token = self._store_passphrase(chosen, way, device, address)
            self._code.clear()
            self._set_up = True
        return token

    # Signing in and out.

    def sign_in(self, passphrase: str, device: str, address: str) -> str:
        """The token of a new session. Raises AuthError."""
        self._attempts.check_limits(self._sign_in_limits(address))
        with self._attempts.one_at_a_time():
            # A clock set back later must not revive them.
            self._remove_sessions(
                *(one.id for one in self._store.auth.sessions() if self._is_over(one))
            )
            limits = self._sign_in_limits(address)
            counted = (key_of(address), _EVERYBODY)
            origin = {"address": address, "signed_in": False}
            self._attempts.attempt(passphrase, limits, counted, origin)
            token, session = self._new_session(device, address)
            self._store.auth.add_session(
                session, self._entry(Change.SIGNED_IN, {"address": address}), counted
            )
        return token

    def session_of(self, token: str) -> StoredAuthSession | None:
        """The valid session with that token, which is noted as seen now."""
        session = self._store.auth.session_of(_hash(token))
        if session is None or self._is_over(session):
            return None
        self._note_seen(session.id)
        return session

    def sessions(self) -> tuple[StoredAuthSession, ...]:
        """The valid sessions of all devices, latest seen first."""
        return tuple(one for one in self._store.auth.sessions() if not self._is_over(one))

    def sign_out(self, token: str) -> None:
        """End the session with that token, if there is one."""
        session = self.session_of(token)
        if session:
            entry = self._entry(Change.SIGNED_OUT, before={"address": session.address})
            self._remove_sessions(session.id, entry=entry)

    def sign_out_device(self, session_id: str) -> None:
        """End the session of that id, if there is one, at the wish of another device."""
        self._remove_sessions(session_id, entry=self._entry(Change.DEVICE_REMOVED))

    def confirm(self, token: str, passphrase: str, address: str) -> None:
        """Ask a signed-in device for the passphrase once more. Raises AuthError."""
        limits = self._confirm_limits(token)
        self._attempts.check_limits(limits)
        with self._attempts.one_at_a_time():
            self._confirm(limits, passphrase, address)

    def change_passphrase(self, token: str, old: str, new: str, device: str, address: str) -> str:
        """Change the passphrase and sign every other device out; a new token for this one.

        Raises AuthError, with `old` or `new` as its field.
        """
        limits = self._confirm_limits(token)
        with _errors_of_field("new"):
            chosen = check_new(new)
        with _errors_of_field("old"):
            self._attempts.check_limits(limits)
        with self._attempts.one_at_a_time():
            with _errors_of_field("old"):
                self._confirm(limits, old, address)
            return self._store_passphrase(chosen, "changed", device, address)

    # The calendar feed.

    def calendar_token(self) -> str:
        """The secret part of the calendar feed's address."""
        return self._store.auth.secret(_CALENDAR) or self._new_calendar_token(None)

    def renew_calendar_token(self) -> str:
        """Replace the calendar feed's token; its old address is gone."""
        return self._new_calendar_token(self._entry(Change.CALENDAR_RENEWED))

    def _new_calendar_token(self, entry: AuditEntry | None) -> str:
        token = self._random.token_urlsafe(32)
        self._store.auth.set_secret(_CALENDAR, token, entry)
        return token

    def _shown(self, code: str | None) -> str | None:
        if code is not None:
            logger.info("The button was asked for a code.")
            self._show_code(code)
        return code

    def _store_passphrase(self, passphrase: str, way: str, device: str, address: str) -> str:
        """Store a new passphrase and a session for this device alone; its token."""
        hashed = PassphraseHash.make(passphrase, self._random.token_bytes(SALT_LENGTH))
        new_secrets = {PASSPHRASE: hashed.text()}
        if self._store.auth.secret(_CALENDAR) is None:
            new_secrets[_CALENDAR] = self._random.token_urlsafe(32)
        token, session = self._new_session(device, address)
        entry = self._entry(Change.PASSPHRASE_CHOSEN, {"way": way, "address": address})
        self._store.auth.renew(new_secrets, session, entry)
        return token

    def _sign_in_limits(self, address: str) -> dict[str, int]:
        own = key_of(address)
        if own in {key_of(session.address) for session in self.sessions()}:
            return {own: FREE_ATTEMPTS}
        return {own: FREE_ATTEMPTS, _EVERYBODY: FREE_ATTEMPTS_OF_ALL}

    def _confirm_limits(self, token: str) -> dict[str, int]:
        session = self.session_of(token)
        if session is None:
            raise AuthError("auth.signed-out")
        # Named as in the databases there are, whose counts hold.
        return {f"visitor {session.id}": FREE_ATTEMPTS}

    def _confirm(self, limits: dict[str, int], passphrase: str, address: str) -> None:
        origin = {"address": address, "signed_in": True}
        self._attempts.attempt(passphrase, limits, tuple(limits), origin)
        self._store.auth.forget_failures(tuple(limits))

    def _new_session(self, device: str, address: str) -> tuple[str, StoredAuthSession]:
        """A token, and the session to be stored for it by the caller."""
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

    def _remove_sessions(self, *ids: str, entry: AuditEntry | None = None) -> None:
        """End the sessions of these ids; `entry` is added to the audit log where there were any."""
        if ids:
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

    def _entry(
        self, kind: Change, after: Values | None = None, before: Values | None = None
    ) -> AuditEntry:
        return AuditEntry(self._wall.utc(), Actor.PAGE, kind, before=before, after=after)


@contextmanager
def _errors_of_field(field: str) -> Iterator[None]:
    """Have an AuthError name `field` as the form field that it is about."""
    try:
        yield
    except AuthError as error:
        raise AuthError(error.code, field, error.wait, **error.values) from error


def _hash(token: str) -> str:
    return hashlib.sha256(token[:_TOKEN_LENGTH].encode("utf-8", "surrogatepass")).hexdigest()


def _shortened(text: str, length: int) -> str:
    """`text` on one line without control characters, in at most `length` characters."""
    words = " ".join("".join(sign if sign.isprintable() else " " for sign in text[:1000]).split())
    return words if len(words) <= length else words[: length - 1] + "…"
