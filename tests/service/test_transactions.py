"""How often a request of the pages asks the database."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest

from kiosk.app import open_data
from kiosk.history.audit import Actor
from tests.kiosk import KioskKit

NOW = datetime(2026, 11, 22, tzinfo=UTC)


@pytest.fixture
def kiosk(tmp_path):
    kiosk = KioskKit(tmp_path / "state", on_files=True).filled()
    kiosk.browser.sign_in()
    for _ in range(2):  # the first one keeps when the browser was seen, the second notices that
        kiosk.browser.get("/schedule")
    yield kiosk
    kiosk.close()


@contextmanager
def transactions(kiosk) -> Iterator[list[list[str]]]:
    """The statements of each transaction from now on."""
    found: list[list[str]] = []

    def note(statement: str) -> None:
        if statement.startswith("BEGIN"):
            found.append([])
        elif found and not statement.startswith(("COMMIT", "PRAGMA")):
            found[-1].append(statement)

    connection = kiosk.data.store._database._connection
    connection.set_trace_callback(note)
    yield found
    connection.set_trace_callback(None)


def of_settings(found: list[list[str]]) -> int:
    """How many of the transactions read or write settings."""
    return sum(any(" setting" in line for line in statements) for statements in found)


@pytest.mark.parametrize("path", ["/schedule", "/history", "/settings", "/programs", "/"])
def test_a_request_reads_no_settings_where_nothing_has_changed(kiosk, path):
    with transactions(kiosk) as found:
        assert kiosk.browser.get(path).status_code == 200
    assert of_settings(found) == 0
    assert found


@pytest.mark.parametrize("path", ["/schedule", "/history", "/settings", "/programs", "/"])
def test_a_request_reads_them_once_where_another_process_has_changed_something(kiosk, path):
    other = open_data(kiosk.environment)
    other.store.settings.set({"rate": "130"}, Actor.COMMAND, NOW)
    other.close()
    with transactions(kiosk) as found:
        assert kiosk.browser.get(path).status_code == 200
    assert of_settings(found) == 1
    assert kiosk.data.settings.current.rate == 130


def changed(kiosk, **texts) -> list[list[str]]:
    """The transactions of all threads after these settings were changed on a page."""
    kiosk.settle()
    kiosk.data.settings.change(texts)
    with transactions(kiosk) as found:
        kiosk.settle()
    return found


def test_a_setting_that_no_reminder_goes_by_has_the_scheduler_read_nothing(kiosk):
    assert changed(kiosk, volume="31", now_seen_by="caregivers") == []


@pytest.mark.parametrize("texts", [{"grace_min": "30"}, {"time_zone": "Asia/Tokyo"}])
def test_other_rules_of_reminders_or_another_zone_are_gone_by_at_once(kiosk, texts):
    kiosk.settle()
    before = kiosk.scheduler._stepped_at
    kiosk.wall.advance(timedelta(seconds=1))
    changed(kiosk, **texts)
    assert kiosk.scheduler._stepped_at > before


def test_a_change_of_settings_is_one_transaction(kiosk):
    with transactions(kiosk) as found:
        kiosk.data.settings.change({"volume": "32"})
    assert len(found) == 1
    assert kiosk.data.settings.current.volume == 32
