"""Three ways to give a command: at a time that the test sets, to `main`, and to a shell."""

import argparse
import os
import shlex
import sys
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from kiosk.app import Environment, OpenData
from kiosk.cli.data import Opened
from kiosk.cli.main import main, make_parser
from kiosk.errors import KioskError
from kiosk.locale.problems import error_text
from kiosk.schedule.model import LedgerRow
from kiosk.settings.service import SettingsService
from kiosk.settings.sources import LayeredSettings
from kiosk.store.opening import open_store
from kiosk.system.folders import find_folders
from tests.fakes.wall_clock import FakeWallClock
from tests.processes import run
from tests.schedule.past import NOON, OSLO, record_session


class Result(NamedTuple):
    """The exit code of a command and its output."""

    code: int
    out: str
    err: str = ""


@cache
def parser() -> argparse.ArgumentParser:
    """The parser of the command line; making it takes a while."""
    return make_parser()


def lines(*each: str) -> str:
    return "".join(f"{line}\n" for line in each)


@dataclass
class Kiosk:
    """Takes command lines as `main` does, but at a time that the test sets."""

    state: Path
    capsys: pytest.CaptureFixture[str]
    clock: FakeWallClock = field(default_factory=lambda: FakeWallClock(NOON))
    environ: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.store = open_store(self.state, self.clock.utc()).store

    def __call__(self, *arguments: str) -> Result:
        args = parser().parse_args(arguments)
        try:
            code = args.act(self.opened(), args)
        except KioskError as error:
            return Result(1, self.capsys.readouterr().out, f"{error_text(error)}\n")
        return Result(code, *self.capsys.readouterr())

    def opened(self) -> Opened:
        """What a command would find now."""
        options = {"time_zone": OSLO.key}
        layers = LayeredSettings.read(self.state, self.environ, options)
        environment = Environment(find_folders(str(self.state), {}), layers)
        settings = SettingsService(layers, self.store)
        return Opened(environment, OpenData(settings, self.store, self.clock), self.clock.utc())

    def did(self, program: str = "low-back-start", **session: Any) -> int:
        return record_session(self.store, self.clock.utc(), program, **session)

    def settle(self, *rows: LedgerRow, until: datetime = NOON) -> None:
        """Store rows of the ledger, as a kiosk that was on until `until`."""
        self.store.ledger.write(rows, until)


@dataclass
class CommandLine:
    """Gives commands to `main`, all on one state directory."""

    state: Path
    capsys: pytest.CaptureFixture[str]

    def __call__(self, *arguments: object) -> Result:
        code = main([*map(str, arguments), "--state-dir", str(self.state)])
        return Result(code, *self.capsys.readouterr())


def shell(line: str, cwd: Path | None = None, **environ: str) -> Result:
    """A line given to a shell in which `kiosk` is this kiosk."""
    kiosk = f'kiosk() {{ {shlex.quote(sys.executable)} -m kiosk "$@"; }}'
    done = run("sh", "-c", f"{kiosk}\n{line}", cwd=cwd, env={**os.environ, **environ})
    return Result(done.returncode, done.stdout, done.stderr)
