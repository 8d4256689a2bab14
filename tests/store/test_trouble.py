"""The disk is full, may not be written to, the file is gone: what is said, what stays whole."""

import errno
import os
import sqlite3
import tempfile
from pathlib import Path

import pytest

from kiosk.errors import StoreError
from kiosk.history.audit import Actor
from kiosk.levels.doses import Dose
from kiosk.store.database import in_words, means_damage, os_in_words
from kiosk.store.restore import restore_backup
from tests.store.kit import (
    LINES,
    NOW,
    SPOT,
    a_line,
    a_session,
    an_entry,
    child,
    data_file,
    done,
    everything,
    fill,
    lines_in,
    opened,
    opened_by_kiosk,
    opened_sound,
)


def run(name, folder):
    """The lines that a child prints."""
    with child(name, folder) as process:
        return process.stdout.read().splitlines()


def set_many_doses(store):
    with store.writing():
        for number in range(1000):
            store.doses.set(Dose("low-back-start", f"exercise-{number}", number), Actor.PAGE, NOW)


class TestAFullDisk:
    def test_what_was_kept_stays_and_the_store_goes_on_once_there_is_room(self, tmp_path):
        with opened(tmp_path) as store:
            session = store.sessions.begin(a_session())
            store.sessions.progress(session, SPOT, [done(1)])
            kept = everything(store)
            connection = store._database._connection
            (pages,) = connection.execute("PRAGMA page_count").fetchone()
            connection.execute(f"PRAGMA max_page_count = {pages}")

            for attempt in (
                lambda: store.audit.add(a_line("much to say " * 10_000)),
                lambda: store.plan.add(an_entry("a-long-name" * 1000), Actor.PAGE, NOW),
                lambda: store.sessions.progress(session, SPOT, [done(n) for n in range(1000)]),
                lambda: set_many_doses(store),
            ):
                with pytest.raises(StoreError) as full:
                    attempt()
                assert str(full.value) == (
                    f"There is no room left on the disk for {data_file(tmp_path)}. Free some space;"
                    " what was kept before is whole."
                )
                assert everything(store) == kept

            connection.execute("PRAGMA max_page_count = 1000000")
            store.audit.add(a_line("much to say " * 10_000))
        with opened_sound(tmp_path) as store:
            assert len(store.audit.newest()) == 1

    def test_what_the_system_refuses_to_write_spoils_nothing(self, tmp_path):
        fill(tmp_path)
        *kept, error, again, session = run("cramped", tmp_path)
        assert kept == [f"kept: {number}" for number in range(len(kept))]
        assert len(kept) > 0
        assert error.startswith(f"error: The disk failed at {data_file(tmp_path)} (")
        assert (again, session) == ("room again", "session: 2")
        with opened_sound(tmp_path) as store:
            assert len(store.audit.newest(1000)) == LINES + len(kept)
            assert len(store.sessions.between()) == 2


def test_a_state_directory_that_may_only_be_read():
    """As root may write anywhere, the child gives up that right."""
    with tempfile.TemporaryDirectory() as folder:
        fill(Path(folder, "used"))
        Path(folder, "new").mkdir()
        file = data_file(Path(folder, "used"))
        (Path(folder, "used", "kiosk.lock")).unlink(missing_ok=True)
        for path, mode in ((file, 0o444), (file.parent, 0o555), (Path(folder, "new"), 0o555)):
            path.chmod(mode)
        Path(folder).chmod(0o755)

        lines = run("unprivileged", folder)

        advice = (
            "Let the kiosk's user write to it and to its folder, and see that the disk is not"
            " mounted read-only."
        )
        assert lines == [
            f"take the lock: {folder}/used/kiosk.lock cannot be written to. {advice}",
            f"make a store: {folder}/new/kiosk.lock cannot be written to. {advice}",
            "sessions: 1",
            f"write: {file} cannot be written to. {advice}",
            f"back up: {file} cannot be written to. {advice}",
        ]
        for path in (file.parent, Path(folder, "new")):
            path.chmod(0o755)
        assert len(lines_in(file.parent)) == LINES


def test_a_state_directory_that_cannot_be_made(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreError, match="Not a directory"), opened(tmp_path / "file" / "state"):
        pass


def test_what_root_makes_belongs_to_who_owns_the_state_directory(tmp_path, tmp_path_factory):
    """So that a command given as root does not shut out the kiosk's own user."""
    backup = tmp_path_factory.mktemp("stick") / "kiosk.backup"
    if os.geteuid() == 0:
        os.chown(tmp_path, 65534, 65534)
    fill(tmp_path)
    with opened(tmp_path) as store:
        store.backup_if_due(NOW)
        store.backup_to(backup)
    data_file(tmp_path).write_bytes(b"garbage")
    with opened_by_kiosk(tmp_path):
        pass
    mended = data_file(tmp_path).stat()
    restore_backup(tmp_path, backup, NOW)
    owner = tmp_path.stat().st_uid
    assert mended.st_uid == owner
    made = [path for path in tmp_path.rglob("*") if "damaged" not in path.name]
    assert {path.name: path.stat().st_uid for path in made} == {path.name: owner for path in made}
    assert backup.stat().st_uid == os.geteuid()


class TestAFileThatGoesAway:
    @pytest.fixture
    def store(self, tmp_path):
        fill(tmp_path)
        with opened(tmp_path) as store:
            yield store

    @pytest.mark.parametrize(
        "use",
        [
            lambda store: store.audit.add(a_line()),
            lambda store: store.sessions.between(),
            lambda store: store.change_count(),
            lambda store: store.backup_if_due(NOW),
        ],
    )
    def test_nothing_is_written_where_nobody_will_look(self, store, tmp_path, use):
        data_file(tmp_path).rename(tmp_path / "moved away")
        with pytest.raises(StoreError, match="was removed or replaced while it was in use"):
            use(store)
        fill(tmp_path)
        with pytest.raises(StoreError, match="was removed or replaced while it was in use"):
            use(store)

    def test_it_goes_on_when_the_same_file_is_back(self, store, tmp_path):
        data_file(tmp_path).rename(tmp_path / "moved away")
        with pytest.raises(StoreError):
            store.audit.add(a_line())
        (tmp_path / "moved away").rename(data_file(tmp_path))
        store.audit.add(a_line())
        assert len(store.audit.newest()) == LINES + 1


@pytest.mark.parametrize(
    "change",
    [
        lambda store: store.sessions.begin(a_session(level=2**70)),
        lambda store: store.audit.add(a_line("\udcff")),
    ],
    ids=["a number too large", "text that is none"],
)
def test_what_cannot_be_stored_is_refused(store, change):
    before = everything(store)
    with pytest.raises(StoreError, match="does not fit"):
        change(store)
    assert everything(store) == before


def test_a_closed_store_can_not_be_used(tmp_path):
    with opened(tmp_path) as store:
        pass
    with pytest.raises(StoreError, match="closed"):
        store.audit.add(a_line())


DAMAGED = "/x/kiosk.db is damaged (it went wrong)."
FAILED = "The disk failed at /x/kiosk.db (it went wrong)."


@pytest.mark.parametrize(
    ("name", "beginning", "damage"),
    [
        ("CORRUPT", DAMAGED, True),
        ("CORRUPT_VTAB", DAMAGED, True),
        ("CORRUPT_INDEX", DAMAGED, True),
        ("NOTADB", DAMAGED, True),
        ("IOERR_READ", FAILED, True),
        ("IOERR_WRITE", FAILED, False),
        ("IOERR_FSYNC", FAILED, False),
        ("FULL", "There is no room left on the disk for /x/kiosk.db.", False),
        ("READONLY_DIRECTORY", "/x/kiosk.db cannot be written to.", False),
        ("BUSY", "Another program keeps /x/kiosk.db locked.", False),
        ("BUSY_SNAPSHOT", "Another program keeps /x/kiosk.db locked.", False),
        ("CANTOPEN", "/x/kiosk.db cannot be opened.", False),
        ("CANTOPEN_ISDIR", "/x/kiosk.db cannot be opened.", False),
        ("CONSTRAINT_CHECK", "What was to be kept in /x/kiosk.db does not fit", False),
        ("MISUSE", "What the kiosk remembers in /x/kiosk.db cannot be used", False),
    ],
)
def test_errors_of_sqlite_say_what_to_do_and_those_that_waiting_cannot_cure_are_damage(
    name, beginning, damage
):
    error = sqlite3.DatabaseError("it went wrong")
    error.sqlite_errorcode = getattr(sqlite3, f"SQLITE_{name}")
    assert in_words(error, Path("/x/kiosk.db")).startswith(beginning)
    assert means_damage(error) is damage


@pytest.mark.parametrize(
    ("number", "beginning"),
    [
        (errno.ENOSPC, "There is no room left on the disk for /y."),
        (errno.EROFS, "/y cannot be written to."),
        (errno.EIO, "The disk failed at /y (Input/output error)."),
        (errno.EMFILE, "What the kiosk remembers in /y cannot be used (Too many open files)"),
    ],
)
def test_errors_of_the_system_say_what_to_do(number, beginning):
    error = OSError(number, os.strerror(number), "/y")
    assert os_in_words(error, Path("/x/kiosk.db")).startswith(beginning)
