"""Many threads and several processes use one store."""

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from kiosk.errors import StoreError
from kiosk.history.audit import Actor
from kiosk.store.opening import open_store
from tests.audit_log import sentences, text_of
from tests.store.kit import (
    NOW,
    SPOT,
    a_line,
    a_session,
    bare,
    data_file,
    done,
    fill,
    opened,
    opened_by_kiosk,
)

THREADS = 8
CHANGES = 25
ROOT = Path(__file__).parents[2]


def test_eight_threads_lose_nothing_and_see_no_half_changes(store):
    together = threading.Barrier(THREADS)

    def work(thread):
        together.wait()
        for number in range(CHANGES):
            store.audit.add(a_line(f"{thread} {number}"))
            session = store.sessions.begin(a_session(str(thread)))
            store.sessions.progress(session, SPOT, [done(1, thread), done(2, thread)])
            for record in store.sessions.between(newest=3):
                assert [one.reps for one in record.exercises] in ([], [int(record.program)] * 2)

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(work, range(THREADS)))

    lines = sentences(store)
    for thread in range(THREADS):
        own = [line for line in lines if line.startswith(f"{thread} ")]
        assert own == [f"{thread} {number}" for number in range(CHANGES)]
    sessions = store.sessions.between()
    assert len({record.id for record in sessions}) == THREADS * CHANGES
    for record in sessions:
        assert record.exercises == (done(1, int(record.program)), done(2, int(record.program)))


@contextmanager
def noting(state, *names):
    """Processes that each change a setting again and again, from when the caller goes on."""
    command = [sys.executable, "-m", "tests.store.children.noting", str(state)]
    with ExitStack() as running:
        children = [
            running.enter_context(
                subprocess.Popen(
                    [*command, name, str(CHANGES)],
                    cwd=ROOT,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                )
            )
            for name in names
        ]
        for child in children:
            assert child.stdout.readline() == "ready\n"
        for child in children:
            child.stdin.close()
        yield
    assert [child.returncode for child in children] == [0] * len(children)


def values_noted(store, name):
    lines = sentences(store)
    return [line for line in lines if line.startswith(f"Setting {name}:")]


def test_three_processes_lose_nothing(quick_folder):
    """Each change looks first at what is kept, and must not be overtaken before it writes."""
    with opened(quick_folder) as store:
        before = store.change_count()
        with noting(quick_folder, "first", "second"):
            for number in range(CHANGES):
                store.settings.set({"third": str(number)}, Actor.PAGE, NOW)
        assert store.change_count() != before
        for name in ("first", "second", "third"):
            assert values_noted(store, name) == [
                f"Setting {name}: '{number}'." for number in range(CHANGES)
            ]


def test_of_those_who_find_the_file_damaged_at_once_one_mends_it(quick_folder):
    fill(quick_folder)
    with opened(quick_folder) as store:
        store.backup_if_due(NOW)
    data_file(quick_folder).write_bytes(b"garbage")
    names = ["first", "second", "third", "fourth"]
    with noting(quick_folder, *names):
        pass
    assert len(list(quick_folder.glob("kiosk.db.damaged-*"))) == 1
    with opened_by_kiosk(quick_folder) as found:
        assert found.recovered is None
        assert len(found.store.audit.losses()) == 1
        for name in names:
            assert len(values_noted(found.store, name)) == CHANGES


def test_those_who_come_first_make_one_store(quick_folder):
    with noting(quick_folder / "new", "first", "second", "third"):
        pass
    with opened(quick_folder / "new") as store:
        for name in ("first", "second", "third"):
            assert len(values_noted(store, name)) == CHANGES


def test_a_change_by_another_process_is_seen_at_once(quick_folder):
    with opened(quick_folder) as kiosk, opened(quick_folder) as command:
        counts = [kiosk.change_count()]
        for _ in range(3):
            command.audit.add(a_line())
            counts.append(kiosk.change_count())
            kiosk.audit.add(a_line())
            counts.append(kiosk.change_count())
        assert len(set(counts)) == len(counts)
        assert kiosk.audit.newest() == command.audit.newest()


def test_who_keeps_the_file_locked_is_waited_for_but_not_for_ever(quick_folder):
    with opened(quick_folder) as store:
        store.audit.add(a_line())
    impatient = open_store(quick_folder, NOW, patience=0.01).store
    with bare(data_file(quick_folder)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StoreError, match=r"Another program keeps .*kiosk\.db locked"):
            impatient.audit.add(a_line())
        with pytest.raises(StoreError, match="Another program keeps"):
            impatient.audit.newest()
        other.execute("ROLLBACK")
        impatient.audit.add(a_line("Goes on."))
    assert sentences(impatient) == [text_of(a_line()), "Goes on."]
    impatient.close()


def test_a_change_waits_while_another_process_reads_and_then_is_made(quick_folder):
    with opened(quick_folder) as store, bare(data_file(quick_folder)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM audit").fetchone()
        change = threading.Thread(target=store.audit.add, args=[a_line()])
        change.start()
        while not (quick_folder / "kiosk.db-journal").exists():
            pass
        reader.execute("COMMIT")
        change.join()
        assert store.audit.newest() == (a_line(),)
        assert store.backup_if_due(NOW)
