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


class Upload(io.BytesIO):
    """An upload during which something happens."""

    def __init__(self, content, meanwhile):
        super().__init__(content)
        self._meanwhile = meanwhile

    def read(self, size=-1):
        self._meanwhile()
        return super().read(size)


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

    def upload(self, content, name="kiosk.db", meanwhile=lambda: None):
        self.backups.restore(Upload(content, meanwhile), name)

    def refusal(self, *arguments, **options):
        """The error of an upload that changes nothing."""
        before = picture(self.folder)
        with pytest.raises((StoreError, ConflictError)) as refused:
            self.upload(*arguments, **options)
        assert picture(self.folder) == before
        assert self.restarts == 0
        return refused.value

    def downloaded(self):
        with self.backups.make() as path:
            return path.read_bytes()

    def start_again(self):
        with StateLock.take(self.folder) as lock:
            restore_pending(self.folder, lock, NEXT_DAY)


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


class TestDownload:
    def test_a_backup_is_there_to_be_read_and_then_gone(self, kiosk):
        before = names_in(kiosk.folder)
        with kiosk.backups.make() as path:
            assert path.name == "kiosk-20260302-080000.backup"
            assert path.parent.stat().st_mode & 0o077 == 0
            file = path.open("rb")
        with file:
            assert file.read().startswith(b"PK\x03\x04")
        assert names_in(kiosk.folder) == before

    def test_two_backups_at_once_do_not_meet(self, kiosk):
        with kiosk.backups.make() as one, kiosk.backups.make() as two:
            assert one.read_bytes() == two.read_bytes()
            assert one != two

    def test_one_that_cannot_be_finished_leaves_nothing(self, kiosk):
        before = names_in(kiosk.folder)
        (kiosk.folder / "kiosk.db").rename(kiosk.folder.parent / "elsewhere")
        with pytest.raises(StoreError, match="was removed or replaced"), kiosk.backups.make():
            pass
        (kiosk.folder.parent / "elsewhere").rename(kiosk.folder / "kiosk.db")
        assert names_in(kiosk.folder) == before

    def test_what_no_kiosk_uses_is_left_out_and_the_log_says_so(self, kiosk, caplog):
        (kiosk.folder / "programs").mkdir()
        (kiosk.folder / "programs" / "My Program.toml").write_text("")
        kiosk.downloaded()
        (message,) = caplog.messages
        assert "My Program.toml is not in the backup" in message


class TestUpload:
    def test_the_restarted_kiosk_has_what_was_downloaded(self, kiosk, quick_folder):
        other = household(quick_folder / "other", "other")
        with opened(other) as store:
            content = RunningKiosk(other, store).downloaded()
        kiosk.upload(content, "kiosk.backup")
        assert kiosk.restarts == 1
        assert names_in(kiosk.folder) == ["kiosk.db", "kiosk.lock", PENDING]
        assert lines_in(kiosk.folder) == ["Kept here before."]
        kiosk.start_again()
        assert lines_in(kiosk.folder)[0] == "other"
        assert (kiosk.folder / "programs" / "ours.toml").read_text() == "# other\n"
        assert (kiosk.folder / "kiosk.toml").read_text() == "# other\nvolume = 50\n"

    def test_a_database_that_another_program_had_keep_a_write_ahead_log(self, kiosk, backup):
        """Nothing is left beside it, when it is checked and when it is restored."""
        logged = bytearray(backup)
        logged[18:20] = b"\x02\x02"
        kiosk.upload(bytes(logged))
        assert names_in(kiosk.folder) == ["kiosk.db", "kiosk.lock", PENDING]
        kiosk.start_again()
        assert lines_in(kiosk.folder)[0].startswith("Line 0")
        names = [name for name in names_in(kiosk.folder) if "restore" not in name]
        assert names == ["kiosk.db", "kiosk.lock"]
        assert (kiosk.folder / "kiosk.db").read_bytes()[18:20] == b"\x01\x01"

    @pytest.mark.parametrize("state", [State.PREPARING, State.RUNNING, State.PAUSED, State.ASKING])
    def test_nothing_is_restored_while_a_session_goes_on(self, kiosk, backup, state):
        kiosk.state = state
        error = kiosk.refusal(backup)
        assert isinstance(error, ConflictError)
        assert str(error).startswith("A session is going on")

    @pytest.mark.parametrize("state", [State.IDLE, State.FINISHED, State.REMINDING, State.FAILED])
    def test_at_any_other_time_it_is(self, kiosk, backup, state):
        kiosk.state = state
        kiosk.upload(backup)
        assert kiosk.restarts == 1

    def test_a_session_that_begins_meanwhile_goes_before(self, kiosk, backup):
        def begin():
            kiosk.state = State.RUNNING

        error = kiosk.refusal(backup, meanwhile=begin)
        assert isinstance(error, ConflictError)
        assert str(error).startswith("A session is going on")

    def test_one_upload_does_not_mix_with_another(self, kiosk, backup):
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

        kiosk.upload(backup, meanwhile=in_between)
        assert set(refused) == {"Another backup is being looked over. Try again in a moment."}
        assert (kiosk.folder / PENDING).read_bytes() == backup
        assert kiosk.restarts == 1

    @pytest.mark.parametrize(
        ("content", "name", "sentence"),
        [
            (
                b"PK\x03\x04 some archive" * 50,
                "C:\\Photos\\holiday.zip",
                "holiday.zip cannot be restored: it is none of the kiosk's files. Nothing was ch",
            ),
            (b"", "", "The file cannot be restored: it is none of the kiosk's files."),
            (b"x" * 200_001, "../../film.mp4", "film.mp4 is larger than 0.2 MB; is it the right"),
            (b"", "n\n\x1b[2Jame" * 50, "n[2Jamen[2Jame"),
        ],
    )
    def test_what_is_no_backup_is_refused_by_its_name(self, kiosk, content, name, sentence):
        text = str(kiosk.refusal(content, name))
        assert text.startswith(sentence)
        assert text.isprintable()

    def test_half_a_backup_or_a_newer_kiosks_is_refused_at_once(self, kiosk, backup):
        half = str(kiosk.refusal(backup[: len(backup) // 2]))
        assert half.startswith("kiosk.db cannot be restored: ")
        assert half.endswith(" Nothing was changed.")
        newer = backup[:60] + (99).to_bytes(4, "big") + backup[64:]
        assert str(kiosk.refusal(newer)).startswith("kiosk.db was written by a newer kiosk")

    def test_a_small_file_that_unpacks_to_far_more_than_one_may_upload(self, kiosk, quick_folder):
        other = household(quick_folder / "other", "other")
        for number in range(5):
            (other / "programs" / f"zeros-{number}.toml").write_bytes(bytes(190_000))
        content = packed(other, quick_folder / "kiosk.backup").read_bytes()
        assert str(kiosk.refusal(content, "kiosk.backup")).startswith(
            "kiosk.backup cannot be restored: it would need more"
        )
