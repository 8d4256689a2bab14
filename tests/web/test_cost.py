"""What a request of the schedule and the history costs: transactions, and files on its way."""

import os
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

import kiosk
import web
from kiosk.schedule.service import checked_entry
from tests.browser.household import PASSPHRASE as THEIR_PASSPHRASE
from tests.browser.household import live_in, set_up, store_of
from tests.fuzz.whole_kiosk import SETTINGS, WholeKiosk
from tests.schedule.past import NOON

FOLDERS = tuple(f"{Path(package.__file__).parent}{os.sep}" for package in (kiosk, web))


@dataclass
class Cost:
    """Of one request."""

    transactions: list[str] = field(default_factory=list)
    """The statement that begins each, with the tables' names where it is none."""

    files: set[str] = field(default_factory=set)
    """Files of `kiosk` and `web` of which a function ran."""


@contextmanager
def measured(connection: sqlite3.Connection) -> Iterator[Cost]:
    cost = Cost()
    begun = False

    def trace(statement: str) -> None:
        nonlocal begun
        word = statement.split(maxsplit=1)[0].upper()
        if word == "BEGIN" or (not begun and word in ("SELECT", "INSERT", "UPDATE", "DELETE")):
            cost.transactions.append(statement)
        begun = word == "BEGIN" or (begun and word not in ("COMMIT", "ROLLBACK"))

    def profile(frame, event: str, _arg: object) -> None:
        if event == "call" and frame.f_code.co_filename.startswith(FOLDERS):
            cost.files.add(frame.f_code.co_filename)

    connection.set_trace_callback(trace)
    before = sys.getprofile()
    sys.setprofile(profile)
    try:
        yield cost
    finally:
        sys.setprofile(before)
        connection.set_trace_callback(None)


@pytest.fixture(scope="module")
def lived_in(tmp_path_factory) -> Iterator[WholeKiosk]:
    """The whole kiosk of a household with six weeks of data and four entries, signed in."""
    yield from started(tmp_path_factory.mktemp("lived"), lambda store: live_in(store, NOON))


@pytest.fixture(scope="module")
def new(tmp_path_factory) -> Iterator[WholeKiosk]:
    """One with an entry and no session yet."""
    for made in started(tmp_path_factory.mktemp("new"), lambda store: None):
        texts = {"program": "low-back-start", "times": "08:00,18:30"}
        made.api.schedule.add(checked_entry(made.api.snapshots.take(), texts))
        yield made


def started(folder: Path, furnish: Callable[..., None]) -> Iterator[WholeKiosk]:
    state = folder / "state"
    (state / "programs").mkdir(parents=True)
    (state / "kiosk.toml").write_text(SETTINGS)
    with store_of(state) as store:
        set_up(store)
        furnish(store)
    made = WholeKiosk(state, folder / "clips", None)
    token = made.api.auth.sign_in(THEIR_PASSPHRASE, "a test", "127.0.0.1")
    with made.client.session_transaction() as session:
        session["token"] = token
    made.browser.read("/")
    yield made
    made.close()


def cost_of(whole: WholeKiosk, act: Callable[[], int], status: int) -> Cost:
    act()  # the first request compiles templates and reads files
    with measured(whole.memory.store._database._connection) as cost:
        assert act() == status
    return cost


@pytest.mark.parametrize(("path", "most"), [("/schedule", 5), ("/history", 6)])
@pytest.mark.parametrize("which", ["lived_in", "new"])
def test_a_page_is_read_in_few_transactions(request, which: str, path: str, most: int):
    whole: WholeKiosk = request.getfixturevalue(which)

    cost = cost_of(whole, lambda: whole.browser.get(path).status_code, 200)

    assert len(cost.transactions) <= most, cost.transactions


@pytest.mark.parametrize("which", ["lived_in", "new"])
def test_an_entry_is_changed_in_few_transactions_and_files(request, which: str):
    whole: WholeKiosk = request.getfixturevalue(which)
    whole.browser.read("/schedule/1")
    token = whole.browser.csrf()
    times = iter(("09:10", "09:20"))

    def change() -> int:
        entry = whole.api.snapshots.take().entry(1)
        fields = {
            **{"csrf_token": token, "version": entry.version, "program": entry.program},
            **{"starts": entry.starts.isoformat(), "weeks": entry.weeks or "", "do": "save"},
            "times": next(times),
            "days": [day.name.lower() for day in entry.days],
        }
        # Read before what is measured begins.
        return fields

    whole.client.post("/schedule/1", data=change())
    fields = change()
    with measured(whole.memory.store._database._connection) as cost:
        response = whole.client.post("/schedule/1", data=fields)

    assert response.status_code == 303
    assert f"{whole.api.snapshots.take().entry(1).times[0]:%H:%M}" == "09:20"
    assert len(cost.transactions) <= 4, cost.transactions
    assert len(cost.files) <= 22, sorted(cost.files)
