"""All that is kept is taken away and brought back, but never out from under a session."""

import io
import tempfile
import threading
from pathlib import Path

import pytest

from kiosk.errors import ConflictError, StoreError
from kiosk.session.snapshot import Snapshot, State
from kiosk.store.files import StateLock
from kiosk.store.restore import BackupFiles, take_pending
from kiosk.store.service import BackupService
from kiosk.store.staging import PENDING
from tests.fakes.wall_clock import FakeWallClock
from tests.store.kit import (
    DAY,
    MEMORY,
    NOW,
    a_line,
    fill,
    household,
    lines_in,
    names_in,
    opened,
    packed,
    picture,
)


class Desk:
    """A desk in front of a folder, with a kiosk that can be in any state."""

    def __init__(self, state, store):
        self.folder = state
        self.state = State.IDLE
        self.restarts = 0
        space = BackupFiles(state, store, FakeWallClock(NOW), largest=200_000)
        self.desk = BackupService(space, self.snapshot, self.restart)

    def snapshot(self):
        return Snapshot(seq=0, as_of=0.0, state=self.state)

    def restart(self):
        self.restarts += 1

    def restore(self, content, name="kiosk.db"):
        self.desk.restore(io.BytesIO(content), name)


@pytest.fixture
def quick_folder():
    """A folder that costs no wait for a disk."""
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        yield Path(folder)


@pytest.fixture
def there(quick_folder):
    state = quick_folder / "state"
    with opened(state) as store:
        store.audit.add(a_line("Kept here before."))
        yield Desk(state, store)


@pytest.fixture
def backup(quick_folder):
    """The content of a backup of another kiosk."""
    fill(quick_folder / "other")
    with opened(quick_folder / "other") as store:
        store.backup_to(quick_folder / "copy.db")
    return (quick_folder / "copy.db").read_bytes()


def test_a_backup_is_there_to_be_read_and_then_gone(there):
    before = names_in(there.folder)
    with there.desk.make() as path:
        assert path.name == "kiosk-20260302-080000.backup"
        assert path.parent.stat().st_mode & 0o077 == 0
        file = path.open("rb")
    with file:
        assert file.read().startswith(b"PK\x03\x04")
    assert names_in(there.folder) == before


def test_two_backups_at_once_do_not_meet(there):
    with there.desk.make() as one, there.desk.make() as two:
        assert one.read_bytes() == two.read_bytes()
        assert one != two


def test_where_there_is_no_room_nothing_is_left(there):
    before = names_in(there.folder)
    (there.folder / "kiosk.db").rename(there.folder.parent / "elsewhere")
    with pytest.raises(StoreError, match="was removed or replaced"), there.desk.make():
        pass
    (there.folder.parent / "elsewhere").rename(there.folder / "kiosk.db")
    assert names_in(there.folder) == before


def test_what_was_taken_away_can_be_brought_back(there):
    with there.desk.make() as path:
        content = path.read_bytes()
    there.restore(content)
    assert there.restarts == 1
    assert names_in(there.folder) == ["kiosk.db", "kiosk.lock", PENDING]


def test_the_restarted_kiosk_has_what_the_backup_held(quick_folder, backup):
    state = quick_folder / "state"
    with opened(state) as store:
        Desk(state, store).restore(backup)
    assert "Line 0" not in " ".join(lines_in(state))
    restarted(state)
    assert lines_in(state)[0].startswith("Line 0")


def test_programs_and_settings_come_along(quick_folder):
    other = household(quick_folder / "other", "other")
    with opened(other) as store, Desk(other, store).desk.make() as path:
        content = path.read_bytes()
    state = quick_folder / "state"
    with opened(state) as store:
        Desk(state, store).restore(content, "kiosk.backup")
        assert names_in(state) == ["kiosk.db", "kiosk.lock", PENDING]
    restarted(state)
    assert lines_in(state)[0] == "other"
    assert (state / "programs" / "ours.toml").read_text() == "# other\n"
    assert (state / "kiosk.toml").read_text() == "# other\nvolume = 50\n"


def test_a_small_file_that_unpacks_to_far_more_than_one_may_hand_in(there, quick_folder):
    other = household(quick_folder / "other", "other")
    for number in range(5):
        (other / "programs" / f"zeros-{number}.toml").write_bytes(bytes(190_000))
    packed(other, quick_folder / "kiosk.backup")
    before = picture(there.folder)
    with pytest.raises(StoreError, match=r"kiosk\.backup cannot be restored: it would need more"):
        there.restore((quick_folder / "kiosk.backup").read_bytes(), "kiosk.backup")
    assert picture(there.folder) == before
    assert there.restarts == 0


def test_what_no_kiosk_uses_is_left_out_and_the_log_says_so(there, caplog):
    (there.folder / "programs").mkdir()
    (there.folder / "programs" / "My Program.toml").write_text("")
    with there.desk.make():
        pass
    (message,) = caplog.messages
    assert "My Program.toml is not in the backup" in message


def restarted(state):
    with StateLock.take(state) as lock:
        take_pending(state, lock, NOW + DAY)


@pytest.mark.parametrize("state", [State.PREPARING, State.RUNNING, State.PAUSED, State.ASKING])
def test_nothing_is_restored_while_a_session_goes_on(there, backup, state):
    there.state = state
    before = picture(there.folder)
    with pytest.raises(ConflictError, match="A session is going on"):
        there.restore(backup)
    assert picture(there.folder) == before
    assert there.restarts == 0


@pytest.mark.parametrize("state", [State.IDLE, State.FINISHED, State.REMINDING, State.FAILED])
def test_at_any_other_time_it_is(there, backup, state):
    there.state = state
    there.restore(backup)
    assert there.restarts == 1


class Slow(io.BytesIO):
    """An upload during which something happens."""

    def __init__(self, content, happening):
        super().__init__(content)
        self._happening = happening

    def read(self, size=-1):
        self._happening()
        return super().read(size)


def test_a_session_that_begins_meanwhile_goes_before(there, backup):
    def begin():
        there.state = State.RUNNING

    before = names_in(there.folder)
    with pytest.raises(ConflictError, match="A session is going on"):
        there.desk.restore(Slow(backup, begin), "kiosk.db")
    assert names_in(there.folder) == before
    assert there.restarts == 0


def test_one_upload_does_not_mix_with_another(there, backup):
    refused = []

    def second():
        try:
            there.restore(b"something else")
        except ConflictError as error:
            refused.append(str(error))

    def in_between():
        thread = threading.Thread(target=second)
        thread.start()
        thread.join()

    there.desk.restore(Slow(backup, in_between), "kiosk.db")
    assert set(refused) == {"Another backup is being looked over. Try again in a moment."}
    assert (there.folder / PENDING).read_bytes() == backup
    assert there.restarts == 1


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
def test_what_is_no_backup_is_told_by_its_name(there, content, name, sentence):
    before = picture(there.folder)
    with pytest.raises(StoreError) as refused:
        there.restore(content, name)
    assert str(refused.value).startswith(sentence)
    assert str(refused.value).isprintable()
    assert picture(there.folder) == before
    assert there.restarts == 0


def test_a_damaged_backup_is_found_out_at_once(there, backup):
    with pytest.raises(StoreError, match=r"kiosk.db cannot be restored: .* Nothing was changed\."):
        there.restore(backup[: len(backup) // 2])
    assert not [name for name in names_in(there.folder) if name.startswith("restore.")]


def test_a_backup_of_a_newer_kiosk_is_refused(there, backup):
    newer = bytearray(backup)
    newer[60:64] = (99).to_bytes(4, "big")
    with pytest.raises(StoreError, match=r"kiosk\.db was written by a newer kiosk"):
        there.restore(bytes(newer))
    assert not [name for name in names_in(there.folder) if name.startswith("restore.")]


def test_a_backup_that_another_program_has_looked_into_leaves_nothing_beside_it(there, backup):
    """Such a program may have SQLite keep its changes in a second file from then on."""
    there.restore(logged(backup))
    assert names_in(there.folder) == ["kiosk.db", "kiosk.lock", PENDING]


def test_it_is_restored_as_any_other(quick_folder, backup):
    state = quick_folder / "state"
    with opened(state):
        pass
    (state / PENDING).write_bytes(logged(backup))
    restarted(state)
    assert lines_in(state)[0].startswith("Line 0")
    assert [name for name in names_in(state) if "restore" not in name] == ["kiosk.db", "kiosk.lock"]
    assert (state / "kiosk.db").read_bytes()[18:20] == b"\x01\x01"


def logged(backup):
    """The same, with a header that says there is a write-ahead log."""
    changed = bytearray(backup)
    changed[18:20] = b"\x02\x02"
    return bytes(changed)
