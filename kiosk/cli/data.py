"""What the commands about plan and history share: opening what the kiosk remembers."""

import argparse
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path

from kiosk.app import Environment, OpenData, make_library, open_data
from kiosk.cli.common import base_from
from kiosk.errors import DataError, Problem
from kiosk.programs.model import Program
from kiosk.schedule.view import View
from kiosk.system.folders import Folders


@dataclass(frozen=True)
class Opened:
    """What such a command works on."""

    base: Environment
    """With the settings that the kiosk goes by."""

    memory: OpenData
    now: datetime
    """When the command was given (UTC)."""

    @cached_property
    def view(self) -> View:
        """What plan and history are looked at with."""
        return View(
            store=self.memory.store,
            programs=_Programs(self.base.folders),
            zone=self.memory.zone,
            now=self.now,
            trusted=self.memory.clock.trusted(),
            settings=self.base.settings,
            under_way=self.session_under_way,
        )

    def session_under_way(self) -> bool:
        """Whether the session that has no end yet is really going on: the one of a kiosk that was
        cut off has none either, until that kiosk starts again.
        """
        return self.memory.store.sessions.open() is not None and self.kiosk_runs()

    def kiosk_runs(self) -> bool:
        """Whether a kiosk runs on these folders. Raises StoreError where that cannot be found out.

        Ask only where it matters: where the system does not tell, the lock is taken for a moment,
        and a kiosk that starts just then would take that for another kiosk.
        """
        from kiosk.store.files import StateLock, is_running

        state = self.base.folders.state
        if (running := is_running(state)) is not None:
            return running
        lock = StateLock.take_if_free(state)
        if lock is not None:
            lock.release()
        return lock is None


class _Programs:
    """The programs there are. What reads them is imported once they are asked for, which takes a
    while; most commands never do.
    """

    def __init__(self, folders: Folders) -> None:
        self._folders = folders

    def load(self, program_id: str) -> Program:
        """The program of that id. Raises UnknownProgramError, ProgramFileError."""
        return make_library(self._folders).load(program_id)

    def ids(self) -> Mapping[str, Path]:
        """Every program's id and its file."""
        return make_library(self._folders).ids()


Act = Callable[[Opened, argparse.Namespace], int]
"""What a command does; its exit code."""


@contextmanager
def opening(
    args: argparse.Namespace, also: Callable[[Environment], Iterable[Problem]] = lambda _base: ()
) -> Iterator[Opened]:
    """Folders, settings and memory for the command line; what was lost of it is told.

    Raises StoreError where it cannot be opened; DataError for a time zone there is not, and then
    for what `also` finds, so that all that is wrong is told at once.
    """
    base = base_from(args)
    try:
        memory = open_data(base)
    except DataError as error:
        raise DataError([*error.problems, *also(base)]) from error
    try:
        if memory.recovered is not None:
            print(memory.recovered, file=sys.stderr)
        yield Opened(memory.base, memory, memory.clock.utc())
    finally:
        memory.close()


def run(args: argparse.Namespace) -> int:
    """Do what the command line's `act` does with what the kiosk remembers."""
    with opening(args) as opened:
        act: Act = args.act
        return act(opened, args)
