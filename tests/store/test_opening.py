"""Opening the store: the first time, after a cut, beside others, damaged, and of a newer kiosk."""

import os
from contextlib import nullcontext

import pytest

from kiosk.errors import StoreError, StoreTooNewError
from kiosk.history.audit import Actor
from kiosk.store.files import StateLock
from kiosk.store.migrations import APPLICATION_ID, MIGRATIONS
from kiosk.store.opening import open_store
from tests.audit_log import sentences, text_of
from tests.store.kit import (
    DAY,
    LINES,
    MINUTE,
    NEXT_DAY,
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
    picture,
    spoil_the_end,
)

COPY = "kiosk.db.damaged-20260303-080000"


def write_garbage(path):
    path.write_bytes(bytes(range(256)) * 40)


def put_a_folder_there(path):
    path.unlink()
    path.mkdir()
    (path / "inside").write_text("something")


def put_a_pipe_there(path):
    path.unlink()
    os.mkfifo(path)


def put_another_programs_database_there(path):
    path.unlink()
    with bare(path) as connection:
        connection.execute("CREATE TABLE bookmark (url TEXT)")


def pragma(connection, name):
    return connection.execute(f"PRAGMA {name}").fetchone()[0]


SEEN_AT_ONCE = {
    "all but the name is lost": lambda path: path.write_bytes(b""),
    "garbage": write_garbage,
    "half": lambda path: os.truncate(path, path.stat().st_size // 2),
    "part of the first page": lambda path: os.truncate(path, 700),
    "a folder": put_a_folder_there,
    "a pipe": put_a_pipe_there,
    "another program's database": put_another_programs_database_there,
}


class TestDamage:
    @pytest.fixture
    def state(self, tmp_path):
        """A kiosk with a backup, and a line written since."""
        fill(tmp_path)
        with opened(tmp_path) as store:
            store.backup_if_due(NOW)
            store.audit.add(a_line("Kept after the backup."))
        return tmp_path

    @pytest.fixture(params=["kiosk", "command"])
    def open_as(self, request):
        """Opens the store as the kiosk itself does, or as any command; the sentence on the loss."""

        def opening(state):
            with StateLock.take(state) if request.param == "kiosk" else nullcontext() as lock:
                found = open_store(state, NEXT_DAY, lock)
                found.store.close()
                return found.recovered and text_of(found.recovered)

        return opening

    @pytest.fixture(params=SEEN_AT_ONCE.values(), ids=SEEN_AT_ONCE)
    def damage(self, request):
        return request.param

    def test_the_newest_backup_takes_the_place_of_a_damaged_file(self, state, open_as, damage):
        damage(data_file(state))

        text = open_as(state)

        assert text.startswith("What the kiosk remembers was damaged (")
        assert text.endswith(
            "); the backup of 2026-03-02 08:00 UTC took its place, so what was done since then is"
            f" lost; the damaged file is kept as {COPY}."
        )
        assert names_in(state) == ["backups", "kiosk.db", COPY, "kiosk.lock"]
        with opened(state) as store:
            assert len(store.sessions.between()) == 1
            *before, noted = store.audit.newest()
            assert [text_of(line)[:8] for line in before] == [
                f"Line {n}, "[:8] for n in range(LINES)
            ]
            assert (noted.at, noted.actor, text_of(noted)) == (NEXT_DAY, Actor.KIOSK, text)
            assert store.audit.losses() == (noted,)

    def test_without_a_backup_it_starts_with_nothing_and_says_so(self, tmp_path, open_as, damage):
        fill(tmp_path)
        damage(data_file(tmp_path))

        text = open_as(tmp_path)

        assert text.endswith(
            "), and there was no good backup, so it starts with nothing; the damaged file is kept"
            f" as {COPY}."
        )
        with opened(tmp_path) as store:
            assert store.sessions.between() == ()
            assert sentences(store) == [text]
            assert [text_of(loss) for loss in store.audit.losses()] == [text]

    def test_the_damaged_file_is_kept_as_it_was_and_then_all_is_well(self, state):
        write_garbage(data_file(state))
        damaged = data_file(state).read_bytes()
        with opened_by_kiosk(state, NEXT_DAY):
            pass
        assert (state / COPY).read_bytes() == damaged
        with opened_sound(state, NEXT_DAY) as store:
            assert len(store.audit.losses()) == 1

    def test_damage_deep_in_the_file_is_found_by_the_kiosk_at_its_start(self, state):
        spoil_the_end(data_file(state))

        with (
            opened(state) as store,
            pytest.raises(StoreError, match=r"kiosk\.db is damaged .* Restart the kiosk"),
        ):
            store.audit.newest()

        with opened_by_kiosk(state, NEXT_DAY) as found:
            assert "the backup of 2026-03-02 08:00 UTC took its place" in text_of(found.recovered)
            assert len(found.store.audit.newest()) == LINES + 1

    def test_content_that_makes_no_sense_is_damage_too(self, tmp_path):
        fill(tmp_path)
        with bare(data_file(tmp_path)) as connection:
            connection.execute("PRAGMA ignore_check_constraints = ON")
            connection.execute("UPDATE session SET local_date = '2026-02-31'")
        with opened(tmp_path) as store, pytest.raises(StoreError, match="is damaged"):
            store.sessions.between()
        with opened_by_kiosk(tmp_path, NEXT_DAY) as found:
            assert "was damaged (CHECK constraint failed" in text_of(found.recovered)

    def test_damaged_backups_are_passed_over(self, state):
        with opened(state) as store:
            newer = [store.backup_if_due(NOW + n * DAY) for n in (1, 2, 3)]
        spoil_the_end(newer[0])
        write_garbage(newer[1])
        newer[2].write_bytes(b"")
        write_garbage(data_file(state))
        with opened(state, NOW + 4 * DAY) as store:
            assert "the backup of 2026-03-02 08:00 UTC" in text_of(store.audit.losses()[0])

    def test_a_missing_file_is_a_loss_where_there_are_backups(self, state):
        data_file(state).unlink()
        with opened_by_kiosk(state, NEXT_DAY) as found:
            assert text_of(found.recovered) == (
                "What the kiosk remembers was gone (kiosk.db is missing); the backup of 2026-03-02"
                " 08:00 UTC took its place, so what was done since then is lost."
            )
            assert len(found.store.sessions.between()) == 1

    @pytest.mark.parametrize("damage", [put_a_folder_there, lambda path: path.unlink()])
    def test_a_journal_goes_along_with_the_damaged_file(self, state, damage):
        damage(data_file(state))
        journal = state / "kiosk.db-journal"
        journal.write_bytes(b"would spoil the new file")
        with opened(state, NEXT_DAY) as store:
            store.audit.add(a_line())
        assert not journal.exists()
        assert (state / f"{COPY}-journal").read_bytes() == b"would spoil the new file"

    @pytest.mark.parametrize("days", [(0, 1, 2, 3), (3, 2, 1, 0)])
    def test_of_many_damaged_files_the_last_two_are_kept(self, state, days):
        for day in days:
            write_garbage(data_file(state))
            (state / "kiosk.db-journal").write_bytes(b"")
            with opened_by_kiosk(state, NOW + day * DAY):
                pass
        kept = {"kiosk.db.damaged-20260304-080000", "kiosk.db.damaged-20260305-080000"}
        if days[-1] == 0:  # the last one stays, whatever the clock says
            kept = {"kiosk.db.damaged-20260302-080000", "kiosk.db.damaged-20260305-080000"}
        journals = {f"{name}-journal" for name in kept}
        assert {name for name in names_in(state) if "damaged" in name} == kept | journals

    @pytest.mark.parametrize("damage", [write_garbage, lambda path: path.unlink()])
    def test_nothing_is_mended_behind_the_back_of_a_running_kiosk(self, tmp_path, damage):
        fill(tmp_path)
        with StateLock.take(tmp_path):
            damage(data_file(tmp_path))
            before = picture(tmp_path)
            with pytest.raises(StoreError, match="Stop the kiosk and start it again"):
                open_store(tmp_path, NEXT_DAY)
            assert picture(tmp_path) == before


def test_what_only_hinders_the_opening_is_not_taken_for_damage(tmp_path):
    fill(tmp_path)
    with bare(data_file(tmp_path)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StoreError, match="Another program keeps"):
            open_store(tmp_path, NEXT_DAY, patience=0.01)
    assert names_in(tmp_path) == ["kiosk.db", "kiosk.lock"]
    assert len(lines_in(tmp_path)) == LINES


class TestTheFirstTime:
    def test_an_empty_store_is_made_with_its_folder(self, tmp_path):
        state = tmp_path / "var" / "kiosk"
        with opened_sound(state) as store:
            assert store.audit.newest() == ()
        assert names_in(state) == ["kiosk.db", "kiosk.lock"]

    def test_the_file_says_whose_it_is_and_of_which_version(self, tmp_path):
        with opened(tmp_path):
            pass
        with bare(data_file(tmp_path)) as connection:
            assert pragma(connection, "application_id") == APPLICATION_ID
            assert pragma(connection, "user_version") == len(MIGRATIONS)
            tables = connection.execute(
                "SELECT name, strict FROM pragma_table_list WHERE name NOT LIKE 'sqlite_%'"
            ).fetchall()
            assert len(tables) == 12
            assert [name for name, strict in tables if not strict] == []

    def test_every_change_reaches_the_disk_before_it_is_acknowledged(self, tmp_path):
        with opened(tmp_path) as store:
            names, extra = ("synchronous", "journal_mode", "foreign_keys"), 3
            values = [pragma(store._database._connection, name) for name in names]
            assert values == [extra, "delete", 1]

    def test_what_was_stored_is_there_the_next_time(self, tmp_path):
        fill(tmp_path)
        with opened(tmp_path) as store:
            kept = everything(store)
        with opened_sound(tmp_path, NEXT_DAY) as store:
            assert everything(store) == kept

    def test_an_unfinished_file_of_an_earlier_start_is_no_hindrance(self, tmp_path):
        (tmp_path / "restore.staged").mkdir()
        (tmp_path / "restore.staged" / "kiosk.db").write_bytes(b"half of it")
        (tmp_path / "restore.staged" / "kiosk.db-journal").write_bytes(b"half of that")
        with opened(tmp_path) as store:
            store.audit.add(a_line())
        assert names_in(tmp_path) == ["kiosk.db", "kiosk.lock"]


@pytest.mark.parametrize("as_kiosk", [True, False], ids=["kiosk", "command"])
def test_a_newer_version_is_refused_with_both_named_and_nothing_touched(tmp_path, as_kiosk):
    fill(tmp_path)
    with opened(tmp_path) as store:
        store.backup_if_due(NOW)
    with bare(data_file(tmp_path)) as connection:
        connection.execute("PRAGMA user_version = 12")
    with StateLock.take(tmp_path) as lock:
        before = picture(tmp_path)
        with pytest.raises(StoreTooNewError) as refused:
            open_store(tmp_path, NEXT_DAY, lock if as_kiosk else None)
        assert picture(tmp_path) == before
    assert str(refused.value) == (
        f"{data_file(tmp_path)} was written by a newer kiosk: it has version 12, and this kiosk"
        f" knows versions up to {len(MIGRATIONS)}. Install the newer kiosk again. Nothing was"
        " changed."
    )
    with bare(data_file(tmp_path)) as connection:
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
    assert len(lines_in(tmp_path)) == LINES


def test_only_one_kiosk_runs_on_a_state_directory_until_it_releases_its_lock(tmp_path):
    for _ in range(2):
        lock = StateLock.take(tmp_path)
        with pytest.raises(StoreError, match=f"Another kiosk is running on {tmp_path}"):
            StateLock.take(tmp_path)
        lock.release()
        lock.release()


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

    with opened_sound(tmp_path / "second", NOW + MINUTE) as store:
        assert "lost" not in sentences(store)
    assert lines_in(tmp_path / "second") == lines_in(tmp_path / "first")
