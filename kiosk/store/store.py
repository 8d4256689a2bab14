"""All that the kiosk stores, as tables of one database.

Theory of operation
-------------------
A noun is a module with its SQL, the conversion of its rows and its class:

    store.sessions   sessions.py   session, exercise_done
    store.plan       plan.py       plan_entry
    store.ledger     ledger.py     occurrence; the mark `settled_until`
    store.doses      doses.py      dose
    store.declined_steps  doses.py declined_step
    store.settings   settings.py   setting
    store.audit      audit.py      audit
    store.auth       auth.py       door_secret, visitor, failure

`migrations.py` creates the tables, `database.py` has the transactions, and how those of several
methods join, `backups.py` the copies, and the mark `backup`. A table that changes something for a
person adds the entry of the audit in the same transaction.

Moments are stored as UTC text of one length, so that they sort; local days and times are text, too.
"""

from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path

from kiosk.store.audit import AuditTable
from kiosk.store.auth import AuthTable
from kiosk.store.backups import Backups, write_copy
from kiosk.store.database import Database
from kiosk.store.doses import DeclinedStepTable, DoseTable
from kiosk.store.ledger import LedgerTable
from kiosk.store.plan import PlanTable
from kiosk.store.sessions import SessionTable
from kiosk.store.settings import SettingTable


class Store:
    """The tables of one database, and its transactions and copies. Any thread; each waits in turn.

    The methods of the tables raise StoreError where the file cannot be read or written, and
    TypeError for a moment without an offset from UTC.
    """

    def __init__(self, database: Database, backups: Backups) -> None:
        """Use `open_store`, which sees first that the file is sound."""
        self._database = database
        self._backups = backups
        self.audit = AuditTable(database)
        self.sessions = SessionTable(database)
        self.plan = PlanTable(database)
        self.ledger = LedgerTable(database)
        self.doses = DoseTable(database)
        self.declined_steps = DeclinedStepTable(database)
        self.settings = SettingTable(database)
        self.auth = AuthTable(database)
        self.change_count = database.change_count
        """A number that differs after any change that counts, and any of another process."""

    def reading(self) -> AbstractContextManager[None]:
        """Have all reads of this thread inside see one state. Others wait. Raises StoreError."""
        return self._database.transaction(write=False)

    def writing(self) -> AbstractContextManager[None]:
        """Have all changes of this thread inside committed together, or none of them where the
        block is left by an error. Other threads, and other processes that write, wait meanwhile.

        Raises RuntimeError inside of `reading`, and StoreError.
        """
        return self._database.transaction(write=True)

    def close(self) -> None:
        """Close the database."""
        self._database.close()

    def backup_if_due(self, now: datetime) -> Path | None:
        """Make the backup of the day (UTC), once; its file if it was made now."""
        return self._backups.make_if_due(self._database, now)

    def backup_to(self, file: Path) -> None:
        """Copy the database to `file`, in place of one of that name, whole or not at all."""
        write_copy(self._database, file)
