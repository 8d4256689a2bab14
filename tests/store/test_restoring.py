"""A backup takes the place of what the kiosk remembers, or nothing changes at all."""

import shutil
import threading

import pytest

from kiosk.errors import StoreError, StoreTooNewError
from kiosk.history.audit import Actor
from kiosk.store.files import StateLock
from kiosk.store.migrations import MIGRATIONS
from kiosk.store.restore import Restored, restore_from
from tests.store.kit import (
    DAY,
    LINES,
    MINUTE,
    NOW,
    a_line,
    a_row,
    a_session,
    a_visitor,
    bare,
    data_file,
    everything,
    fill,
    lines_in,
    names_in,
    opened,
    opened_by_kiosk,
    picture,
    spoil_the_end,
)

NEXT_DAY = NOW + DAY
ADD_ENTRY_OF_NO_DAY = (
    "INSERT INTO plan_entry VALUES"
    " (1, 'walk', 'monday', '08:00', '2026-03-02', 1, 0, '2026-03-02T08:00:00.000000Z', 1)"
)
ASIDE = "kiosk.db.before-restore-20260303-080000"


@pytest.fixture
def backup(tmp_path):
    """A backup of another kiosk, on a stick."""
    (tmp_path / "stick").mkdir()
    fill(tmp_path / "other kiosk")
    with opened(tmp_path / "other kiosk") as store:
        store.ledger.write([a_row(session=1)], NOW)
        store.backup_to(tmp_path / "stick" / "kiosk.backup")
    return tmp_path / "stick" / "kiosk.backup"


@pytest.fixture
def state(tmp_path):
    state = tmp_path / "state"
    with opened(state) as store:
        store.audit.add(a_line("Kept here before."))
    return state


def told_to(backup, statement):
    """Change a backup past the store."""
    with bare(backup) as connection:
        connection.execute("PRAGMA ignore_check_constraints = ON")
        connection.execute(statement)


def test_the_backup_is_in_use_and_the_old_data_kept_beside_it(state, backup):
    assert restore_from(state, backup, NEXT_DAY) == Restored((state / ASIDE,), ())
    with opened_by_kiosk(state) as found:
        assert found.recovered is None
        assert found.store.ledger.between(NOW.date(), NOW.date()) == (a_row(session=1),)
        last = found.store.audit.newest()[-1]
    assert (last.at, last.actor) == (NEXT_DAY, Actor.COMMAND)
    assert last.what == (
        f"Restored the backup kiosk.backup; what was there before is kept as {ASIDE}."
    )
    with bare(state / ASIDE) as connection:
        assert connection.execute("SELECT what FROM audit").fetchall() == [("Kept here before.",)]
    assert names_in(state) == ["kiosk.db", ASIDE, "kiosk.lock"]


def test_the_backup_itself_is_not_touched(state, backup):
    before = picture(backup.parent)
    restore_from(state, backup, NEXT_DAY)
    assert picture(backup.parent) == before


def test_a_kiosk_that_has_kept_nothing_yet_takes_it_over(tmp_path, backup):
    assert restore_from(tmp_path / "new kiosk", backup, NEXT_DAY).kept == ()
    assert lines_in(tmp_path / "new kiosk")[-1] == "Restored the backup kiosk.backup."


def test_who_was_signed_out_since_the_backup_stays_out(state, tmp_path):
    """And the passphrase is that of the backup: whoever restores it has seen that they know it."""
    with opened(state) as store:
        store.auth.set_secret("passphrase", "a hash")
        store.auth.add_session(a_visitor("lost-phone"), a_line())
        store.auth.add_failure(["192.168.1.20"])
        store.backup_to(tmp_path / "kiosk.backup")
        store.auth.remove_sessions(["lost-phone"])
    restore_from(state, tmp_path / "kiosk.backup", NEXT_DAY)
    with opened(state) as store:
        assert store.auth.sessions() == ()
        assert store.auth.session_of(a_visitor("lost-phone").token_hash) is None
        assert store.auth.failures("192.168.1.20") == 0
        assert store.auth.secret("passphrase") == "a hash"


def test_what_was_set_aside_can_be_restored_in_turn(state, backup):
    (aside,) = restore_from(state, backup, NEXT_DAY).kept
    restore_from(state, aside, NEXT_DAY)
    assert lines_in(state)[0] == "Kept here before."
    assert f"{ASIDE}-2" in names_in(state)


def test_a_backup_of_an_older_version_is_brought_up_to_date(state, backup):
    newer = (*MIGRATIONS, ["ALTER TABLE session ADD COLUMN pain INTEGER"])
    restore_from(state, backup, NEXT_DAY, migrations=newer)
    with opened(state, migrations=newer) as store:
        assert len(store.sessions.between()) == 1
    with bare(data_file(state)) as connection:
        assert connection.execute("SELECT pain FROM session").fetchall() == [(None,)]


def test_damaged_data_is_replaced_as_well(state, backup):
    data_file(state).write_bytes(b"garbage")
    (aside,) = restore_from(state, backup, NEXT_DAY).kept
    assert aside.read_bytes() == b"garbage"
    assert len(lines_in(state)) == LINES + 1


def test_the_page_restores_while_its_own_kiosk_holds_the_lock(state, backup):
    with StateLock.take(state) as lock:
        restore_from(state, backup, NEXT_DAY, Actor.PAGE, lock)
    with opened(state) as store:
        assert store.audit.newest()[-1].actor is Actor.PAGE


def test_nothing_is_restored_while_a_kiosk_runs(state, backup):
    with StateLock.take(state):
        before = picture(state)
        with pytest.raises(StoreError, match=f"The kiosk is running on {state}. Stop it"):
            restore_from(state, backup, NEXT_DAY)
        assert picture(state) == before


def test_who_had_the_old_data_open_is_told_and_writes_to_neither(state, backup):
    with opened(state) as store:
        restore_from(state, backup, NEXT_DAY)
        with pytest.raises(StoreError, match="was removed or replaced while it was in use"):
            store.audit.add(a_line("Would be lost."))
        with pytest.raises(StoreError, match="was removed or replaced"):
            store.change_count()
    assert "Would be lost." not in lines_in(state)
    restore_from(state, state / ASIDE, NEXT_DAY)
    assert "Would be lost." not in lines_in(state)


def test_a_change_under_way_is_waited_for_and_kept_with_the_old_data(state, backup):
    restored = threading.Event()

    def restore():
        restore_from(state, backup, NEXT_DAY)
        restored.set()

    with bare(data_file(state)) as command:
        command.execute("BEGIN IMMEDIATE")
        command.execute("UPDATE audit SET what = 'Changed at the last moment.'")
        thread = threading.Thread(target=restore)
        thread.start()
        assert not restored.wait(0.3)
        command.execute("COMMIT")
        thread.join()
    with bare(state / ASIDE) as connection:
        assert connection.execute("SELECT what FROM audit").fetchall() == [
            ("Changed at the last moment.",)
        ]


class TestWhatIsNoBackup:
    @pytest.fixture(autouse=True)
    def _nothing_changes(self, state):
        before = picture(state)
        with opened(state) as store:
            kept = everything(store)
        yield
        after = picture(state)
        after.pop("kiosk.lock", None)
        before.pop("kiosk.lock", None)
        assert after == before
        with opened(state) as store:
            assert everything(store) == kept

    @pytest.mark.parametrize(
        ("content", "reason"),
        [
            (b"", "it is none of the kiosk's files"),
            (b"PK\x03\x04 some archive" * 50, "it is none of the kiosk's files"),
            (b"SQLite format 3\0" + bytes(200), "it is none of the kiosk's files"),
        ],
    )
    def test_some_other_file(self, state, tmp_path, content, reason):
        file = tmp_path / "holiday.zip"
        file.write_bytes(content)
        with pytest.raises(StoreError) as refused:
            restore_from(state, file, NEXT_DAY)
        assert str(refused.value) == f"{file} cannot be restored: {reason}. Nothing was changed."

    def test_no_file_at_all(self, state, tmp_path):
        for name in ("forgotten.db", "stick"):
            with pytest.raises(StoreError, match=f"{name} cannot be restored: there is no such"):
                restore_from(state, tmp_path / name, NEXT_DAY)

    def test_another_programs_database(self, state, tmp_path):
        file = tmp_path / "places.sqlite"
        told_to(file, "CREATE TABLE bookmark (url TEXT)")
        with pytest.raises(StoreError, match="it is none of the kiosk's files"):
            restore_from(state, file, NEXT_DAY)

    def test_a_newer_kiosks_backup(self, state, backup):
        told_to(backup, "PRAGMA user_version = 30")
        with pytest.raises(StoreTooNewError, match=r"version 30, .* knows versions up to 2\b"):
            restore_from(state, backup, NEXT_DAY)

    def test_a_damaged_backup(self, state, backup):
        spoil_the_end(backup)
        with pytest.raises(StoreError, match=r"cannot be restored: .* Nothing was changed\."):
            restore_from(state, backup, NEXT_DAY)

    def test_half_a_backup(self, state, backup):
        backup.write_bytes(backup.read_bytes()[:8192])
        with pytest.raises(StoreError, match="malformed"):
            restore_from(state, backup, NEXT_DAY)

    @pytest.mark.parametrize(
        ("statement", "reason"),
        [
            (
                "CREATE TRIGGER forget AFTER INSERT ON session BEGIN DELETE FROM audit; END",
                "its tables are not a kiosk's",
            ),
            ("DROP TABLE dose", "its tables are not a kiosk's"),
            ("UPDATE session SET started = 'yesterday'", "CHECK constraint failed in session"),
            ("UPDATE occurrence SET local_time = 'noon'", "Invalid isoformat string: 'noon'"),
            ("UPDATE mark SET value = 'soon'", "Invalid isoformat string: 'soon'"),
            (
                ADD_ENTRY_OF_NO_DAY,
                "'monday' is no day of the week",
            ),
            (
                "INSERT INTO visitor VALUES ('', '', '', '', '', '')",
                "CHECK constraint failed in visitor",
            ),
            ("DELETE FROM session", "some of its rows point to others that are not there"),
        ],
    )
    def test_content_that_would_do_harm_later(self, state, backup, statement, reason):
        told_to(backup, statement)
        with pytest.raises(StoreError) as refused:
            restore_from(state, backup, NEXT_DAY)
        assert str(refused.value) == f"{backup} cannot be restored: {reason}. Nothing was changed."


def test_a_file_that_is_in_use_is_copied_as_it_stands(state, tmp_path):
    """Such as the data of a kiosk on a mounted card, with a change half written."""
    fill(tmp_path / "card")
    card = data_file(tmp_path / "card")
    with bare(card) as connection:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("UPDATE audit SET what = 'not yet true'")
        restore_from(state, card, NEXT_DAY)
        connection.execute("ROLLBACK")
    assert "not yet true" not in lines_in(state)
    assert len(lines_in(state)) == LINES + 1


def test_the_kiosks_own_nightly_backup_can_be_restored(state):
    with opened(state) as store:
        nightly = store.backup_if_due(NOW)
        store.sessions.begin(a_session())
    restore_from(state, nightly, NOW + MINUTE)
    with opened(state) as store:
        assert store.sessions.between() == ()


def test_a_copy_made_by_hand_is_as_good(state, backup, tmp_path):
    copied = shutil.copy(backup, tmp_path / "copied by hand.db")
    restore_from(state, tmp_path / copied, NEXT_DAY)
    assert len(lines_in(state)) == LINES + 1
