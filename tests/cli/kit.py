"""A kiosk's data on disk, a time of day that stands still, and the commands given to both."""

import argparse
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from kiosk.app import Environment, OpenData
from kiosk.cli.data import Opened
from kiosk.cli.main import make_parser
from kiosk.errors import KioskError
from kiosk.history.model import Effort, Ending, ExerciseDone, SessionRecord, Spot
from kiosk.locale.problems import error_text
from kiosk.schedule.ledger import done
from kiosk.schedule.model import LedgerRow, Occurrence, OccurrenceState
from kiosk.schedule.occurrences import moment_of
from kiosk.settings.service import SettingsService
from kiosk.settings.sources import LayeredSettings
from kiosk.store.opening import open_store
from kiosk.system.folders import find_folders
from tests.fakes.wall_clock import FakeWallClock
from tests.schedule.past import AT_THE_END, NOON, OSLO


class Told(NamedTuple):
    """What came of a command."""

    code: int
    out: str
    err: str = ""


@cache
def parser() -> argparse.ArgumentParser:
    """The parser of the command line; making it takes a while."""
    return make_parser()


def lines(*told: str) -> str:
    return "".join(f"{line}\n" for line in told)


@dataclass
class Kiosk:
    """Takes command lines as `main` does, but at a time that the test sets."""

    state: Path
    capsys: pytest.CaptureFixture[str]
    clock: FakeWallClock = field(default_factory=lambda: FakeWallClock(NOON))
    environ: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.store = open_store(self.state, self.clock.utc()).store

    def __call__(self, *arguments: str) -> Told:
        args = parser().parse_args(arguments)
        try:
            code = args.act(self.opened(), args)
        except KioskError as error:
            return Told(1, self.capsys.readouterr().out, f"{error_text(error)}\n")
        return Told(code, *self.capsys.readouterr())

    def opened(self) -> Opened:
        """What a command would find now."""
        options = {"time_zone": OSLO.key}
        layers = LayeredSettings.read(self.state, self.environ, options)
        environment = Environment(find_folders(str(self.state), {}), layers)
        settings = SettingsService(layers, self.store)
        return Opened(environment, OpenData(settings, self.store, self.clock), self.clock.utc())

    def did(
        self,
        program: str = "low-back-start",
        *,
        ago: timedelta = timedelta(0),
        ending: Ending | None = Ending.COMPLETED,
        spot: Spot = AT_THE_END,
        effort: Effort | None = None,
        exercises: tuple[ExerciseDone, ...] = (),
        entry: int | None = None,
        dose: str = "",
    ) -> int:
        """Keep a session that ended, or was cut off, `ago` before now; its id."""
        ended = self.clock.utc() - ago
        began = ended - timedelta(minutes=6)
        session = self.store.sessions.begin(
            SessionRecord(
                id=0,
                program=program,
                level=1,
                started=began,
                local_date=began.astimezone(OSLO).date(),
                ended=None,
                ending=None,
                stopped_at=None,
                effort=None,
                entry=entry,
                dose=dose,
            )
        )
        if ending is None:
            self.store.sessions.progress(session, spot, exercises)
        else:
            self.store.sessions.end(session, ended, ending, spot, exercises)
        if effort is not None:
            self.store.sessions.set_effort(session, effort)
        return session

    def settle(self, *rows: LedgerRow, until: datetime = NOON) -> None:
        """Keep what became of occurrences, as the kiosk does that was on `until` then."""
        self.store.ledger.write(rows, until)


def row(
    day: date,
    wall: time,
    state: OccurrenceState,
    *,
    entry: int = 1,
    program: str = "low-back-start",
    session: int | None = None,
) -> LedgerRow:
    """What became of the occurrence on `day` at `wall`."""
    due = moment_of(day, wall, OSLO)
    assert due is not None
    occurrence = Occurrence(entry, program, day, wall, due)
    # What is due was called out as often as it ever is; so nothing has kept the kiosk from it.
    kept = LedgerRow(occurrence, state, reminders=3 if state is OccurrenceState.DUE else 0)
    return done(kept, session) if state is OccurrenceState.DONE else kept
