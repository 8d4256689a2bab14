"""The real store on a database in memory, which can fail as a disk does."""

import sqlite3
import weakref
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from functools import cache
from pathlib import Path

from kiosk.errors import StoreError
from kiosk.store.backups import Backups
from kiosk.store.database import Database, connect
from kiosk.store.migrations import MIGRATIONS, migrate
from kiosk.store.store import Store


class MemoryDatabase(Database):
    """A database in memory with all tables. Any thread.

    While `broken` is set, every transaction raises it; while `full` is set, every one that writes.
    `before_write` is called once, before the next that writes, as if another process were first.
    """

    def __init__(self) -> None:
        super().__init__(None)
        self.broken: StoreError | None = None
        self.full: StoreError | None = None
        self.before_write: Callable[[], object] | None = None
        self.put_back(_empty())
        # Nobody who uses it in a test has to close it.
        weakref.finalize(self, self._connection.close)

    def content(self) -> bytes:
        """All that it holds, for `put_back`."""
        return self._connection.serialize()

    def put_back(self, content: bytes) -> None:
        """Hold what it held when `content` was taken, and nothing else."""
        # Not into the connection itself: statements that it has prepared would use freed memory.
        with closing(sqlite3.connect(":memory:")) as source:
            source.deserialize(content)
            source.backup(self._connection)

    @contextmanager
    def transaction(self, *, write: bool) -> Iterator[None]:
        self._fail(self.broken or (self.full if write else None))
        if write and (other := self.before_write):
            self.before_write = None
            other()
        with super().transaction(write=write):
            yield

    def change_count(self) -> int:
        self._fail(self.broken)
        return super().change_count()

    def _fail(self, fault: StoreError | None) -> None:
        if fault:
            raise fault


class MemoryStore(Store):
    """A store on a `MemoryDatabase`, without backups."""

    def __init__(self) -> None:
        self.disk = MemoryDatabase()
        super().__init__(self.disk, Backups(Path("no backups of memory")))

    def backup_if_due(self, _now: datetime) -> None:
        """Make none: there is no folder for them."""


@cache
def _empty() -> bytes:
    with closing(connect(None)) as connection:
        migrate(connection, MIGRATIONS)
        return connection.serialize()
