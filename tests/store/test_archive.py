"""Backups: copies of the data each night, and archives, which may come from anywhere.

Whatever is in an archive, it is refused or restored whole.
"""

import json
import logging
import os
import random
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kiosk.auth.passphrase import PassphraseHash
from kiosk.errors import StoreError, StoreTooNewError
from kiosk.speech.cache import LARGEST_FILE as LARGEST_CLIP
from kiosk.speech.cache import ClipCache
from kiosk.speech.model import Voice
from kiosk.store.archive import (
    ABOUT,
    Contents,
    extract_clips,
    fits,
    is_archive,
    unpack,
    write_backup,
)
from kiosk.store.migrations import MIGRATIONS
from kiosk.store.restore import restore_backup
from kiosk.store.service import LARGEST
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
    household,
    lines_in,
    names_in,
    opened,
    opened_by_kiosk,
    opened_sound,
    packed,
    picture,
    refusal,
    spoil_the_end,
)

MUTATIONS = 400
DATA = Path(__file__).parent / "data"


@pytest.fixture
def backup(quick_folder, old):
    return packed(old, quick_folder / "kiosk.backup")


@pytest.fixture
def state(quick_folder):
    return household(quick_folder / "state", "here")


def parts_of(file):
    with zipfile.ZipFile(file) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def repacked(file, parts, method=zipfile.ZIP_DEFLATED, *, honest=True):
    """The file with other parts; if `honest`, with their sizes in it."""
    about = parts[ABOUT]
    if honest:
        sizes = {name: len(content) for name, content in parts.items() if name != ABOUT}
        about = json.dumps({**json.loads(about), "bytes": sizes})
    with zipfile.ZipFile(file, "w", method) as archive:
        archive.writestr(zipfile.ZipInfo(ABOUT), about)
        for name, content in parts.items():
            if name != ABOUT:
                archive.writestr(name, content)
    return file


class TestWriting:
    def test_the_same_at_the_same_moment_gives_the_same_bytes(self, quick_folder, backup, old):
        again = packed(old, quick_folder / "again.backup")
        assert again.read_bytes() == backup.read_bytes()
        assert is_archive(again)

    def test_an_earlier_backup_is_replaced_and_nothing_else_is(self, quick_folder, old, backup):
        before = picture(old)
        letter = quick_folder / "letter.txt"
        letter.write_text("Dear")
        for file, message in (
            (letter, r"letter\.txt is no backup of the kiosk, and stays"),
            (old / ".." / "old" / "kiosk.db", r"kiosk\.db is the kiosk's own data, and stays"),
            (quick_folder, r"is a folder\. Name a file in it"),
            (quick_folder / "no such folder" / "kiosk.backup", "No such file or directory"),
        ):
            with pytest.raises(StoreError, match=message):
                packed(old, file)
        assert letter.read_text() == "Dear"
        assert picture(old) == before

        with opened(old) as store:
            store.audit.add(a_line("Later."))
        packed(old, backup)
        restore_backup(quick_folder / "new", backup, NEXT_DAY)
        assert lines_in(quick_folder / "new")[:2] == ["old", "Later."]

    def test_what_no_kiosk_uses_stays_behind_and_is_named(self, quick_folder, old):
        (old / "programs" / "My Program.toml").write_text("")
        (old / "programs" / "notes.txt").write_text("")
        (old / "programs" / "large.toml").write_bytes(bytes(1_000_001))
        (old / "programs" / "gone.toml").symlink_to("nowhere")
        with opened(old) as store:
            made = write_backup(old, store, quick_folder / "kiosk.backup", NOW)
        left = "is not in the backup: its name or its size is not one the kiosk uses."
        assert made == Contents(
            settings=True,
            programs=2,
            clips=0,
            left_out=tuple(
                f"{old / 'programs' / name}.toml {left}" for name in ("My Program", "gone", "large")
            ),
        )

    def test_whole_clips_come_along_where_they_are_asked_for(self, quick_folder, old):
        """Those that are gone meanwhile, damaged or no files are left out and not counted."""
        cache = ClipCache(old / "clips")
        key = cache.key("engine", Voice("en", "", 155), "one")
        cache.put(key, b"\1\0" * 50)
        others = [old / "clips" / key[:2] / f"{key[:2]}{n * 62}.wav" for n in "0123"]
        others[0].symlink_to("pruned")
        others[1].mkdir()
        os.mkfifo(others[2])
        others[3].write_bytes(b"damaged")
        file = quick_folder / "kiosk.backup"
        with opened(old) as store:
            assert write_backup(old, store, file, NOW, old / "clips").clips == 1

        assert extract_clips(file, quick_folder / "clips") == 1
        assert ClipCache(quick_folder / "clips").get(key) == b"\1\0" * 50
        restore_backup(quick_folder / "new", file, NEXT_DAY)
        assert lines_in(quick_folder / "new")[0] == "old"

    def test_a_clip_longer_than_any_that_the_kiosk_renders_has_no_place_in_a_backup(self):
        name = f"clips/00/{'0' * 64}.wav"
        assert fits(name, LARGEST_CLIP)
        assert not fits(name, LARGEST_CLIP + 1)


FOREIGN_NAMES = (
    "../outside.toml",
    "/etc/cron.d/mine",
    "programs/../kiosk.toml",
    "programs/ours.toml/more",
    "programs/Ours.toml",
    "programs\\ours.toml",
    "clips/00/../../kiosk.toml",
    "clips/0f/" + "0" * 64 + ".wav",
    "kiosk.lock",
    "programs/" + "a" * 61 + ".toml",
    "programs/",
    "\x1b[2Jkiosk.toml",
)
ABOUT_NOTHING = ("", "[" * 100_000, "[]", "{}", '{"format": "x"}', '{"format": 1}')
REFUSED = {
    "is none that a backup has, or too large": [{name: b""} for name in FOREIGN_NAMES],
    "or too large": [{"programs/zeros.toml": bytes(20_000_000)}],
    "it does not say what it holds": [{ABOUT: text.encode()} for text in ABOUT_NOTHING],
    "it does not hold what it says it does": [
        {name: None} for name in ("kiosk.db", "kiosk.toml", "programs/ours.toml")
    ],
    "it is none of the kiosk's files": [{"kiosk.db": b"SQLite format 3\0" + bytes(200)}],
}
"""The parts that are added, changed or missing (None), by what is said of the backup."""


class TestReading:
    @pytest.mark.parametrize(
        ("message", "changes"),
        [(message, changes) for message, several in REFUSED.items() for changes in several],
        ids=lambda value: value[:14] if isinstance(value, str) else ascii(*value)[:40],
    )
    def test_a_backup_with_other_parts_is_refused(self, state, backup, message, changes):
        parts = {**parts_of(backup), **changes}
        parts = {name: content for name, content in parts.items() if content is not None}
        honest = ABOUT not in changes and None not in changes.values()
        file = repacked(backup, parts, honest=honest)
        assert file.stat().st_size < 200_000
        assert message in refusal(state, file)

    @pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
    def test_a_way_of_packing_that_no_limit_holds_for(self, state, backup, method):
        file = repacked(backup, parts_of(backup), method)
        assert "packed in a foreign way" in refusal(state, file)

    def test_a_name_is_compared_as_it_stands_in_the_file(self, state, backup):
        """The zip library cuts a name off at its first zero."""
        file = repacked(backup, {**parts_of(backup), "programs/xx.toml": b""})
        odd = file.read_bytes().replace(b"programs/xx.toml", b"kiosk.toml\0.toml")
        file.write_bytes(odd)
        assert "is none that a backup has" in refusal(state, file)

    def test_the_same_name_twice(self, state, backup):
        with (
            pytest.warns(UserWarning, match="Duplicate name"),
            zipfile.ZipFile(backup, "a") as archive,
        ):
            archive.writestr("kiosk.toml", "pin = 4")
        assert "is there twice" in refusal(state, backup)

    def test_parts_that_together_unpack_to_more_than_is_allowed(self, quick_folder, backup):
        parts = parts_of(backup)
        parts["kiosk.db"] += bytes(2_000_000)
        folder, file = quick_folder / "unpacked", repacked(backup, parts)
        folder.mkdir()
        with pytest.raises(StoreError, match="it would need more than 1 MB"):
            unpack(file, folder, MIGRATIONS, "It", largest=1_000_000)
        assert names_in(folder) == []
        assert LARGEST < 100_000_000

    def test_a_size_that_is_a_lie(self, state, backup):
        """No more is read than the list says, and the checksum tells."""
        zeros = bytes(500_000)
        file = repacked(backup, {**parts_of(backup), "programs/zeros.toml": zeros})
        lie = file.read_bytes().replace(len(zeros).to_bytes(4, "little"), b"\n\0\0\0")
        lie = lie.replace(b'"programs/zeros.toml": 500000', b'"programs/zeros.toml": 10    ')
        file.write_bytes(lie)
        assert "cannot be restored" in refusal(state, file)

    def test_a_list_of_parts_that_would_fill_the_memory(self, state, backup):
        content = bytearray(backup.read_bytes())
        content[-10:-6] = (5_000_000).to_bytes(4, "little")
        backup.write_bytes(content)
        assert "it has more parts than a backup can have" in refusal(state, backup)

    def test_one_of_a_newer_kiosk(self, state, backup):
        parts = parts_of(backup)
        parts[ABOUT] = parts[ABOUT].replace(b'"format": 1', b'"format": 2')
        file = repacked(backup, parts)
        with pytest.raises(StoreTooNewError):
            restore_backup(state, file, NEXT_DAY)
        assert "was made by a newer kiosk" in refusal(state, file)

    def test_half_of_it_or_more_than_it(self, state, backup):
        content = backup.read_bytes()
        for other in (content[: len(content) // 2], content + b"more"):
            backup.write_bytes(other)
            assert "it is not whole; copy it again from where it was made" in refusal(state, backup)

    def test_whatever_is_changed_in_it_it_is_refused_or_restored_whole(self, quick_folder, backup):
        """Single bytes, and short runs of them, at random places."""
        whole = backup.read_bytes()
        chance = random.Random(1)  # noqa: S311
        refused = 0
        for number in range(MUTATIONS):
            content = bytearray(whole)
            near_end = chance.random() < 0.5
            at = chance.randrange(len(whole) - 600 if near_end else 0, len(whole))
            length = chance.choice((1, 1, 2, 4))
            content[at : at + length] = chance.choice(
                (chance.randbytes(length), bytes(length), b"\xff" * length)
            )
            backup.write_bytes(content)
            folder = quick_folder / f"unpacked-{number}"
            folder.mkdir()
            try:
                unpack(backup, folder, MIGRATIONS, "It")
            except StoreError:
                refused += 1
            else:
                assert names_in(folder) == ["kiosk.db", "kiosk.toml", "programs"]
                assert names_in(folder / "programs") == ["ours.toml", "short.toml"]
        assert refused > MUTATIONS // 4


def test_a_backup_that_version_0_1_0_made_is_restored(quick_folder):
    """Value by value it is compared in `test_migrations.py`."""
    state = quick_folder / "state"
    restored = restore_backup(state, DATA / "household-0.1.0.backup", NEXT_DAY)
    assert restored.replaced == ()
    (note,) = restored.notes
    assert text_of(note) == (
        "The backup brought settings of its machine along: led_pin = 22, host_names = kiosk.home,"
        " living-room.home. See that they fit this one."
    )
    parts = parts_of(DATA / "household-0.1.0.backup")
    for name in ("kiosk.toml", "programs/garden-shoulders.toml", "programs/morning-stretch.toml"):
        assert (state / name).read_bytes() == parts[name]
    with opened(state) as store:
        assert len(store.sessions.between()) == 198
        lines = sentences(store)
        assert len(lines) == 113 + 2
        assert lines[-2] == "Restored the backup household-0.1.0.backup."
        assert len(store.audit.losses()) == 3
        assert store.auth.sessions() == ()
        stored = PassphraseHash.read(store.auth.secret("passphrase"))
    assert stored.matches("garden chair seven")


# Copies each night and on demand

MIDNIGHT = datetime(2026, 3, 3, tzinfo=UTC)


class WithAStore:
    """A kiosk with some lines in its audit log."""

    @pytest.fixture
    def state(self, tmp_path):
        state = tmp_path / "state"
        fill(state)
        return state

    @pytest.fixture
    def store(self, state):
        with opened(state) as store:
            yield store


class TestEachNight(WithAStore):
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


class TestACopyElsewhere(WithAStore):
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
