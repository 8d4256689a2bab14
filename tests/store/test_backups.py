"""Copies of the data, each night and on demand."""

import logging
from datetime import UTC, datetime, timedelta

import pytest

from kiosk.errors import StoreError
from kiosk.store.restore import restore_backup
from tests.store.kit import (
    DAY,
    LINES,
    MINUTE,
    NOW,
    a_line,
    bare,
    data_file,
    everything,
    fill,
    lines_in,
    names_in,
    opened,
    opened_by_kiosk,
    opened_sound,
    spoil_the_end,
)

MIDNIGHT = datetime(2026, 3, 3, tzinfo=UTC)


@pytest.fixture
def state(tmp_path):
    state = tmp_path / "state"
    fill(state)
    return state


@pytest.fixture
def store(state):
    with opened(state) as store:
        yield store


class TestEachNight:
    def test_it_is_made_once_a_day_in_utc(self, store, state):
        in_tokyo = timedelta(hours=9)
        moments = [
            NOW,
            NOW + MINUTE,
            MIDNIGHT - MINUTE,
            MIDNIGHT,
            MIDNIGHT + in_tokyo,
            MIDNIGHT + DAY - MINUTE,
            MIDNIGHT + DAY,
        ]
        made = [store.backup_if_due(moment) is not None for moment in moments]
        assert made == [True, False, False, True, False, False, True]
        assert names_in(state / "backups") == [
            "kiosk-20260302-080000.db",
            "kiosk-20260303-000000.db",
            "kiosk-20260304-000000.db",
        ]

    def test_one_that_an_earlier_start_made_counts(self, store, state):
        store.backup_if_due(NOW)
        with opened(state) as after_restart:
            assert after_restart.backup_if_due(NOW + MINUTE) is None

    def test_it_holds_everything_there_was(self, store, tmp_path):
        kept = everything(store)
        file = store.backup_if_due(NOW)
        store.audit.add(a_line("Later."))
        (tmp_path / "other").mkdir()
        (tmp_path / "other" / "kiosk.db").write_bytes(file.read_bytes())
        with opened_sound(tmp_path / "other") as other:
            assert everything(other) == kept

    def test_the_last_seven_are_kept(self, store, state):
        for night in range(12):
            store.backup_if_due(NOW + night * DAY)
        assert names_in(state / "backups") == [
            f"kiosk-202603{day:02}-080000.db" for day in range(7, 14)
        ]

    def test_a_clock_that_woke_in_the_past_costs_neither_the_new_nor_the_order(self, store, state):
        for night in range(7):
            store.backup_if_due(NOW + night * DAY)
        in_the_past = datetime(1970, 1, 1, 0, 5, tzinfo=UTC)
        store.audit.add(a_line("Noted while the clock was wrong."))
        newest = store.backup_if_due(in_the_past)
        assert store.backup_if_due(in_the_past + MINUTE) is None
        assert newest.name == "kiosk-19700101-000500.db"
        assert "kiosk-20260302-080000.db" not in names_in(state / "backups")

        data_file(state).write_bytes(b"garbage")
        assert lines_in(state)[-2] == "Noted while the clock was wrong."

    def test_the_newest_is_known_after_an_older_one_was_restored(self, state):
        with opened(state) as store:
            oldest, *_ = [store.backup_if_due(NOW + night * DAY) for night in range(3)]
        restore_backup(state, oldest, NOW + 3 * DAY)
        with opened(state) as store:
            store.audit.add(a_line("Noted since then."))
            store.backup_if_due(datetime(1999, 1, 1, tzinfo=UTC))
        data_file(state).write_bytes(b"garbage")
        assert lines_in(state)[-2] == "Noted since then."

    def test_damaged_data_is_not_copied_over_good_backups(self, state):
        with opened(state) as store:
            for night in range(7):
                store.backup_if_due(NOW + night * DAY)
        good = names_in(state / "backups")
        spoil_the_end(data_file(state))
        with opened(state) as store, pytest.raises(StoreError, match="damaged"):
            store.backup_if_due(NOW + 8 * DAY)
        assert names_in(state / "backups") == good

    def test_copies_that_were_cut_off_go_when_the_kiosk_starts(self, store, state):
        store.backup_if_due(NOW)
        leftover = state / "backups" / ".kiosk-20260303-080000.db.4711.tmp"
        leftover.write_bytes(b"half of it")
        with opened(state):
            assert leftover.exists()
        with opened_by_kiosk(state):
            pass
        assert names_in(state / "backups") == ["kiosk-20260302-080000.db"]

    def test_other_files_in_the_folder_are_left_alone(self, store, state):
        (state / "backups").mkdir()
        own = state / "backups" / "kiosk-my-own.db"
        own.write_bytes(b"mine")
        for night in range(9):
            store.backup_if_due(NOW + night * DAY)
        assert own.read_bytes() == b"mine"
        assert len(names_in(state / "backups")) == 8

    def test_an_old_one_that_cannot_be_removed_is_only_mentioned(self, store, state, caplog):
        (state / "backups" / "kiosk-20200101-000000.db").mkdir(parents=True)
        with caplog.at_level(logging.WARNING):
            for night in range(7):
                assert store.backup_if_due(NOW + night * DAY)
        assert [record.message[:25] for record in caplog.records] == ["An old backup stays: [Err"]

    def test_where_no_folder_can_be_made_the_store_goes_on(self, store, state):
        (state / "backups").write_text("in the way")
        with pytest.raises(StoreError, match="backups"):
            store.backup_if_due(NOW)
        store.audit.add(a_line())
        assert len(store.audit.newest()) == LINES + 1


class TestACopyElsewhere:
    def test_everything_goes_into_one_file(self, store, tmp_path):
        file = tmp_path / "to share.db"
        store.backup_to(file)
        with bare(file) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            assert connection.execute("SELECT count(*) FROM audit").fetchone() == (LINES,)
        assert names_in(tmp_path) == ["state", "to share.db"]

    def test_it_needs_a_folder_that_is_there(self, store, tmp_path):
        with pytest.raises(StoreError, match="cannot be opened"):
            store.backup_to(tmp_path / "no such folder" / "kiosk.db")

    def test_what_cannot_be_finished_leaves_nothing(self, state, tmp_path):
        spoil_the_end(data_file(state))
        with opened(state) as store, pytest.raises(StoreError, match="No backup was made"):
            store.backup_to(tmp_path / "copy.db")
        assert names_in(tmp_path) == ["state"]
