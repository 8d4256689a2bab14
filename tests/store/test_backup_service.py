"""Backups are downloaded and uploaded on the pages, but never out from under a session."""

import io
import threading

import pytest

from kiosk.errors import ConflictError, StoreError
from kiosk.session.snapshot import Snapshot, State
from kiosk.store.files import StateLock
from kiosk.store.restore import PENDING, restore_pending
from kiosk.store.service import BackupService
from tests.fakes.wall_clock import FakeWallClock
from tests.store.kit import (
    NEXT_DAY,
    NOW,
    a_line,
    copied,
    fill,
    household,
    lines_in,
    names_in,
    opened,
    packed,
    picture,
)


class RunningKiosk:
    """A kiosk in any state, and its backup service."""

    def __init__(self, folder, store):
        self.folder = folder
        self.state = State.IDLE
        self.restarts = 0
        self.backups = BackupService(
            folder, store, FakeWallClock(NOW), self.snapshot, self.restart, largest=200_000
        )

    def snapshot(self):
        return Snapshot(seq=0, as_of=0.0, state=self.state)

    def restart(self):
        self.restarts += 1

    def upload(self, content, name="kiosk.db"):
        self.backups.restore(io.BytesIO(content), name)

    def downloaded(self):
        with self.backups.make() as path:
            return path.read_bytes()


@pytest.fixture
def kiosk(quick_folder):
    state = quick_folder / "state"
    with opened(state) as store:
        store.audit.add(a_line("Kept here before."))
        yield RunningKiosk(state, store)


@pytest.fixture
def backup(quick_folder):
    """The content of a backup of another kiosk."""
    fill(quick_folder / "other")
    return copied(quick_folder / "other", quick_folder / "copy.db").read_bytes()


def test_a_backup_is_there_to_be_read_and_then_gone(kiosk):
    before = names_in(kiosk.folder)
    with kiosk.backups.make() as path:
        assert path.name == "kiosk-20260302-080000.backup"
        assert path.parent.stat().st_mode & 0o077 == 0
        file = path.open("rb")
    with file:
        assert file.read().startswith(b"PK\x03\x04")
    assert names_in(kiosk.folder) == before


def test_two_backups_at_once_do_not_meet(kiosk):
    with kiosk.backups.make() as one, kiosk.backups.make() as two:
        assert one.read_bytes() == two.read_bytes()
        assert one != two


def test_where_there_is_no_room_nothing_is_left(kiosk):
    before = names_in(kiosk.folder)
    (kiosk.folder / "kiosk.db").rename(kiosk.folder.parent / "elsewhere")
    with pytest.raises(StoreError, match="was removed or replaced"), kiosk.backups.make():
        pass
    (kiosk.folder.parent / "elsewhere").rename(kiosk.folder / "kiosk.db")
    assert names_in(kiosk.folder) == before


def test_what_was_downloaded_can_be_uploaded(kiosk):
    kiosk.upload(kiosk.downloaded())
    assert kiosk.restarts == 1
    assert names_in(kiosk.folder) == ["kiosk.db", "kiosk.lock", PENDING]


def test_the_restarted_kiosk_has_what_the_backup_held(kiosk, backup):
    kiosk.upload(backup)
    assert "Line 0" not in " ".join(lines_in(kiosk.folder))
    restart(kiosk.folder)
    assert lines_in(kiosk.folder)[0].startswith("Line 0")


def test_programs_and_settings_come_along(kiosk, quick_folder):
    other = household(quick_folder / "other", "other")
    with opened(other) as store:
        content = RunningKiosk(other, store).downloaded()
    kiosk.upload(content, "kiosk.backup")
    assert names_in(kiosk.folder) == ["kiosk.db", "kiosk.lock", PENDING]
    restart(kiosk.folder)
    assert lines_in(kiosk.folder)[0] == "other"
    assert (kiosk.folder / "programs" / "ours.toml").read_text() == "# other\n"
    assert (kiosk.folder / "kiosk.toml").read_text() == "# other\nvolume = 50\n"


def test_a_small_file_that_unpacks_to_far_more_than_one_may_hand_in(kiosk, quick_folder):
    other = household(quick_folder / "other", "other")
    for number in range(5):
        (other / "programs" / f"zeros-{number}.toml").write_bytes(bytes(190_000))
    packed(other, quick_folder / "kiosk.backup")
    before = picture(kiosk.folder)
    with pytest.raises(StoreError, match=r"kiosk\.backup cannot be restored: it would need more"):
        kiosk.upload((quick_folder / "kiosk.backup").read_bytes(), "kiosk.backup")
    assert picture(kiosk.folder) == before
    assert kiosk.restarts == 0


def test_what_no_kiosk_uses_is_left_out_and_the_log_says_so(kiosk, caplog):
    (kiosk.folder / "programs").mkdir()
    (kiosk.folder / "programs" / "My Program.toml").write_text("")
    with kiosk.backups.make():
        pass
    (message,) = caplog.messages
    assert "My Program.toml is not in the backup" in message


def restart(state):
    with StateLock.take(state) as lock:
        restore_pending(state, lock, NEXT_DAY)


@pytest.mark.parametrize("state", [State.PREPARING, State.RUNNING, State.PAUSED, State.ASKING])
def test_nothing_is_restored_while_a_session_goes_on(kiosk, backup, state):
    kiosk.state = state
    before = picture(kiosk.folder)
    with pytest.raises(ConflictError, match="A session is going on"):
        kiosk.upload(backup)
    assert picture(kiosk.folder) == before
    assert kiosk.restarts == 0


@pytest.mark.parametrize("state", [State.IDLE, State.FINISHED, State.REMINDING, State.FAILED])
def test_at_any_other_time_it_is(kiosk, backup, state):
    kiosk.state = state
    kiosk.upload(backup)
    assert kiosk.restarts == 1


class Slow(io.BytesIO):
    """An upload during which something happens."""

    def __init__(self, content, happening):
        super().__init__(content)
        self._happening = happening

    def read(self, size=-1):
        self._happening()
        return super().read(size)


def test_a_session_that_begins_meanwhile_goes_before(kiosk, backup):
    def begin():
        kiosk.state = State.RUNNING

    before = names_in(kiosk.folder)
    with pytest.raises(ConflictError, match="A session is going on"):
        kiosk.backups.restore(Slow(backup, begin), "kiosk.db")
    assert names_in(kiosk.folder) == before
    assert kiosk.restarts == 0


def test_one_upload_does_not_mix_with_another(kiosk, backup):
    refused = []

    def second():
        try:
            kiosk.upload(b"something else")
        except ConflictError as error:
            refused.append(str(error))

    def in_between():
        thread = threading.Thread(target=second)
        thread.start()
        thread.join()

    kiosk.backups.restore(Slow(backup, in_between), "kiosk.db")
    assert set(refused) == {"Another backup is being looked over. Try again in a moment."}
    assert (kiosk.folder / PENDING).read_bytes() == backup
    assert kiosk.restarts == 1


@pytest.mark.parametrize(
    ("content", "name", "sentence"),
    [
        (
            b"PK\x03\x04 some archive" * 50,
            "C:\\Photos\\holiday.zip",
            "holiday.zip cannot be restored: it is none of the kiosk's files. Nothing was changed.",
        ),
        (b"", "", "The file cannot be restored: it is none of the kiosk's files."),
        (b"x" * 200_001, "../../film.mp4", "film.mp4 is larger than 0.2 MB; is it the right file?"),
        (b"", "n\n\x1b[2Jame" * 50, "n[2Jamen[2Jame"),
    ],
)
def test_what_is_no_backup_is_told_by_its_name(kiosk, content, name, sentence):
    before = picture(kiosk.folder)
    with pytest.raises(StoreError) as refused:
        kiosk.upload(content, name)
    assert str(refused.value).startswith(sentence)
    assert str(refused.value).isprintable()
    assert picture(kiosk.folder) == before
    assert kiosk.restarts == 0


def test_a_damaged_backup_is_found_out_at_once(kiosk, backup):
    with pytest.raises(StoreError, match=r"kiosk.db cannot be restored: .* Nothing was changed\."):
        kiosk.upload(backup[: len(backup) // 2])
    assert not [name for name in names_in(kiosk.folder) if name.startswith("restore.")]


def test_a_backup_of_a_newer_kiosk_is_refused(kiosk, backup):
    newer = bytearray(backup)
    newer[60:64] = (99).to_bytes(4, "big")
    with pytest.raises(StoreError, match=r"kiosk\.db was written by a newer kiosk"):
        kiosk.upload(bytes(newer))
    assert not [name for name in names_in(kiosk.folder) if name.startswith("restore.")]


def test_a_backup_that_another_program_has_looked_into_leaves_nothing_beside_it(kiosk, backup):
    """Such a program may have SQLite keep its changes in a second file from then on."""
    kiosk.upload(logged(backup))
    assert names_in(kiosk.folder) == ["kiosk.db", "kiosk.lock", PENDING]


def test_it_is_restored_as_any_other(kiosk, backup):
    (kiosk.folder / PENDING).write_bytes(logged(backup))
    restart(kiosk.folder)
    assert lines_in(kiosk.folder)[0].startswith("Line 0")
    names = [name for name in names_in(kiosk.folder) if "restore" not in name]
    assert names == ["kiosk.db", "kiosk.lock"]
    assert (kiosk.folder / "kiosk.db").read_bytes()[18:20] == b"\x01\x01"


def logged(backup):
    """The same, with a header that says there is a write-ahead log."""
    changed = bytearray(backup)
    changed[18:20] = b"\x02\x02"
    return bytes(changed)
