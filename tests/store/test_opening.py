"""Opening the store: the first time, after a cut, beside others, and what a newer kiosk wrote."""

import pytest

from kiosk.errors import StoreError, StoreTooNewError
from kiosk.store.files import StateLock
from kiosk.store.migrations import APPLICATION_ID, MIGRATIONS
from kiosk.store.opening import open_store
from tests.audit_log import sentences
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
    picture,
)

NEXT_DAY = NOW + DAY
ASIDE = "kiosk.db.damaged-20260303-080000"


class TestTheFirstTime:
    def test_an_empty_store_is_made_with_its_folder(self, tmp_path):
        state = tmp_path / "var" / "kiosk"
        with opened_by_kiosk(state) as found:
            assert found.recovered is None
            assert found.store.audit.newest() == ()
        assert names_in(state) == ["kiosk.db", "kiosk.lock"]

    def test_the_file_says_whose_it_is_and_of_which_version(self, tmp_path):
        with opened(tmp_path):
            pass
        with bare(data_file(tmp_path)) as connection:
            assert connection.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)
            assert connection.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)
            assert connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)
            tables = connection.execute(
                "SELECT name, strict FROM pragma_table_list WHERE name NOT LIKE 'sqlite_%'"
            ).fetchall()
            assert len(tables) == 12
            assert [name for name, strict in tables if not strict] == []

    def test_every_change_reaches_the_disk_before_it_is_acknowledged(self, tmp_path):
        with opened(tmp_path) as store:
            connection = store._database._connection
            extra = 3
            assert connection.execute("PRAGMA synchronous").fetchone()[0] == extra
            assert connection.execute("PRAGMA journal_mode").fetchone()[0] == "delete"
            assert connection.execute("PRAGMA foreign_keys").fetchone()[0] == 1

    def test_what_was_kept_is_there_the_next_time(self, tmp_path):
        fill(tmp_path)
        with opened(tmp_path) as store:
            kept = everything(store)
        with opened_by_kiosk(tmp_path, NEXT_DAY) as found:
            assert everything(found.store) == kept
            assert found.recovered is None

    def test_an_unfinished_file_of_an_earlier_start_is_no_hindrance(self, tmp_path):
        (tmp_path / "restore.staged").mkdir()
        (tmp_path / "restore.staged" / "kiosk.db").write_bytes(b"half of it")
        (tmp_path / "restore.staged" / "kiosk.db-journal").write_bytes(b"half of that")
        with opened(tmp_path) as store:
            store.audit.add(a_line())
        assert names_in(tmp_path) == ["kiosk.db", "kiosk.lock"]


class TestANewerVersion:
    @pytest.fixture
    def state(self, tmp_path):
        fill(tmp_path)
        with opened(tmp_path) as store:
            store.backup_if_due(NOW)
        with bare(data_file(tmp_path)) as connection:
            connection.execute("PRAGMA user_version = 12")
        return tmp_path

    def test_it_is_refused_with_both_versions_named_and_nothing_touched(self, state):
        before = picture(state)
        with pytest.raises(StoreTooNewError) as refused:
            open_store(state, NEXT_DAY)
        assert str(refused.value) == (
            f"{data_file(state)} was written by a newer kiosk: it has version 12, and this kiosk"
            f" knows versions up to {len(MIGRATIONS)}. Install the newer kiosk again. Nothing was"
            " changed."
        )
        assert picture(state) == before

    def test_the_kiosk_itself_refuses_it_too(self, state):
        with StateLock.take(state) as lock:
            before = picture(state)
            with pytest.raises(StoreTooNewError):
                open_store(state, NEXT_DAY, lock)
            assert picture(state) == before

    def test_the_older_data_is_still_there_for_the_newer_kiosk(self, state):
        with pytest.raises(StoreTooNewError):
            open_store(state, NEXT_DAY)
        with bare(data_file(state)) as connection:
            connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
        assert len(lines_in(state)) == LINES


class TestTheLock:
    def test_only_one_kiosk_runs_on_a_state_directory(self, tmp_path):
        with (
            StateLock.take(tmp_path),
            pytest.raises(StoreError, match=f"Another kiosk is running on {tmp_path}"),
        ):
            StateLock.take(tmp_path)

    def test_it_can_be_taken_again_after_it_was_released(self, tmp_path):
        for _ in range(3):
            lock = StateLock.take(tmp_path)
            lock.release()
            lock.release()

    def test_commands_use_the_store_while_the_kiosk_runs(self, tmp_path):
        with opened_by_kiosk(tmp_path) as found, opened(tmp_path) as store:
            before = found.store.change_count()
            store.audit.add(a_line())
            assert found.store.audit.newest() == (a_line(),)
            assert found.store.change_count() != before


def test_a_kind_of_change_that_only_a_newer_kiosk_knows_is_named(tmp_path):
    fill(tmp_path, lines=1)
    with bare(data_file(tmp_path)) as connection:
        connection.execute("UPDATE audit SET kind = 'volume.muted', subject = 'hall', after = '{}'")
    assert lines_in(tmp_path) == ["volume.muted hall"]


def test_a_change_cut_off_in_the_middle_is_undone_at_the_next_start(tmp_path):
    """The files are copied as they lie on disk while a change is being written."""
    fill(tmp_path / "first")
    (tmp_path / "second").mkdir()
    with bare(data_file(tmp_path / "first")) as connection:
        connection.execute("PRAGMA cache_size = 1")
        connection.execute("BEGIN IMMEDIATE")
        connection.execute('UPDATE audit SET after = \'{"text": "lost"}\'')
        for name in ("kiosk.db", "kiosk.db-journal"):
            copied = (tmp_path / "first" / name).read_bytes()
            (tmp_path / "second" / name).write_bytes(copied)
        connection.execute("ROLLBACK")
    assert (tmp_path / "second/kiosk.db").read_bytes() != data_file(tmp_path / "first").read_bytes()

    with opened_by_kiosk(tmp_path / "second", NOW + MINUTE) as found:
        assert found.recovered is None
        assert "lost" not in sentences(found.store)
    assert lines_in(tmp_path / "second") == lines_in(tmp_path / "first")
