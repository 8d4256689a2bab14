"""Whatever is done in whatever order, the store on disk and its stand-in remember the same."""

import tempfile
from datetime import UTC, date, datetime, time, timedelta, timezone
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from kiosk.errors import KioskError
from kiosk.history.audit import Actor, AuditEntry
from kiosk.history.model import Effort, Ending, ExerciseDone, SessionRecord, Spot
from kiosk.levels.doses import Dose
from kiosk.schedule.model import LedgerRow, Occurrence, OccurrenceState, PlanEntry, Weekday
from kiosk.store.auth import StoredAuthSession
from kiosk.store.opening import open_store
from tests.fakes.store import FakeStore
from tests.store.kit import KEYS, MEMORY, NOW, SECRETS, everything

small = st.integers(0, 4)
ids = st.integers(1, 5)
texts = st.text(max_size=8)
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
    st.integers(0, 2),
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


audit_lines = st.builds(AuditEntry, moments, actors, texts)
secrets = st.dictionaries(st.sampled_from(SECRETS), st.none() | texts)
visitors = st.builds(
    StoredAuthSession,
    st.sampled_from("abc"),
    st.sampled_from("xyz"),
    moments,
    moments,
    texts,
    texts,
)
failing = st.lists(st.sampled_from(KEYS), max_size=3)


class BothStores(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.folder = tempfile.TemporaryDirectory(dir=MEMORY)
        self.on_disk = open_store(Path(self.folder.name), NOW).store
        self.stand_in = FakeStore()

    def teardown(self):
        self.on_disk.close()
        self.folder.cleanup()

    def both(self, method, *arguments):
        answers = [outcome(store, method, arguments) for store in (self.on_disk, self.stand_in)]
        assert answers[0] == answers[1]

    @rule(record=sessions)
    def begin_session(self, record):
        self.both("begin_session", record)

    @rule(session=ids, spot=spots, exercises=done)
    def note_progress(self, session, spot, exercises):
        self.both("note_progress", session, spot, exercises)

    @rule(session=ids, at=moments, ending=st.sampled_from(Ending), spot=spots, exercises=done)
    def end_session(self, session, at, ending, spot, exercises):
        self.both("end_session", session, at, ending, spot, exercises)

    @rule(session=ids, effort=st.sampled_from(Effort))
    def note_effort(self, session, effort):
        self.both("note_effort", session, effort)

    @rule(session=ids)
    def drop_session(self, session):
        self.both("drop_session", session)

    @rule(entry=entries, actor=actors, now=moments)
    def add_entry(self, entry, actor, now):
        self.both("add_entry", entry, actor, now)

    @rule(entry=entries, actor=actors, now=moments)
    def change_entry(self, entry, actor, now):
        self.both("change_entry", entry, actor, now)

    @rule(entry=ids, actor=actors, now=moments)
    def remove_entry(self, entry, actor, now):
        self.both("remove_entry", entry, actor, now)

    @rule(rows=st.lists(ledger_rows, max_size=4), until=moments, forget=st.lists(keys, max_size=3))
    def write_ledger(self, rows, until, forget):
        self.both("write_ledger", rows, until, forget)

    @rule(dose=doses, actor=actors, now=moments)
    def set_dose(self, dose, actor, now):
        self.both("set_dose", dose, actor, now)

    @rule(
        actor=actors,
        now=moments,
        what=texts,
        changed=st.lists(doses, max_size=3),
        moved=st.lists(entries, max_size=3),
        values=st.dictionaries(st.sampled_from(["rate", "pin"]), st.none() | texts),
    )
    def change_level(self, actor, now, what, changed, moved, values):
        self.both("change_level", actor, now, what, changed, moved, values)

    @rule(values=st.dictionaries(st.sampled_from(["rate", "pin"]), st.none() | texts), now=moments)
    def keep_settings(self, values, now):
        self.both("keep_settings", values, Actor.PAGE, now)

    @rule(entry=st.builds(AuditEntry, moments, actors, texts))
    def note(self, entry):
        self.both("note", entry)

    @rule(entry=entries, actor=actors, now=moments)
    def restore_entry(self, entry, actor, now):
        self.both("restore_entry", entry, actor, now)

    @rule(values=secrets, visitor=visitors, line=audit_lines)
    def renew_door(self, values, visitor, line):
        self.both("renew_door", values, visitor, line)

    @rule(name=st.sampled_from(SECRETS), value=st.none() | texts, line=st.none() | audit_lines)
    def keep_door_secret(self, name, value, line):
        self.both("keep_door_secret", name, value, line)

    @rule(visitor=visitors, line=audit_lines, forget=failing)
    def add_visitor(self, visitor, line, forget):
        self.both("add_visitor", visitor, line, forget)

    @rule(visitor=st.sampled_from("abc"), seen=moments)
    def see_visitor(self, visitor, seen):
        self.both("see_visitor", visitor, seen)

    @rule(gone=st.lists(st.sampled_from("abc")), line=st.none() | audit_lines)
    def remove_visitors(self, gone, line):
        self.both("remove_visitors", gone, line)

    @rule(token=st.sampled_from("xyz"))
    def ask_for_a_visitor(self, token):
        self.both("visitor_of", token)

    @rule(keys=failing)
    def note_failure(self, keys):
        self.both("note_failure", keys)

    @rule(keys=failing)
    def forget_failures(self, keys):
        self.both("forget_failures", keys)

    @rule(first=st.none() | days, last=st.none() | days, newest=st.none() | small)
    def ask_for_sessions(self, first, last, newest):
        self.both("sessions", first, last, newest)

    @rule(first=days, last=days, newest=small)
    def ask_for_parts(self, first, last, newest):
        self.both("ledger", first, last)
        self.both("audit", newest)
        self.both("doses", "a")

    @rule()
    def close_and_open_again(self):
        self.on_disk.close()
        self.on_disk = open_store(Path(self.folder.name), NOW.astimezone(UTC)).store

    @invariant()
    def they_remember_the_same(self):
        assert everything(self.on_disk) == everything(self.stand_in)


def outcome(store, method, arguments):
    """What a method answers, or the kind of error it raises."""
    try:
        return getattr(store, method)(*arguments)
    except KioskError as error:
        return type(error)


TestBothStores = BothStores.TestCase
TestBothStores.settings = settings(max_examples=30, stateful_step_count=30, deadline=None)
