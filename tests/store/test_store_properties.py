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
maybe_number, maybe_text = st.none() | small, st.none() | texts
spots = st.builds(Spot, small, maybe_number, maybe_text, maybe_number, maybe_text)
done = st.lists(st.builds(ExerciseDone, ids, texts, *[small] * 6), max_size=4)
sessions = st.builds(
    SessionRecord,
    *(st.just(0), texts, small, moments, days, st.none() | moments),
    *(st.none() | st.sampled_from(Ending), st.none() | spots, st.none() | st.sampled_from(Effort)),
    *(done.map(tuple), st.none() | ids, texts),
)
entries = st.builds(
    PlanEntry,
    *(ids, texts, st.frozensets(st.sampled_from(Weekday))),
    *(st.lists(times, unique=True).map(tuple), days, maybe_number, st.booleans()),
    *(st.none(), versions),
)
ledger_rows = st.builds(
    LedgerRow,
    st.builds(Occurrence, ids, texts, days, times, moments),
    *(st.sampled_from(OccurrenceState), small, st.none() | moments, st.none() | ids),
)
keys = st.tuples(ids, days, times)
doses = st.builds(Dose, st.sampled_from("ab"), st.sampled_from("xy"), *[maybe_number] * 3)
values = st.dictionaries(texts, st.none() | st.booleans() | small | texts | st.lists(texts))
optional_values = st.none() | values
audit_lines = st.builds(
    AuditEntry, moments, actors, st.sampled_from(Change), texts, optional_values, optional_values
)
auth_sessions = st.builds(
    StoredAuthSession,
    *(st.sampled_from("abc"), st.sampled_from("xyz"), moments, moments, texts, texts),
)
auth_ids = st.sampled_from("abc")
secret_names = st.sampled_from(SECRETS)
failing = st.lists(st.sampled_from(KEYS), max_size=3)
setting_names = st.sampled_from(["rate", "pin"])

CALLS = {
    "sessions.begin": (sessions,),
    "sessions.progress": (ids, spots, done),
    "sessions.end": (ids, moments, st.sampled_from(Ending), spots, done),
    "sessions.set_effort": (ids, st.sampled_from(Effort)),
    "sessions.drop": (ids,),
    "plan.add": (entries, actors, moments),
    "plan.change": (entries, actors, moments),
    "plan.restore": (entries, actors, moments),
    "plan.remove": (ids, versions, actors, moments),
    "ledger.write": (st.lists(ledger_rows, max_size=4), moments, st.lists(keys, max_size=3)),
    "doses.set": (doses, actors, moments),
    "settings.set": (st.dictionaries(setting_names, maybe_text), actors, moments),
    "declined_steps.add": (st.sampled_from(PROGRAMS), st.just("up"), small, actors, moments),
    "audit.add": (audit_lines,),
    "auth.renew": (st.dictionaries(secret_names, maybe_text), auth_sessions, audit_lines),
    "auth.set_secret": (secret_names, maybe_text, st.none() | audit_lines),
    "auth.add_session": (auth_sessions, audit_lines, failing),
    "auth.set_seen": (auth_ids, moments),
    "auth.remove_sessions": (st.lists(auth_ids), st.none() | audit_lines),
    "auth.add_failure": (failing,),
    "auth.forget_failures": (failing,),
}
"""Every method that changes the store, and its arguments."""

calls = st.one_of(st.tuples(st.just(name), *arguments) for name, arguments in CALLS.items())


def result_of(store, name, *arguments):
    """The result of a method, or the kind of error it raises."""
    table, method = name.split(".")
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

    @rule()
    def begin_or_commit(self):
        self.under_way.close()
        self.under_way.enter_context(self.in_memory.writing())

    @rule(some=st.lists(calls, min_size=1, max_size=6))
    def change(self, some):
        for call in some:
            assert result_of(self.in_memory, *call) == result_of(self.on_disk, *call)

    @rule()
    def close_and_open_again(self):
        self.on_disk.close()
        self.on_disk = open_store(Path(self.folder.name), NOW.astimezone(UTC)).store

    @invariant()
    def they_hold_the_same(self):
        assert everything(self.on_disk) == everything(self.in_memory)


TestBothStores = BothStores.TestCase
TestBothStores.settings = settings(max_examples=30, stateful_step_count=30, deadline=None)
