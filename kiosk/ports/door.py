"""Who may come in: the codes for it, and what is remembered of it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from kiosk.model.door import KeptVisitor
from kiosk.model.history import AuditEntry


class Doorbell(Protocol):
    """Gives the code that lets a caregiver in. Called by the conductor's thread; quick, never
    raises.
    """

    def pressed(self) -> str | None:
        """The six digits to say in place of what a press means, where somebody waits for them at
        the set-up page; else `None`.
        """
        ...

    def held(self) -> str | None:
        """The six digits to say after the button was held down for ten seconds; `None` where there
        is nothing to give.
        """
        ...


class DoorStore(Protocol):
    """What the kiosk remembers of who may come in. Any thread; each method is done whole or not at
    all, and raises StoreError as those of `Store` do.

    The lines that come with a change go to the audit, and hold nothing secret.
    """

    def door_secret(self, name: str) -> str | None:
        """The secret of that name; `None` where there is none."""
        ...

    def keep_door_secret(
        self, name: str, value: str | None, line: AuditEntry | None = None
    ) -> None:
        """Keep a secret, as it is; `None` drops it."""
        ...

    def renew_door(
        self, secrets: Mapping[str, str | None], visitor: KeptVisitor, line: AuditEntry
    ) -> None:
        """Keep secrets, and begin anew: nobody is in but `visitor`, and there are no failures."""
        ...

    def add_visitor(
        self, visitor: KeptVisitor, line: AuditEntry, forget: Sequence[str] = ()
    ) -> None:
        """Keep who came in, and forget the failures of the keys `forget`."""
        ...

    def visitor_of(self, token_hash: str) -> KeptVisitor | None:
        """Who has the token with that SHA-256 (hexadecimal)."""
        ...

    def kept_visitors(self) -> tuple[KeptVisitor, ...]:
        """Everybody who is in, latest seen first."""
        ...

    def see_visitor(self, visitor: str, seen: datetime) -> None:
        """Keep when the visitor of that id, if there is one, was seen. They then came in at that
        moment at the latest, whatever the clock said when they did.
        """
        ...

    def remove_visitors(self, visitors: Sequence[str], line: AuditEntry | None = None) -> None:
        """Drop the visitors of these ids; without any nothing happens, and `line` is not added."""
        ...

    def failures(self, key: str) -> int:
        """How many failures in a row are kept for that key; some hundreds of keys are, the last."""
        ...

    def note_failure(self, keys: Sequence[str]) -> None:
        """Count one more failure for each of the keys."""
        ...

    def forget_failures(self, keys: Sequence[str]) -> None:
        """Let the keys begin anew."""
        ...

    def note(self, entry: AuditEntry) -> None:
        """Add a line to the audit."""
        ...
