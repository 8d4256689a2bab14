"""What the commands about plan and history share: opening the database."""

import argparse
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.app import Environment, OpenData, make_library, open_data
from kiosk.cli.common import english_text, environment_from
from kiosk.errors import DataError, Problem
from kiosk.programs import LONGEST_ID
from kiosk.schedule.occurrences import local_day
from kiosk.system.folders import Folders

if TYPE_CHECKING:
    from kiosk.programs.model import Program
    from kiosk.schedule.snapshot import ScheduleSnapshot


@dataclass(eq=False)
class Opened:
    """The data that such a command works on."""

    environment: Environment
    data: OpenData
    now: datetime
    """When the command was given (UTC)."""

    @property
    def today(self) -> date:
        """The day it is in the time zone in force."""
        return local_day(self.now, self.data.zone)

    @cached_property
    def view(self) -> "ScheduleSnapshot":
        """Plan, ledger and sessions as of `now`."""
        from kiosk.schedule.snapshot import ScheduleSnapshot

        return ScheduleSnapshot(
            store=self.data.store,
            programs=_Programs(self.environment.folders),
            zone=self.data.zone,
            now=self.now,
            trusted=self.data.clock.trusted(),
            settings=self.data.settings.current,
            under_way=self.session_under_way,
        )

    def program_file(self, program: str) -> Path | None:
        """The file of the program of that id: the household's own, else the shipped one."""
        import programs

        if not program.replace("-", "").isalnum() or len(program) > LONGEST_ID:
            return None
        folders = (self.environment.folders.programs, Path(programs.__path__[0]))
        files = (folder / f"{program}.toml" for folder in folders)
        return next((file for file in files if file.exists()), None)

    def session_under_way(self) -> bool:
        """Whether the session without an end goes on; one that was cut off has none either."""
        return self.view.open_session is not None and self.kiosk_runs()

    def kiosk_runs(self) -> bool:
        """Whether a kiosk runs on these folders. Raises StoreError where that cannot be found out.

        Ask only where it matters: where the system does not tell, the lock is taken for a moment,
        and a kiosk that starts just then would take that for another kiosk.
        """
        from kiosk.store.files import StateLock, is_running

        state = self.environment.folders.state
        if (running := is_running(state)) is not None:
            return running
        lock = StateLock.take_if_free(state)
        if lock is not None:
            lock.release()
        return lock is None


class _Programs:
    """A `ProgramSource` that imports the reader of programs, which is slow, only when asked."""

    def __init__(self, folders: Folders) -> None:
        self._folders = folders

    def load(self, program_id: str) -> "Program":
        """The program of that id. Raises UnknownProgramError, ProgramFileError."""
        return make_library(self._folders).load(program_id)

    def ids(self) -> Mapping[str, Path]:
        """Every program's id and its file."""
        return make_library(self._folders).ids()


Act = Callable[[Opened, argparse.Namespace], int]  # the body of a command; returns its exit code


@contextmanager
def opening(
    args: argparse.Namespace,
    also: Callable[[Environment], Iterable[Problem]] = lambda _environment: (),
) -> Iterator[Opened]:
    """The data for the command line; standard error says what of it was lost.

    Raises StoreError where it cannot be opened; DataError for a time zone there is not, together
    with the problems that `also` finds.
    """
    environment = environment_from(args)
    try:
        data = open_data(environment)
    except DataError as error:
        raise DataError([*error.problems, *also(environment)]) from error
    try:
        if data.recovered is not None:
            print(english_text(data.recovered), file=sys.stderr)
        yield Opened(environment, data, data.clock.utc())
    finally:
        data.close()


def run(args: argparse.Namespace) -> int:
    """Open the data and run the body `args.act` of the command."""
    with opening(args) as opened:
        act: Act = args.act
        return act(opened, args)
