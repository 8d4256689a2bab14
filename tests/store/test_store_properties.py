"""Whatever is done in whatever order, alone or in a larger transaction, comes to the same."""

import tempfile
from contextlib import ExitStack
from datetime import UTC, date, datetime, time, timedelta, timezone
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from kiosk.errors import KioskError
from kiosk.history.audit import Actor, AuditEntry, Change
from kiosk.history.model import Effort, Ending, ExerciseDone, SessionRecord, Spot
from kiosk.levels.doses import Dose
from kiosk.schedule.model import LedgerRow, Occurrence, OccurrenceState, PlanEntry, Weekday
from kiosk.store.auth import StoredAuthSession
from kiosk.store.opening import open_store
from kiosk.store.store import Store
from tests.fakes.store import MemoryStore
from tests.store.kit import KEYS, MEMORY, NOW, PROGRAMS, SECRETS, everything

small = st.integers(0, 4)
ids = st.integers(1, 5)
texts = st.text(max_size=8)
versions = st.integers(0, 2)
zones = st.integers(-14 * 60, 14 * 60).map(lambda m: timezone(timedelta(minutes=m)))
moments = st.datetimes(datetime(1970, 1, 2), datetime(2100, 1, 1), timezones=zones)  # noqa: DTZ001
days = st.dates(date(2026, 2, 27), date(2026, 3, 3))
times = st.sampled_from([time(0), time(8), time(18, 30)])
actors = st.sampled_from(Actor)
spots = st.builds(
    Spot, small, st.none() | small, st.none() | texts, st.none() | small, st.none() | texts
)
done = st.lists(
    st.builds(ExerciseDone, ids, texts, small, small, small, small, small, small), max_size=4
)
sessions = st.builds(
    SessionRecord,
    st.just(0),
    texts,
    small,
    moments,
    days,
    st.none() | moments,
    st.none() | st.sampled_from(Ending),
    st.none() | spots,
    st.none() | st.sampled_from(Effort),
    done.map(tuple),
    st.none() | ids,
    texts,
)
entries = st.builds(
    PlanEntry,
    ids,
    texts,
    st.frozensets(st.sampled_from(Weekday)),
    st.lists(times, unique=True).map(tuple),
    days,
    st.none() | small,
    st.booleans(),
    st.none(),
    versions,
)
ledger_rows = st.builds(
    LedgerRow,
    st.builds(Occurrence, ids, texts, days, times, moments),
    st.sampled_from(OccurrenceState),
    small,
    st.none() | moments,
    st.none() | ids,
)
keys = st.tuples(ids, days, times)
doses = st.builds(
    Dose,
    st.sampled_from("ab"),
    st.sampled_from("xy"),
    st.none() | small,
    st.none() | small,
    st.none() | small,
)


values = st.dictionaries(texts, st.none() | st.booleans() | small | texts | st.lists(texts))
audit_lines = st.builds(
    AuditEntry,
    moments,
    actors,
    st.sampled_from(Change),
    texts,
    st.none() | values,
    st.none() | values,
)
secrets = st.dictionaries(st.sampled_from(SECRETS), st.none() | texts)
auth_sessions = st.builds(
    StoredAuthSession,
    st.sampled_from("abc"),
    st.sampled_from("xyz"),
    moments,
    moments,
    texts,
    texts,
)
CHANGES_OF_AN_ENTRY = ("add", "change", "restore")
failing = st.lists(st.sampled_from(KEYS), max_size=3)


def on(store: Store, table: str, method: str, *arguments):
    """What a method answers, or the kind of error it raises."""
    try:
        return getattr(getattr(store, table), method)(*arguments)
    except KioskError as error:
        return type(error)


class BothStores(RuleBasedStateMachine):
    """On disk each call is a transaction by itself; in memory it is a part of a larger one, in
    which an error is caught and more is done.
    """

    def __init__(self):
        super().__init__()
        self.folder = tempfile.TemporaryDirectory(dir=MEMORY)
        self.on_disk = open_store(Path(self.folder.name), NOW).store
        self.in_memory = MemoryStore()
        self.under_way = ExitStack()

    def teardown(self):
        self.under_way.close()
        self.on_disk.close()
        self.folder.cleanup()

    def both(self, table, method, *arguments):
        alone = on(self.on_disk, table, method, *arguments)
        assert on(self.in_memory, table, method, *arguments) == alone

    @rule()
    def begin_or_commit(self):
        self.under_way.close()
        self.under_way.enter_context(self.in_memory.writing())

    @rule(record=sessions)
    def begin_session(self, record):
        self.both("sessions", "begin", record)

    @rule(session=ids, spot=spots, exercises=done)
    def progress(self, session, spot, exercises):
        self.both("sessions", "progress", session, spot, exercises)

    @rule(session=ids, at=moments, ending=st.sampled_from(Ending), spot=spots, exercises=done)
    def end_session(self, session, at, ending, spot, exercises):
        self.both("sessions", "end", session, at, ending, spot, exercises)

    @rule(session=ids, effort=st.sampled_from(Effort))
    def set_effort(self, session, effort):
        self.both("sessions", "set_effort", session, effort)

    @rule(session=ids)
    def drop_session(self, session):
        self.both("sessions", "drop", session)

    @rule(entry=entries, actor=actors, now=moments, method=st.sampled_from(CHANGES_OF_AN_ENTRY))
    def change_the_plan(self, entry, actor, now, method):
        self.both("plan", method, entry, actor, now)

    @rule(entry=ids, version=versions, actor=actors, now=moments)
    def remove_entry(self, entry, version, actor, now):
        self.both("plan", "remove", entry, version, actor, now)

    @rule(rows=st.lists(ledger_rows, max_size=4), until=moments, forget=st.lists(keys, max_size=3))
    def write_ledger(self, rows, until, forget):
        self.both("ledger", "write", rows, until, forget)

    @rule(dose=doses, actor=actors, now=moments)
    def set_dose(self, dose, actor, now):
        self.both("doses", "set", dose, actor, now)

    @rule(values=st.dictionaries(st.sampled_from(["rate", "pin"]), st.none() | texts), now=moments)
    def set_settings(self, values, now):
        self.both("settings", "set", values, Actor.PAGE, now)

    @rule(program=st.sampled_from(PROGRAMS), session=small, actor=actors, now=moments)
    def decline_a_step(self, program, session, actor, now):
        self.both("declined_steps", "add", program, "up", session, actor, now)

    @rule(entry=audit_lines)
    def add_to_the_audit(self, entry):
        self.both("audit", "add", entry)

    @rule(values=secrets, session=auth_sessions, line=audit_lines)
    def renew(self, values, session, line):
        self.both("auth", "renew", values, session, line)

    @rule(name=st.sampled_from(SECRETS), value=st.none() | texts, line=st.none() | audit_lines)
    def set_secret(self, name, value, line):
        self.both("auth", "set_secret", name, value, line)

    @rule(session=auth_sessions, line=audit_lines, forget=failing)
    def add_auth_session(self, session, line, forget):
        self.both("auth", "add_session", session, line, forget)

    @rule(session=st.sampled_from("abc"), seen=moments)
    def set_seen(self, session, seen):
        self.both("auth", "set_seen", session, seen)

    @rule(gone=st.lists(st.sampled_from("abc")), line=st.none() | audit_lines)
    def remove_auth_sessions(self, gone, line):
        self.both("auth", "remove_sessions", gone, line)

    @rule(keys=failing)
    def add_failure(self, keys):
        self.both("auth", "add_failure", keys)

    @rule(keys=failing)
    def forget_failures(self, keys):
        self.both("auth", "forget_failures", keys)

    @rule()
    def close_and_open_again(self):
        self.on_disk.close()
        self.on_disk = open_store(Path(self.folder.name), NOW.astimezone(UTC)).store

    @invariant()
    def they_hold_the_same(self):
        assert everything(self.on_disk) == everything(self.in_memory)


TestBothStores = BothStores.TestCase
TestBothStores.settings = settings(max_examples=30, stateful_step_count=30, deadline=None)
