"""What the kiosk remembers, opened for a command or for the running kiosk."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from kiosk.bootstrap.base import Base
from kiosk.errors import SettingsError, StoreError, StoreTooNewError

if TYPE_CHECKING:
    from kiosk.adapters.store.files import StateLock
    from kiosk.adapters.store.sqlite_store import SqliteStore
    from kiosk.model.history import Dose
    from kiosk.ports import Store, WallClock

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Memory:
    """What the kiosk remembers, and the time it goes by."""

    base: Base
    """What it was opened with, and with the settings that it keeps laid over those."""

    store: SqliteStore
    zone: ZoneInfo
    clock: WallClock
    recovered: str | None
    """What was lost, where the data was damaged; `None` where all is well."""

    lock: StateLock | None = None
    """What keeps a second kiosk off the same folders."""

    def close(self) -> None:
        """Let go of the data and of the lock."""
        self.store.close()
        if self.lock is not None:
            self.lock.release()


def open_memory(base: Base, lock: StateLock | None = None, wall: WallClock | None = None) -> Memory:
    """Open what the kiosk remembers; the running kiosk hands in its lock, and may hand in what time
    it goes by.

    Raises StoreError where it cannot be opened, SettingsError for a time zone there is not.
    """
    from kiosk.adapters.board import is_raspberry_pi
    from kiosk.adapters.store.opening import open_store
    from kiosk.adapters.time_zone import zone_of
    from kiosk.adapters.wall_clock import SystemWallClock

    zone = zone_of(base.settings.time_zone)
    clock = wall or SystemWallClock(raspberry_pi=is_raspberry_pi())
    opened = open_store(base.folders.state, clock.utc(), lock)
    base = base.with_kept(opened.store.kept_settings())
    try:
        zone = zone_of(base.settings.time_zone)
    except SettingsError as error:
        logger.warning("The kept time zone is passed over. %s", error)
    return Memory(base, opened.store, zone, clock, opened.recovered, lock)


def open_memory_of_kiosk(base: Base, wall: WallClock | None = None) -> Memory | None:
    """As `open_memory`, for the one kiosk that runs on these folders; it stays theirs to its end.

    A kiosk without memory is better than none: where the disk does not let it remember, there is
    `None`, and the log says why.

    Raises StoreError where another kiosk runs there, or where a newer one has kept the data.
    """
    from kiosk.adapters.store.files import StateLock
    from kiosk.adapters.store.pending import take_pending

    state = base.folders.state
    try:
        lock = StateLock.take_if_free(state)
        if lock is not None:
            take_pending(state, lock, wall.utc() if wall else datetime.now(UTC))
            memory = open_memory(base, lock, wall)
            if memory.recovered is not None:
                logger.error("%s", memory.recovered)
            return memory
    except StoreTooNewError:
        raise
    except StoreError as error:
        told = "Nothing that is done will be remembered, and there are no pages. %s"
        logger.error(told, error)  # noqa: TRY400 - a sentence, not a trace
        return None
    raise StoreError(
        f"Another kiosk is running on {state}. Stop it first, or choose another state directory"
        " with --state-dir."
    )


def doses_of(store: Store) -> Callable[[str], Sequence[Dose]]:
    """The caregivers' changes to a program's doses; none where the store cannot be read, for a
    session of the usual dose is better than none.
    """

    def doses(program: str) -> Sequence[Dose]:
        try:
            return store.doses(program)
        except StoreError as error:
            logger.warning("Changed doses are not known. %s", error)
            return ()

    return doses


def make_backup(store: SqliteStore, now: datetime) -> None:
    """Make the day's backup if it is due; where that fails, the log says so."""
    try:
        store.backup_if_due(now)
    except StoreError as error:
        logger.warning("There is no backup of today. %s", error)
