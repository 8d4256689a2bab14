"""Settings that were changed in the running kiosk, and are kept in its store."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from kiosk.app import doses_of, make_environment, open_data
from kiosk.errors import StoreError
from kiosk.history.audit import Actor
from tests.fakes.store import MemoryStore

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def kept(state: Path, **values: str):
    memory = open_data(make_environment(str(state), {}, {}))
    for name, value in values.items():
        memory.store.settings.set({name: value}, Actor.PAGE, NOW)
    memory.close()


def settings_of(state: Path, environ=None):
    base = make_environment(str(state), environ or {}, {})
    memory = open_data(base)
    try:
        return memory.base.settings, memory.zone
    finally:
        memory.close()


def test_they_go_before_the_file_and_after_the_environment(tmp_path):
    (tmp_path / "kiosk.toml").write_text("volume = 10\nrate = 130\n")
    kept(tmp_path, volume="20", rate="140", time_zone="Asia/Tokyo")

    settings, zone = settings_of(tmp_path, {"KIOSK_RATE": "150"})

    assert (settings.volume, settings.rate, zone.key) == (20, 150, "Asia/Tokyo")


@pytest.mark.parametrize(
    "wrong",
    [
        {"volume": "150"},
        {"no_such_setting": "1"},
        {"quiet_from": "21:00"},
        {"time_zone": "Nowhere/X"},
    ],
)
def test_one_that_cannot_be_used_is_passed_over_and_the_others_count(tmp_path, wrong, caplog):
    kept(tmp_path, rate="140", **wrong)

    settings, _ = settings_of(tmp_path)

    assert settings.rate == 140
    assert caplog.text.count("is passed over") == 1


def test_changed_doses_that_cannot_be_read_are_as_none(caplog):
    store = MemoryStore()
    store.disk.broken = StoreError("The disk did not answer.")

    assert doses_of(store)("low-back-start") == ()
    assert "The disk did not answer." in caplog.text
