"""Builders and helpers for the tests of the store."""

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from random import Random
from time import perf_counter

import pytest

from kiosk.errors import StoreError
from kiosk.history.audit import Actor, AuditEntry
from kiosk.history.model import ExerciseDone, SessionRecord, Spot
from kiosk.schedule.model import EVERY_DAY, LedgerRow, Occurrence, OccurrenceState, PlanEntry
from kiosk.store.archive import write_backup
from kiosk.store.auth import StoredAuthSession
from kiosk.store.files import FILE_NAME, StateLock
from kiosk.store.opening import OpenedStore, open_store
from kiosk.store.restore import restore_backup, restore_pending
from kiosk.store.store import Store
from tests.audit_log import sentences, text_entry

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
TODAY = NOW.date()
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
NEXT_DAY = NOW + DAY
COPY = ".before-restore-20260303-080000"
"""What is added to the name of a file that a backup replaces on the next day."""

ROOT = Path(__file__).parents[2]
"""The folder from which `child` is run."""

MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - for tempfile's own use
"""Where files need no disk; `None` for the usual place."""

LINES = 20
"""Lines of the audit that `fill` writes; together some ten pages."""

SECRETS = ("passphrase", "calendar")
PROGRAMS = ("low-back-start", "low-back-next")
"""Programs whose declined steps `everything` reads."""

KEYS = ("everybody", "192.168.1.20", "192.168.1.30")
"""Keys whose failures `everything` reads."""

SPOT = Spot(81_500, exercise=3, exercise_id="glute-bridge", set=1, side=None, rep=5)


def a_session(program: str = "low-back-start", started: datetime = NOW, **other) -> SessionRecord:
    """A session that begins now."""
    session = SessionRecord(0, program, 1, started, started.date(), None, None, None, None)
    return replace(session, **other)


def done(exercise: int = 1, reps: int = 8) -> ExerciseDone:
    return ExerciseDone(exercise, f"exercise-{exercise}", 1, reps, reps // 2, reps // 2, 2, 8)


def an_entry(program: str = "low-back-start", **other) -> PlanEntry:
    entry = PlanEntry(0, program, EVERY_DAY, (time(8), time(18, 30)), date(2026, 3, 1), 8)
    return replace(entry, **other)


def a_row(day: date = TODAY, at: time = time(8), entry: int = 1, **other) -> LedgerRow:
    due = other.pop("due", datetime.combine(day, at, UTC))
    values = {"state": OccurrenceState.DUE, **other}
    return LedgerRow(Occurrence(entry, "low-back-start", day, at, due), **values)


def a_line(what: str = "The kiosk was started.") -> AuditEntry:
    return text_entry(NOW, Actor.KIOSK, what)


def everything(store: Store) -> dict[str, object]:
    """All that can be read of a store."""
    return {
        "sessions": store.sessions.between(),
        "open": store.sessions.open(),
        "plan": store.plan.entries(),
        "ledger": store.ledger.between(date.min, date.max),
        "settled": store.ledger.settled_until(),
        "doses": store.doses.of(),
        "settings": store.settings.stored(),
        "audit": store.audit.newest(10**6),
        "losses": store.audit.losses(),
        "declined": [store.declined_steps.latest_session(program) for program in PROGRAMS],
        "secrets": [store.auth.secret(name) for name in SECRETS],
        "auth_sessions": store.auth.sessions(),
        "failures": [store.auth.failures(key) for key in KEYS],
    }


def a_device(id: str = "1a2b", at: datetime = NOW, **other) -> StoredAuthSession:  # noqa: A002
    """A signed-in device, a phone."""
    device = StoredAuthSession(id, f"hash of {id}", at, at, "Firefox on a phone", "192.168.1.20")
    return replace(device, **other)


@contextmanager
def opened(state: Path, now: datetime = NOW, **options) -> Iterator[Store]:
    """The store in `state`, as any command opens it."""
    with closing(open_store(state, now, **options).store) as store:
        yield store


@contextmanager
def opened_by_kiosk(state: Path, now: datetime = NOW, **options) -> Iterator[OpenedStore]:
    """The store in `state`, as the kiosk opens it, which looks at every page."""
    with StateLock.take(state) as lock:
        found = open_store(state, now, lock, **options)
        with closing(found.store):
            yield found


@contextmanager
def opened_sound(state: Path, now: datetime = NOW, **options) -> Iterator[Store]:
    """The store in `state` as the kiosk opens it, which finds nothing to be recovered."""
    with opened_by_kiosk(state, now, **options) as found:
        assert found.recovered is None
        yield found.store


def fill(state: Path, lines: int = LINES) -> None:
    """Store a session, and lines enough for some pages of the file."""
    with opened(state) as store:
        store.sessions.begin(a_session())
        # At once, as each change by itself would wait for the disk.
        with store.writing():
            for number in range(lines):
                store.audit.add(a_line(f"Line {number}, {'and so on, ' * 180}"))


def lines_in(state: Path) -> list[str]:
    with opened(state) as store:
        return sentences(store)


def household(state: Path, name: str, *, own: tuple[str, ...] = ("ours",)) -> Path:
    """A state directory with own programs, settings and a line of the log, all with its `name`."""
    with opened(state) as store:
        store.audit.add(a_line(name))
    (state / "programs").mkdir(exist_ok=True)
    for program in own:
        (state / "programs" / f"{program}.toml").write_text(f"# {name}\n")
    (state / "kiosk.toml").write_text(f"# {name}\nvolume = 50\n")
    return state


def packed(state: Path, file: Path, clips: Path | None = None) -> Path:
    """`file`, with a backup of that state directory."""
    with opened(state) as store:
        write_backup(state, store, file, NOW, clips)
    return file


def copied(state: Path, file: Path) -> Path:
    """`file`, with a bare copy of that database."""
    with opened(state) as store:
        store.backup_to(file)
    return file


def start(state: Path) -> None:
    """Restore the pending backup, as the kiosk does at its start."""
    with StateLock.take(state) as lock:
        restore_pending(state, lock, NEXT_DAY)


def refusal(state: Path, file: Path) -> str:
    """The error of restoring the backup, which has changed nothing."""
    before = picture(state)
    with pytest.raises(StoreError) as refused:
        restore_backup(state, file, NEXT_DAY)
    after = picture(state)
    for names in (before, after):
        names.pop("kiosk.lock", None)
    assert after == before
    text = str(refused.value)
    assert text.startswith(f"{file} ")
    assert text.endswith(" Nothing was changed.")
    assert text.isprintable()
    return text


@contextmanager
def bare(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection to the file past the store."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        yield connection


def data_file(state: Path) -> Path:
    return state / FILE_NAME


def picture(folder: Path) -> dict[str, tuple[bytes | None, int]]:
    """The content of every name in a folder, and when it was last written."""
    return {
        str(path.relative_to(folder)): (
            path.read_bytes() if path.is_file() else None,
            path.stat().st_mtime_ns,
        )
        for path in sorted(folder.rglob("*"))
    }


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def spoil_the_end(path: Path) -> None:
    """Overwrite the last quarter of a file."""
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(size * 3 // 4)
        file.write(b"\xa5" * (size // 4))


class Worker:
    """A process whose children work on a store until they are killed."""

    def __init__(self, process):
        self._process = process

    def kill_one(self, work, seed, state, *, most, within, cut=lambda: None):
        """Let a child do some `work` and kill it at a random moment; what it acknowledged.

        The moment comes up to `within` seconds after one of the first `most` acknowledgements.
        What the child still acknowledged in that time counts. `cut` is called before the kill.
        """
        random = Random(seed)  # noqa: S311
        wanted = random.randrange(most)
        self._process.stdin.write(f"{work} {seed} {state}\n")
        self._process.stdin.flush()
        pid = int(self._line().removeprefix("pid "))
        for _ in range(wanted):
            assert self._line() == "done"
        moment = perf_counter() + random.random() * within
        while perf_counter() < moment:
            pass
        cut()
        os.kill(pid, signal.SIGKILL)
        more = 0
        while self._line() == "done":
            more += 1
        return wanted + more

    def _line(self):
        return self._process.stdout.readline().rstrip("\n")


@contextmanager
def child(
    name: str, *arguments: object, stderr: int = subprocess.STDOUT
) -> Iterator[subprocess.Popen[str]]:
    """One of `tests.store.children`, running; it ends well once its input is closed."""
    command = [sys.executable, "-m", "tests.store.children", name, *map(str, arguments)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": stderr}
    with subprocess.Popen(command, cwd=ROOT, text=True, **pipes) as process:
        yield process
        process.stdin.close()
    assert process.returncode == 0


@contextmanager
def a_worker(stderr: int = subprocess.STDOUT) -> Iterator[Worker]:
    with child("worker", stderr=stderr) as process:
        yield Worker(process)
