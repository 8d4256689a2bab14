"""A backup takes the place of the data, settings file and programs, or nothing changes at all."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from kiosk.errors import StoreError, StoreTooNewError
from kiosk.history.audit import Actor
from kiosk.store.files import StateLock
from kiosk.store.migrations import MIGRATIONS
from kiosk.store.restore import Restored, restore_backup
from tests.audit_log import text_of
from tests.store.kit import (
    COPY,
    DAY,
    LINES,
    NEXT_DAY,
    NOW,
    a_device,
    a_line,
    a_row,
    bare,
    copied,
    data_file,
    fill,
    household,
    lines_in,
    names_in,
    opened,
    opened_sound,
    packed,
    picture,
    refusal,
    spoil_the_end,
)

NO_JSON = "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"
ADD_ENTRY_OF_NO_DAY = (
    "INSERT INTO plan_entry VALUES"
    " (1, 'walk', 'monday', '08:00', '2026-03-02', 1, 0, '2026-03-02T08:00:00.000000Z', 1)"
)


@pytest.fixture
def backup(quick_folder):
    """The bare database of another kiosk, on a stick."""
    (quick_folder / "stick").mkdir()
    fill(quick_folder / "other kiosk")
    with opened(quick_folder / "other kiosk") as store:
        store.ledger.write([a_row(session=1)], NOW)
    return copied(quick_folder / "other kiosk", quick_folder / "stick" / "kiosk.backup")


@pytest.fixture
def state(quick_folder):
    state = quick_folder / "state"
    with opened(state) as store:
        store.audit.add(a_line("Kept here before."))
    return state


def change_past_the_store(backup, statement):
    with bare(backup) as connection:
        connection.execute("PRAGMA ignore_check_constraints = ON")
        connection.execute(statement)


class TestTheDatabase:
    def test_the_backup_is_in_use_and_the_old_data_kept_beside_it(self, state, backup):
        before = picture(backup.parent)
        assert restore_backup(state, backup, NEXT_DAY) == Restored((state / f"kiosk.db{COPY}",), ())
        with opened_sound(state) as store:
            assert store.ledger.between(NOW.date(), NOW.date()) == (a_row(session=1),)
            last = store.audit.newest()[-1]
        assert (last.at, last.actor) == (NEXT_DAY, Actor.COMMAND)
        assert text_of(last) == (
            f"Restored the backup kiosk.backup; what was there before is kept as kiosk.db{COPY}."
        )
        with bare(state / f"kiosk.db{COPY}") as connection:
            lines = connection.execute("SELECT after ->> 'text' FROM audit").fetchall()
        assert lines == [("Kept here before.",)]
        assert names_in(state) == ["kiosk.db", f"kiosk.db{COPY}", "kiosk.lock"]
        assert picture(backup.parent) == before

    @pytest.mark.parametrize("damaged", [False, True], ids=["restored", "instead of damaged data"])
    def test_who_was_signed_out_since_the_backup_stays_out(self, state, damaged):
        """And the passphrase is that of the backup: who restores it has shown that they know it."""
        with opened(state) as store:
            store.auth.set_secret("passphrase", "a hash")
            store.auth.add_session(a_device("lost-phone"), a_line())
            store.auth.add_failure(["192.168.1.20"])
            backup = store.backup_if_due(NOW)
            store.auth.remove_sessions(["lost-phone"])
        if damaged:
            data_file(state).write_bytes(b"garbage")
        else:
            restore_backup(state, backup, NEXT_DAY)
        with opened(state, NEXT_DAY) as store:
            assert store.auth.sessions() == ()
            assert store.auth.session_of(a_device("lost-phone").token_hash) is None
            assert store.auth.failures("192.168.1.20") == 0
            assert store.auth.secret("passphrase") == "a hash"

    def test_a_replaced_copy_can_be_restored_in_turn(self, state, backup):
        (copy,) = restore_backup(state, backup, NEXT_DAY).replaced
        restore_backup(state, copy, NEXT_DAY)
        assert lines_in(state)[0] == "Kept here before."
        assert f"kiosk.db{COPY}-2" in names_in(state)

    def test_a_backup_of_an_older_version_is_migrated(self, state, backup):
        newer = (*MIGRATIONS, ["ALTER TABLE session ADD COLUMN pain INTEGER"])
        restore_backup(state, backup, NEXT_DAY, migrations=newer)
        with opened(state, migrations=newer) as store:
            assert len(store.sessions.between()) == 1
        with bare(data_file(state)) as connection:
            assert connection.execute("SELECT pain FROM session").fetchall() == [(None,)]

    def test_damaged_data_is_replaced_as_well(self, state, backup):
        data_file(state).write_bytes(b"garbage")
        (copy,) = restore_backup(state, backup, NEXT_DAY).replaced
        assert copy.read_bytes() == b"garbage"
        assert len(lines_in(state)) == LINES + 1

    def test_the_kiosk_restores_while_it_holds_the_lock_and_nobody_else_does(self, state, backup):
        with StateLock.take(state) as lock:
            before = picture(state)
            with pytest.raises(StoreError, match=f"The kiosk is running on {state}. Stop it"):
                restore_backup(state, backup, NEXT_DAY)
            assert picture(state) == before
            restore_backup(state, backup, NEXT_DAY, Actor.PAGE, lock)
        with opened(state) as store:
            assert store.audit.newest()[-1].actor is Actor.PAGE

    def test_who_had_the_old_data_open_is_refused_and_writes_to_neither(self, state, backup):
        with opened(state) as store:
            restore_backup(state, backup, NEXT_DAY)
            with pytest.raises(StoreError, match="was removed or replaced while it was in use"):
                store.audit.add(a_line("Would be lost."))
            with pytest.raises(StoreError, match="was removed or replaced"):
                store.change_count()
        assert "Would be lost." not in lines_in(state)
        restore_backup(state, state / f"kiosk.db{COPY}", NEXT_DAY)
        assert "Would be lost." not in lines_in(state)

    def test_a_change_under_way_is_waited_for_and_kept_with_the_old_data(self, state, backup):
        with bare(data_file(state)) as command, ThreadPoolExecutor(1) as other:
            command.execute("BEGIN IMMEDIATE")
            command.execute(
                "UPDATE audit SET kind = 'text', after = '{\"text\": \"Changed late.\"}'"
            )
            restored = other.submit(restore_backup, state, backup, NEXT_DAY)
            with pytest.raises(TimeoutError):
                restored.result(0.3)
            command.execute("COMMIT")
            restored.result()
        with bare(state / f"kiosk.db{COPY}") as connection:
            lines = connection.execute("SELECT after ->> 'text' FROM audit").fetchall()
        assert lines == [("Changed late.",)]

    def test_a_file_that_is_in_use_is_copied_as_it_stands(self, state, quick_folder):
        """Such as the data of a kiosk on a mounted card, with a change half written."""
        fill(quick_folder / "card")
        card = data_file(quick_folder / "card")
        with bare(card) as connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute('UPDATE audit SET after = \'{"text": "not yet true"}\'')
            restore_backup(state, card, NEXT_DAY)
            connection.execute("ROLLBACK")
        assert "not yet true" not in lines_in(state)
        assert len(lines_in(state)) == LINES + 1


class TestWhatIsNoBackup:
    @pytest.mark.parametrize(
        "content",
        [b"", b"PK\x03\x04 some archive" * 50, b"SQLite format 3\0" + bytes(200)],
    )
    def test_some_other_file(self, state, quick_folder, content):
        file = quick_folder / "holiday.zip"
        file.write_bytes(content)
        assert refusal(state, file) == (
            f"{file} cannot be restored: it is none of the kiosk's files. Nothing was changed."
        )

    def test_no_file_at_all(self, state, backup):
        for file in (backup.with_name("forgotten.db"), backup.parent):
            assert refusal(state, file) == (
                f"{file} cannot be restored: there is no such file. Nothing was changed."
            )

    def test_another_programs_database(self, state, quick_folder):
        file = quick_folder / "places.sqlite"
        change_past_the_store(file, "CREATE TABLE bookmark (url TEXT)")
        assert "it is none of the kiosk's files" in refusal(state, file)

    def test_a_newer_kiosks_backup(self, state, backup):
        change_past_the_store(backup, "PRAGMA user_version = 30")
        newest = f"this kiosk knows versions up to {len(MIGRATIONS)}."
        assert f"it has version 30, and {newest}" in refusal(state, backup)
        with pytest.raises(StoreTooNewError):
            restore_backup(state, backup, NEXT_DAY)

    def test_a_damaged_backup_or_half_of_one(self, state, backup):
        whole = backup.read_bytes()
        spoil_the_end(backup)
        assert "cannot be restored: " in refusal(state, backup)
        backup.write_bytes(whole[:8192])
        assert "malformed" in refusal(state, backup)

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
            ("UPDATE audit SET after = '{'", NO_JSON),
            (
                "UPDATE audit SET kind = 'plan.added', after = '{}'",
                "an entry of its audit log makes no sense (KeyError('days'))",
            ),
            ("UPDATE mark SET value = 'soon'", "Invalid isoformat string: 'soon'"),
            (ADD_ENTRY_OF_NO_DAY, "'monday' is no day of the week"),
            (
                "INSERT INTO visitor VALUES ('', '', '', '', '', '')",
                "CHECK constraint failed in visitor",
            ),
            ("DELETE FROM session", "some of its rows point to others that are not there"),
        ],
    )
    def test_content_that_would_do_harm_later(self, state, backup, statement, reason):
        change_past_the_store(backup, statement)
        assert refusal(state, backup) == (
            f"{backup} cannot be restored: {reason}. Nothing was changed."
        )


class TestSettingsAndPrograms:
    @pytest.fixture
    def new(self, quick_folder):
        """The kiosk on the other machine."""
        return household(quick_folder / "new", "new", own=("ours", "only-here"))

    @pytest.fixture
    def backup(self, quick_folder, old):
        return packed(old, quick_folder / "kiosk.backup")

    @staticmethod
    def programs(state):
        return {path.name: path.read_text() for path in sorted((state / "programs").iterdir())}

    def test_all_of_it_is_on_the_new_machine(self, quick_folder, backup, old):
        empty = quick_folder / "empty"
        assert restore_backup(empty, backup, NEXT_DAY).replaced == ()
        assert lines_in(empty) == ["old", "Restored the backup kiosk.backup."]
        assert self.programs(empty) == self.programs(old)
        assert (empty / "kiosk.toml").read_text() == "# old\nvolume = 50\n"
        assert names_in(empty) == ["kiosk.db", "kiosk.lock", "kiosk.toml", "programs"]

    def test_what_differed_is_kept_beside_it_and_what_is_only_here_stays(self, backup, new):
        restored = restore_backup(new, backup, NEXT_DAY)
        names = [f"kiosk.db{COPY}", f"kiosk.toml{COPY}", f"programs{COPY}"]
        assert [path.name for path in restored.replaced] == names
        assert lines_in(new)[-1] == (
            "Restored the backup kiosk.backup; what was there before is kept as"
            f" {names[0]}, {names[1]} and {names[2]}."
        )
        assert self.programs(new) == {
            "only-here.toml": "# new\n",
            "ours.toml": "# old\n",
            "short.toml": "# old\n",
        }
        assert (new / names[1]).read_text() == "# new\nvolume = 50\n"
        assert names_in(new / names[2]) == ["ours.toml"]

    def test_what_is_the_same_is_left_alone(self, backup, old):
        restored = restore_backup(old, backup, NEXT_DAY)
        assert [path.name for path in restored.replaced] == [f"kiosk.db{COPY}"]
        assert names_in(old) == [
            *("kiosk.db", f"kiosk.db{COPY}", "kiosk.lock", "kiosk.toml", "programs")
        ]

    def test_a_second_time_on_the_same_day_no_copy_is_overwritten(self, backup, new):
        restore_backup(new, backup, NEXT_DAY)
        (new / "programs" / "ours.toml").write_text("# newer\n")
        restored = restore_backup(new, backup, NEXT_DAY)
        names = [path.name for path in restored.replaced]
        assert names == [f"kiosk.db{COPY}-2", f"programs{COPY}-2"]
        assert (new / f"programs{COPY}-2" / "ours.toml").read_text() == "# newer\n"

    def test_settings_of_the_machine_come_along_and_are_named(self, quick_folder, old, new):
        with opened(old) as store:
            store.settings.set({"audio_device": "USB Audio"}, Actor.PAGE, NOW)
            store.settings.set({"volume": "90"}, Actor.PAGE, NOW)
        (old / "kiosk.toml").write_text("pin = 27\nled_pin = 22\n")
        backup = packed(old, quick_folder / "kiosk.backup")
        note = (
            "The backup brought settings of its machine along: pin = 27, led_pin = 22, audio_device"
            " = USB Audio. See that they fit this one."
        )
        notes = restore_backup(new, backup, NEXT_DAY).notes
        assert [text_of(entry) for entry in notes] == [note]
        assert lines_in(new)[-1] == note
        with opened(new) as store:
            assert store.settings.stored() == {"audio_device": "USB Audio", "volume": "90"}

    def test_a_settings_file_that_would_stop_the_kiosk_does_not_replace_the_good_one(
        self, quick_folder, old, new
    ):
        (old / "kiosk.toml").write_text("volume = 900\n")
        backup = packed(old, quick_folder / "kiosk.backup")
        (note,) = restore_backup(new, backup, NEXT_DAY).notes
        assert text_of(note).startswith(
            "The backup's kiosk.toml cannot be used here, and lies beside the data as"
            " kiosk.toml.from-backup: volume: Expected"
        )
        assert (new / "kiosk.toml").read_text() == "# new\nvolume = 50\n"
        assert (new / "kiosk.toml.from-backup").read_text() == "volume = 900\n"

    def test_a_file_in_the_place_of_the_programs_changes_nothing(self, quick_folder, backup):
        state = quick_folder / "state"
        state.mkdir()
        (state / "programs").write_text("")
        with pytest.raises(StoreError, match="programs is no folder, and the backup has programs"):
            restore_backup(state, backup, NEXT_DAY)
        assert names_in(state) == ["kiosk.lock", "programs"]


class TestReplacedCopies:
    """Those of the last two restores stay."""

    MOMENTS = ("20260302-080000", "20260303-080000", "20260304-080000", "20260305-080000")
    """The four days on which a backup is restored here, as names of files have them."""

    @pytest.fixture
    def backups(self, quick_folder):
        """Of two kiosks that differ in everything, by turns."""
        return 2 * [
            packed(household(quick_folder / name, name), quick_folder / f"{name}.backup")
            for name in ("one", "other")
        ]

    @pytest.fixture
    def state(self, quick_folder):
        return household(quick_folder / "state", "here")

    @staticmethod
    def copies_in(state):
        return [name for name in names_in(state) if "before-restore" in name]

    @staticmethod
    def copies_of(*moments):
        return sorted(
            f"{name}.before-restore-{moment}"
            for name in ("kiosk.db", "kiosk.toml", "programs")
            for moment in moments
        )

    @pytest.mark.parametrize(
        ("days", "latest"),
        [((0, 1, 2, 3), 2), ((2, 1, 0, 3), 2), ((1, 2, 3, 0), 3)],
        ids=["day by day", "the clock was back for a while", "the clock is back at last"],
    )
    def test_of_the_last_time_and_the_latest_before_it(self, state, backups, days, latest):
        for backup, day in zip(backups, days, strict=True):
            restore_backup(state, backup, NOW + day * DAY)

        assert self.copies_in(state) == self.copies_of(self.MOMENTS[latest], self.MOMENTS[days[-1]])
        copy = state / f"programs.before-restore-{self.MOMENTS[days[-1]]}"
        assert names_in(copy) == ["ours.toml"]

    def test_where_the_clock_stands_still_the_last_two_all_the_same(self, state, backups):
        made = [restore_backup(state, backup, NOW).replaced for backup in backups]
        assert self.copies_in(state) == sorted(path.name for path in (*made[2], *made[3]))

    def test_the_file_that_is_restored_stays(self, state, backups):
        oldest, *_ = restore_backup(state, backups[0], NOW).replaced
        restore_backup(state, backups[1], NOW + DAY)
        restore_backup(state, oldest, NOW + 2 * DAY)

        assert oldest.exists()
        assert lines_in(state)[0] == "here"

    def test_only_names_that_the_kiosk_gives_are_its_to_remove(self, state, backups):
        own = (
            f"kiosk.db.before-restore-{self.MOMENTS[0]}.mine",
            f"notes.before-restore-{self.MOMENTS[0]}",
            "kiosk.db.before-restore-in-may",
        )
        for name in own:
            (state / name).write_bytes(b"")
        for number, backup in enumerate(backups):
            restore_backup(state, backup, NOW + number * DAY)

        assert set(own) < set(names_in(state))

    def test_what_cannot_be_removed_stays_and_the_backup_counts(self, state, backups, caplog):
        # The journal that SQLite might have left is a folder here, which nothing removes.
        journal = f"kiosk.db.before-restore-{self.MOMENTS[0]}-journal"
        (state / journal).mkdir()
        for number, backup in enumerate(backups[:3]):
            restore_backup(state, backup, NOW + number * DAY)

        assert "What an old backup has replaced stays: " in caplog.text
        assert self.copies_in(state) == sorted(
            [*self.copies_of(self.MOMENTS[1], self.MOMENTS[2]), journal]
        )
