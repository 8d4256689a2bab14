"""Backups on the pages: downloaded, uploaded but never during a session, restored at a start."""

import io
import logging
from functools import partial

import pytest

from kiosk.errors import ConflictError, StoreError
from kiosk.history.audit import Actor
from kiosk.locale.problems import error_text
from kiosk.session.snapshot import Snapshot, State
from kiosk.store.files import StateLock
from kiosk.store.restore import FAILED, PENDING, STAGED, commit
from kiosk.store.service import BackupService
from tests.audit_log import text_of
from tests.builders import at_once
from tests.fakes.wall_clock import FakeWallClock
from tests.store.kit import (
    COPY,
    NEXT_DAY,
    NOW,
    a_line,
    copied,
    fill,
    household,
    lines_in,
    names_in,
    opened,
    opened_sound,
    packed,
    picture,
    start,
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
        start(kiosk.folder)
        assert lines_in(kiosk.folder)[0] == "other"
        assert (kiosk.folder / "programs" / "ours.toml").read_text() == "# other\n"
        assert (kiosk.folder / "kiosk.toml").read_text() == "# other\nvolume = 50\n"

    def test_a_database_that_another_program_had_keep_a_write_ahead_log(self, kiosk, backup):
        """Nothing is left beside it, when it is checked and when it is restored."""
        logged = bytearray(backup)
        logged[18:20] = b"\x02\x02"
        kiosk.upload(bytes(logged))
        assert names_in(kiosk.folder) == ["kiosk.db", "kiosk.lock", PENDING]
        start(kiosk.folder)
        assert lines_in(kiosk.folder)[0].startswith("Line 0")
        names = [name for name in names_in(kiosk.folder) if "restore" not in name]
        assert names == ["kiosk.db", "kiosk.lock"]
        assert (kiosk.folder / "kiosk.db").read_bytes()[18:20] == b"\x01\x01"

    @pytest.mark.parametrize("state", [State.PREPARING, State.RUNNING, State.PAUSED, State.ASKING])
    @pytest.mark.parametrize("when", ["before", "meanwhile"])
    def test_nothing_is_restored_while_a_session_goes_on(self, kiosk, backup, state, when):
        def begin():
            kiosk.state = state

        if when == "before":
            begin()
        error = kiosk.refusal(backup, meanwhile=begin)
        assert isinstance(error, ConflictError)
        assert error_text(error).startswith("A session is going on")

    @pytest.mark.parametrize("state", [State.IDLE, State.FINISHED, State.REMINDING, State.FAILED])
    def test_at_any_other_time_it_is(self, kiosk, backup, state):
        kiosk.state = state
        kiosk.upload(backup)
        assert kiosk.restarts == 1

    def test_one_upload_does_not_mix_with_another(self, kiosk, backup):
        refused = []

        def in_between():
            refused.extend(at_once(partial(kiosk.upload, b"something else")))

        kiosk.upload(backup, meanwhile=in_between)
        message = "Another backup is being looked over. Try again in a moment."
        assert {error_text(error) for error in refused} == {message}
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

    def test_a_small_file_that_unpacks_to_far_more_than_one_may_upload(self, kiosk, quick_folder):
        other = household(quick_folder / "other", "other")
        for number in range(5):
            (other / "programs" / f"zeros-{number}.toml").write_bytes(bytes(190_000))
        content = packed(other, quick_folder / "kiosk.backup").read_bytes()
        assert str(kiosk.refusal(content, "kiosk.backup")).startswith(
            "kiosk.backup cannot be restored: it would need more"
        )


class TestTheNextStart:
    @pytest.fixture
    def state(self, quick_folder):
        """A kiosk to which a backup was uploaded."""
        with opened(quick_folder / "other") as store:
            store.audit.add(a_line("From the backup."))
        state = quick_folder / "state"
        with opened(state) as store:
            store.audit.add(a_line("Kept here before."))
        copied(quick_folder / "other", state / PENDING)
        return state

    def test_it_is_in_place_once_and_what_was_there_kept_beside_it(self, state, caplog):
        with caplog.at_level(logging.INFO):
            start(state)
        assert names_in(state) == ["kiosk.db", f"kiosk.db{COPY}", "kiosk.lock"]
        kept = f"; what was there before is kept as kiosk.db{COPY}."
        assert caplog.messages == [f"The backup that was handed in is restored{kept}"]
        with opened_sound(state) as store:
            first, last = store.audit.newest()
        assert text_of(first) == "From the backup."
        assert (last.at, last.actor) == (NEXT_DAY, Actor.PAGE)
        assert text_of(last) == f"Restored the backup that was handed in{kept}"

        before = picture(state)
        start(state)
        assert picture(state) == before

    def test_without_one_nothing_happens_but_leftovers_of_a_cut_go(self, state):
        (state / PENDING).unlink()
        of_0_1_0 = ("restore.upload", "restore.scratch", "kiosk.db.new")
        for name in (*of_0_1_0, *(f"{name}-journal" for name in of_0_1_0), f"{PENDING}-wal"):
            (state / name).write_bytes(b"half")
        for name in (STAGED, ".temporary-x1", "restore.unfinished", ".download-x1"):
            (state / name).mkdir()
            (state / name / "kiosk.db").write_bytes(b"half")
        start(state)
        assert lines_in(state) == ["Kept here before."]
        assert names_in(state) == ["kiosk.db", "kiosk.lock"]

    def test_one_that_spoiled_meanwhile_is_put_away_and_the_kiosk_goes_on(self, state, caplog):
        (state / PENDING).write_bytes(b"garbage")
        start(state)
        assert lines_in(state) == ["Kept here before."]
        assert (state / FAILED).read_bytes() == b"garbage"
        assert names_in(state) == ["kiosk.db", "kiosk.lock", FAILED]
        (message,) = caplog.messages
        assert message.startswith(
            "The backup that was handed in is not restored; it is kept as restore.failed."
        )
        assert message.endswith("it is none of the kiosk's files. Nothing was changed.")

    def test_the_log_says_which_settings_came_from_another_machine(self, state, caplog):
        other = household(state.parent / "another", "another")
        (other / "kiosk.toml").write_text("pin = 27\n")
        packed(other, state / PENDING)
        start(state)
        (message,) = caplog.messages
        assert message == (
            "The backup brought settings of its machine along: pin = 27. See that they fit this"
            " one."
        )

    def test_any_command_that_comes_first_finishes_a_restore(self, state):
        """Such as `kiosk status`, given by somebody who was quicker than the kiosk."""
        (state / PENDING).unlink()
        (state / STAGED / "programs").mkdir(parents=True)
        (state / STAGED / "programs" / "ours.toml").write_text("# from the backup")
        copied(state.parent / "other", state / STAGED / "kiosk.db")
        assert lines_in(state) == ["Kept here before."]
        commit(state, ".old")
        assert lines_in(state) == ["From the backup."]
        assert names_in(state) == ["kiosk.db", "kiosk.db.old", "kiosk.lock", "programs"]

    def test_but_not_while_a_kiosk_runs(self, state):
        (state / STAGED).mkdir()
        commit(state, ".old")
        with StateLock.take(state), pytest.raises(StoreError, match="Stop the kiosk and start"):
            lines_in(state)
        assert lines_in(state) == ["Kept here before."]
