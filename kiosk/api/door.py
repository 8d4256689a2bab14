"""Who may come in: set-up, signing in, and who is in."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

__all__ = ["CodeState", "Door", "Visitor"]

LEAST_LENGTH = 8
"""Characters of a passphrase at the least."""

MOST_LENGTH = 200

LONGEST_STAY = timedelta(days=365)
"""Who came in so long ago is out."""


class CodeState(StrEnum):
    """Where the six-digit code stands, which the kiosk says aloud."""

    NONE = "none"
    """Nobody has asked for one."""

    AWAITED = "awaited"
    """The next press of the button has it said."""

    SAID = "said"
    """It was said, and can be used for ten minutes."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who is signed in, on one device."""

    id: str
    """Tells visitors apart; opens nothing."""

    since: datetime
    seen: datetime
    """When they last looked at a page; kept about once an hour."""

    device: str
    """What their browser calls itself, shortened."""

    address: str


class Door(Protocol):
    """Everything raises StoreError where what is kept cannot be read or written.

    Tokens are secrets; nothing keeps or logs them as they are.
    """

    def is_set_up(self) -> bool:
        """Whether a passphrase has been chosen."""
        ...

    def await_press(self) -> None:
        """Have the next press of the button say a code, within five minutes. Raises DoorError where
        the kiosk is set up already: then the button has to be held for ten seconds.
        """
        ...

    def code_state(self) -> CodeState:
        """Where the code stands."""
        ...

    def enter_code(self, code: str, address: str) -> str:
        """A token that allows one `choose_passphrase`, within half an hour.

        Raises DoorError for a wrong code, and for one that is too old or void: for an address
        after five wrong ones from there, for all after twenty.
        """
        ...

    def choose_passphrase(self, grant: str, passphrase: str, device: str, address: str) -> str:
        """Set the passphrase and sign everybody out; a token of a visitor who is signed in.

        Raises DoorError for a grant that does not hold (any more), and, with `field` set, for a
        passphrase that is too short or too easy.
        """
        ...

    def sign_in(self, passphrase: str, device: str, address: str) -> str:
        """A visitor's token. Raises DoorError where the passphrase is wrong, and while too many
        were wrong of late: that is kept across restarts, and grows.
        """
        ...

    def visitor(self, token: str) -> Visitor | None:
        """Who has that token; `None` where nobody has, or has any more."""
        ...

    def visitors(self) -> tuple[Visitor, ...]:
        """Everybody who is signed in, latest seen first."""
        ...

    def sign_out(self, token: str) -> None:
        """Let the token open nothing any more."""
        ...

    def send_out(self, visitor: str) -> None:
        """The same for the visitor of that id."""
        ...

    def confirm(self, token: str, passphrase: str, address: str) -> None:
        """See that it is still them. Raises DoorError as `sign_in` does."""
        ...

    def change_passphrase(self, token: str, old: str, new: str, device: str, address: str) -> str:
        """Change the passphrase and sign everybody else out; a new token. Raises DoorError."""
        ...

    def calendar_token(self) -> str:
        """The secret part of the calendar feed's address."""
        ...

    def renew_calendar_token(self) -> str:
        """Another one; the feed's old address is gone."""
        ...
