"""Who may come in: set-up, signing in, and who is in.

Who may come in: set-up, signing in, and who is in.
"""

import logging
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from kiosk.auth.pairing_code import Chance, CodeState, PairingCode
from kiosk.auth.passphrase import SALT_LENGTH, KeptPassphrase, check
from kiosk.auth.rate_limit import PASSPHRASE, PassphraseAttempts, key_of
from kiosk.auth.sessions import AuthSessions, SignedInDevice
from kiosk.clock import Clock, WallClock
from kiosk.errors import DoorError
from kiosk.history.audit import Actor, AuditEntry
from kiosk.store.store import Store

logger = logging.getLogger(__name__)

FREE_TRIES = 5
"""Wrong passphrases in a row after which an address, or somebody signed in, has to wait."""

FREE_TRIES_OF_ALL = 10
"""The same for all addresses together, but those from which somebody is signed in."""

_EVERYBODY = "everybody"
_CALENDAR = "calendar"


class AuthService:
    """Signing in: for the pages, and as `PairingCodes` for the button. Any thread."""

    def __init__(
        self,
        store: Store,
        wall: WallClock,
        clock: Clock,
        tell_code: Callable[[str], None] = lambda _code: None,
        chance: Chance = secrets,
    ) -> None:
        """`tell_code` is told each code, for who cannot hear it, by the thread that asked for
        it; it is quick and never raises.

        Raises StoreError where what is kept cannot be read.
        """
        self._store = store
        self._wall = wall
        self._tell_code = tell_code
        self._chance = chance
        self._code = PairingCode(clock, chance)
        self._guests = AuthSessions(store, wall, clock, chance)
        self._tries = PassphraseAttempts(store, wall, clock)
        self._set_up = store.auth.secret(PASSPHRASE) is not None

    # the button, by the controller's thread: nothing here waits for the store

    def pressed(self) -> str | None:
        """The code to say in place of what a press means, if somebody awaits it."""
        return self._told(None if self._set_up else self._code.take_press())

    def held(self) -> str | None:
        """The code to say after the button was held for ten seconds."""
        return self._told(self._code.ask())

    # set-up, and a forgotten passphrase

    def is_set_up(self) -> bool:
        """Whether a passphrase has been chosen."""
        return self._set_up

    def await_press(self) -> None:
        """Have the next press say a code. Raises DoorError where the kiosk is set up already."""
        if self._set_up:
            raise DoorError(
                "The kiosk is set up already. To choose another passphrase, hold its button down"
                " for ten seconds."
            )
        self._code.await_press()

    def code_state(self) -> CodeState:
        """Where the code stands."""
        return self._code.state()

    def enter_code(self, code: str, address: str) -> str:
        """A token that allows one `choose_passphrase`. Raises DoorError."""
        return self._code.enter(code, key_of(address))

    def choose_passphrase(self, grant: str, passphrase: str, device: str, address: str) -> str:
        """Set the passphrase and sign everybody out; the token of who did it. Raises DoorError."""
        self._code.check_grant(grant)
        chosen = check(passphrase)
        with self._tries.in_turn():
            self._code.check_grant(grant)
            what = "chosen anew with a code from the button" if self._set_up else "chosen"
            line = f"The passphrase was {what}, from {address}. Everybody else was signed out."
            token = self._renew(chosen, device, address, line)
            self._code.drop_all()
            self._set_up = True
        return token

    # signing in and out

    def sign_in(self, passphrase: str, device: str, address: str) -> str:
        """A visitor's token. Raises DoorError."""
        self._tries.check_wait(self._limits(address))
        with self._tries.in_turn():
            self._guests.drop_those_out()
            limits = self._limits(address)
            counted = (key_of(address), _EVERYBODY)
            self._tries.make(passphrase, limits, counted, f"from {address}")
            token, visitor = self._guests.new(device, address)
            self._store.auth.add_session(visitor, self._line(f"Signed in from {address}."), counted)
        return token

    def visitor(self, token: str) -> SignedInDevice | None:
        """Who has that token."""
        return self._guests.of(token)

    def visitors(self) -> tuple[SignedInDevice, ...]:
        """Everybody who is signed in, latest seen first."""
        return self._guests.all()

    def sign_out(self, token: str) -> None:
        """Let the token open nothing any more."""
        visitor = self._guests.of(token)
        if visitor:
            line = self._line(f"Signed out; had signed in from {visitor.address}.")
            self._guests.send_out(visitor.id, line=line)

    def send_out(self, visitor: str) -> None:
        """The same for the visitor of that id."""
        self._guests.send_out(visitor, line=self._line("A caregiver signed another device out."))

    def confirm(self, token: str, passphrase: str, address: str) -> None:
        """See that it is still them. Raises DoorError."""
        limits = {f"visitor {self._known(token).id}": FREE_TRIES}
        self._tries.check_wait(limits)
        with self._tries.in_turn():
            self._confirm(limits, passphrase, address)

    def change_passphrase(self, token: str, old: str, new: str, device: str, address: str) -> str:
        """Change the passphrase and sign everybody else out; a new token.

        Raises DoorError, with `old` or `new` as its field.
        """
        limits = {f"visitor {self._known(token).id}": FREE_TRIES}
        with _about("new"):
            chosen = check(new)
        with _about("old"):
            self._tries.check_wait(limits)
        with self._tries.in_turn():
            with _about("old"):
                self._confirm(limits, old, address)
            line = f"The passphrase was changed, from {address}. Everybody else was signed out."
            return self._renew(chosen, device, address, line)

    # the calendar feed

    def calendar_token(self) -> str:
        """The secret part of the calendar feed's address."""
        return self._store.auth.secret(_CALENDAR) or self._keep_calendar_token(None)

    def renew_calendar_token(self) -> str:
        """Another one; the feed's old address is gone."""
        return self._keep_calendar_token(self._line("The calendar feed has a new address."))

    def _keep_calendar_token(self, line: AuditEntry | None) -> str:
        token = self._chance.token_urlsafe(32)
        self._store.auth.set_secret(_CALENDAR, token, line)
        return token

    def _told(self, code: str | None) -> str | None:
        if code is not None:
            logger.info("The button was asked for a code.")
            self._tell_code(code)
        return code

    def _renew(self, passphrase: str, device: str, address: str, line: str) -> str:
        kept = KeptPassphrase.make(passphrase, self._chance.token_bytes(SALT_LENGTH))
        found = {PASSPHRASE: kept.text()}
        if self._store.auth.secret(_CALENDAR) is None:
            found[_CALENDAR] = self._chance.token_urlsafe(32)
        token, visitor = self._guests.new(device, address)
        self._store.auth.renew(found, visitor, self._line(line))
        return token

    def _known(self, token: str) -> SignedInDevice:
        visitor = self._guests.of(token)
        if visitor is None:
            raise DoorError("You are not signed in any more. Sign in again.")
        return visitor

    def _limits(self, address: str) -> dict[str, int]:
        """By what somebody at that address is counted. Strangers cannot keep out who is at an
        address from which somebody is signed in.
        """
        own = key_of(address)
        if own in {key_of(visitor.address) for visitor in self._guests.all()}:
            return {own: FREE_TRIES}
        return {own: FREE_TRIES, _EVERYBODY: FREE_TRIES_OF_ALL}

    def _confirm(self, limits: dict[str, int], passphrase: str, address: str) -> None:
        who = f"by somebody signed in, from {address}"
        self._tries.make(passphrase, limits, tuple(limits), who)
        self._store.auth.forget_failures(tuple(limits))

    def _line(self, what: str) -> AuditEntry:
        return AuditEntry(self._wall.utc(), Actor.PAGE, what)


@contextmanager
def _about(field: str) -> Iterator[None]:
    try:
        yield
    except DoorError as error:
        raise DoorError(str(error), field, error.wait) from error
