"""A damaged file is set aside, and the newest good backup takes its place."""

import os

import pytest

from kiosk.errors import StoreError
from kiosk.history.audit import Actor
from kiosk.store.files import StateLock
from kiosk.store.opening import open_store
from tests.store.kit import (
    DAY,
    LINES,
    NOW,
    a_line,
    a_visitor,
    bare,
    data_file,
    fill,
    lines_in,
    names_in,
    opened,
    opened_by_kiosk,
    picture,
    spoil_the_end,
)

NEXT_DAY = NOW + DAY
ASIDE = "kiosk.db.damaged-20260303-080000"


def lose_all_but_the_name(path):
    path.write_bytes(b"")


def write_garbage(path):
    path.write_bytes(bytes(range(256)) * 40)


def cut_off_half(path):
    os.truncate(path, path.stat().st_size // 2)


def cut_in_the_first_page(path):
    os.truncate(path, 700)


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


SEEN_AT_ONCE = [
    lose_all_but_the_name,
    write_garbage,
    cut_off_half,
    cut_in_the_first_page,
    put_a_folder_there,
    put_a_pipe_there,
    put_another_programs_database_there,
]


def make(state):
    """The file of a store, made now."""
    with opened(state, NOW + DAY):
        pass
    return data_file(state)


def test_who_was_signed_out_since_the_backup_stays_out(tmp_path):
    with opened(tmp_path) as store:
        store.auth.set_secret("passphrase", "a hash")
        store.auth.add_session(a_visitor("lost-phone"), a_line())
        store.auth.add_failure(["192.168.1.20"])
        store.backup_if_due(NOW)
        store.auth.remove_sessions(["lost-phone"])
    write_garbage(data_file(tmp_path))
    with opened_by_kiosk(tmp_path, NEXT_DAY) as found:
        assert found.store.auth.sessions() == ()
        assert found.store.auth.failures("192.168.1.20") == 0
        assert found.store.auth.secret("passphrase") == "a hash"


class TestDamage:
    @pytest.fixture(params=["kiosk", "command"])
    def open_as(self, request):
        """Opens the store as the kiosk itself does, or as any command; what it told."""

        def opening(state):
            if request.param == "kiosk":
                with opened_by_kiosk(state, NEXT_DAY) as found:
                    return found.recovered
            found = open_store(state, NEXT_DAY)
            found.store.close()
            return found.recovered

        return opening

    @pytest.mark.parametrize("damage", SEEN_AT_ONCE)
    def test_the_newest_backup_takes_the_place_of_a_damaged_file(self, tmp_path, open_as, damage):
        fill(tmp_path)
        with opened(tmp_path) as store:
            store.backup_if_due(NOW)
            store.audit.add(a_line("Kept after the backup."))
        damage(data_file(tmp_path))

        told = open_as(tmp_path)

        assert told.startswith("What the kiosk remembers was damaged (")
        assert told.endswith(
            "); the backup of 2026-03-02 08:00 UTC took its place, so what was done since then is"
            f" lost; the damaged file is kept as {ASIDE}."
        )
        assert names_in(tmp_path) == ["backups", "kiosk.db", ASIDE, "kiosk.lock"]
        with opened(tmp_path) as store:
            assert len(store.sessions.between()) == 1
            *before, noted = store.audit.newest()
            assert [line.what[:8] for line in before] == [f"Line {n}, "[:8] for n in range(LINES)]
            assert (noted.at, noted.actor, noted.what) == (NEXT_DAY, Actor.KIOSK, told)
            assert store.audit.notices() == (noted,)

    @pytest.mark.parametrize("damage", SEEN_AT_ONCE)
    def test_without_a_backup_it_starts_with_nothing_and_says_so(self, tmp_path, open_as, damage):
        fill(tmp_path)
        damage(data_file(tmp_path))

        told = open_as(tmp_path)

        assert told.endswith(
            "), and there was no good backup, so it starts with nothing; the damaged file is kept"
            f" as {ASIDE}."
        )
        with opened(tmp_path) as store:
            assert store.sessions.between() == ()
            assert [line.what for line in store.audit.newest()] == [told]
            assert [notice.what for notice in store.audit.notices()] == [told]

    def test_the_damaged_file_is_kept_as_it_was(self, tmp_path):
        fill(tmp_path)
        cut_off_half(data_file(tmp_path))
        damaged = data_file(tmp_path).read_bytes()
        with opened(tmp_path, NEXT_DAY):
            pass
        assert (tmp_path / ASIDE).read_bytes() == damaged

    def test_after_it_was_mended_all_is_well(self, tmp_path):
        fill(tmp_path)
        write_garbage(data_file(tmp_path))
        with opened_by_kiosk(tmp_path, NEXT_DAY):
            pass
        with opened_by_kiosk(tmp_path, NEXT_DAY) as found:
            assert found.recovered is None
            assert len(found.store.audit.notices()) == 1

    def test_damage_deep_in_the_file_is_found_by_the_kiosk_at_its_start(self, tmp_path):
        fill(tmp_path)
        with opened(tmp_path) as store:
            store.backup_if_due(NOW)
        spoil_the_end(data_file(tmp_path))

        with (
            opened(tmp_path) as store,
            pytest.raises(StoreError, match=r"kiosk\.db is damaged .* Restart the kiosk"),
        ):
            store.audit.newest()

        with opened_by_kiosk(tmp_path, NEXT_DAY) as found:
            assert "the backup of 2026-03-02 08:00 UTC took its place" in found.recovered
            assert len(found.store.audit.newest()) == LINES + 1

    def test_content_that_makes_no_sense_is_damage_too(self, tmp_path):
        fill(tmp_path)
        with bare(data_file(tmp_path)) as connection:
            connection.execute("PRAGMA ignore_check_constraints = ON")
            connection.execute("UPDATE session SET local_date = '2026-02-31'")
        with opened(tmp_path) as store, pytest.raises(StoreError, match="is damaged"):
            store.sessions.between()
        with opened_by_kiosk(tmp_path, NEXT_DAY) as found:
            assert "was damaged (CHECK constraint failed" in found.recovered

    def test_damaged_backups_are_passed_over(self, tmp_path):
        fill(tmp_path)
        with opened(tmp_path) as store:
            store.backup_if_due(NOW)
            newer = [store.backup_if_due(NOW + n * DAY) for n in (1, 2, 3)]
        spoil_the_end(newer[0])
        write_garbage(newer[1])
        lose_all_but_the_name(newer[2])
        write_garbage(data_file(tmp_path))
        with opened(tmp_path, NOW + 4 * DAY) as store:
            assert "the backup of 2026-03-02 08:00 UTC" in store.audit.notices()[0].what

    def test_a_missing_file_is_a_loss_where_there_are_backups(self, tmp_path):
        fill(tmp_path)
        with opened(tmp_path) as store:
            store.backup_if_due(NOW)
        data_file(tmp_path).unlink()
        with opened_by_kiosk(tmp_path, NEXT_DAY) as found:
            assert found.recovered == (
                "What the kiosk remembers was gone (kiosk.db is missing); the backup of 2026-03-02"
                " 08:00 UTC took its place, so what was done since then is lost."
            )
            assert len(found.store.sessions.between()) == 1

    def test_a_journal_goes_along_with_the_damaged_file(self, tmp_path):
        put_a_folder_there(make(tmp_path))
        journal = tmp_path / "kiosk.db-journal"
        journal.write_bytes(b"would spoil the new file")
        with opened(tmp_path, NEXT_DAY) as store:
            store.audit.add(a_line())
        assert not journal.exists()
        assert (tmp_path / f"{ASIDE}-journal").read_bytes() == b"would spoil the new file"

    def test_the_last_two_are_kept_even_where_the_clock_stands_still(self, tmp_path):
        for number in range(3):
            make(tmp_path).write_bytes(bytes([number]) * 1000)
        with opened(tmp_path, NEXT_DAY):
            pass
        kept = sorted(tmp_path.glob("kiosk.db.damaged-*"))
        assert [(path.name, path.read_bytes()[0]) for path in kept] == [
            (f"{ASIDE}-2", 1),
            (f"{ASIDE}-3", 2),
        ]

    @pytest.mark.parametrize("days", [(0, 1, 2, 3), (3, 2, 1, 0)])
    def test_of_many_damaged_files_the_last_two_are_kept(self, tmp_path, days):
        make(tmp_path)
        for day in days:
            write_garbage(data_file(tmp_path))
            (tmp_path / "kiosk.db-journal").write_bytes(b"")
            with opened_by_kiosk(tmp_path, NOW + day * DAY):
                pass
        kept = {"kiosk.db.damaged-20260304-080000", "kiosk.db.damaged-20260305-080000"}
        if days[-1] == 0:  # the last one stays, whatever the clock says
            kept = {"kiosk.db.damaged-20260302-080000", "kiosk.db.damaged-20260305-080000"}
        journals = {f"{name}-journal" for name in kept}
        assert {name for name in names_in(tmp_path) if "damaged" in name} == kept | journals

    def test_a_damaged_file_that_cannot_be_removed_stops_nobody(self, tmp_path, caplog):
        make(tmp_path)
        oldest = tmp_path / "kiosk.db.damaged-20260301-080000"
        oldest.write_bytes(b"")
        oldest.with_name(f"{oldest.name}-journal").mkdir()
        for day in (0, 1):
            write_garbage(data_file(tmp_path))
            with opened_by_kiosk(tmp_path, NOW + day * DAY) as found:
                assert found.recovered is not None
        assert "stays: " in caplog.text

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
