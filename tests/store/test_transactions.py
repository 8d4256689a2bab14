"""Calls in one transaction, from many threads and several processes: all is kept, or nothing."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial

import pytest

from kiosk.errors import ConflictError, StoreError, UnknownEntryError
from kiosk.history.audit import Actor
from kiosk.levels.doses import Dose
from kiosk.store.opening import open_store
from tests.audit_log import sentences, text_of
from tests.builders import at_once
from tests.store.kit import (
    MINUTE,
    NOW,
    SPOT,
    a_line,
    a_session,
    an_entry,
    bare,
    child,
    data_file,
    done,
    everything,
    fill,
    opened,
    opened_sound,
)

THREADS = 8
CHANGES = 25
CAREGIVER = Actor.PAGE
LATER = NOW + MINUTE
DOSE = Dose("low-back-start", "glute-bridge", reps=10)


def take_a_step(store, *entries):
    """To another level: the line, the dose, the entries and the setting belong together."""
    with store.writing():
        store.audit.add(a_line("A step up."))
        store.doses.set(DOSE, CAREGIVER, LATER)
        changed = [store.plan.change(entry, CAREGIVER, LATER) for entry in entries]
        store.settings.set({"default_program": "low-back-next"}, CAREGIVER, LATER)
    return tuple(changed)


def change_and_fail(store, change):
    """Make a change, and fail before it is kept."""
    with store.writing():
        change(store)
        raise ConflictError("plan.entry-gone")


def go_on_after_a_full_disk(store, then):
    """Catch the error of a call that found no room, upon which SQLite undoes all of it."""
    connection = store._database._connection
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count = {pages}")
    with store.writing():
        store.doses.set(DOSE, CAREGIVER, NOW)
        with pytest.raises(StoreError, match="no room left"):
            store.audit.add(a_line("much to say " * 10_000))
        then(store)


class TestWriting:
    def test_all_of_it_is_kept(self, store):
        entry = store.plan.add(an_entry(), CAREGIVER, NOW)
        changed = take_a_step(store, replace(entry, program="low-back-next"))
        assert changed == store.plan.entries()
        assert changed == (replace(entry, program="low-back-next", since=LATER, version=2),)
        assert store.doses.of() == (DOSE,)
        assert store.settings.stored() == {"default_program": "low-back-next"}
        lines = [sentence.split()[0] for sentence in sentences(store)]
        assert lines == ["Plan:", "A", "Dose", "Plan:", "Setting"]

    @pytest.mark.parametrize(
        ("spoilt", "error"),
        [({"version": 7}, ConflictError), ({"id": 99}, UnknownEntryError)],
    )
    def test_or_nothing(self, store, spoilt, error):
        first, second = (store.plan.add(an_entry(), CAREGIVER, NOW) for _ in range(2))
        before, count = everything(store), store.change_count()
        with pytest.raises(error):
            take_a_step(store, replace(first, program="b"), replace(second, **spoilt))
        assert everything(store) == before
        assert store.change_count() == count

    def test_what_is_read_inside_has_what_was_written_before(self, store):
        with store.writing():
            entry = store.plan.add(an_entry(), CAREGIVER, NOW)
            with store.reading():
                assert store.plan.entries() == (entry,)

    def test_a_call_that_failed_leaves_nothing_and_the_rest_is_kept(self, store):
        entry = store.plan.add(an_entry(), CAREGIVER, NOW)
        with store.writing():
            store.audit.add(a_line("Before."))
            with pytest.raises(ConflictError):
                change_and_fail(store, lambda store: store.doses.set(DOSE, CAREGIVER, NOW))
            store.audit.add(a_line("After."))
        assert store.doses.of() == ()
        assert store.plan.entries() == (entry,)
        assert sentences(store)[1:] == ["Before.", "After."]

    def test_it_counts_as_one_change_and_progress_as_none(self, store):
        session = store.sessions.begin(a_session())
        count = store.change_count()
        with store.writing():
            store.sessions.progress(session, SPOT, [done(1)])
        assert store.change_count() == count
        take_a_step(store)
        assert store.change_count() == count + 1

    def test_another_thread_sees_all_of_it_or_nothing(self, store):
        with ThreadPoolExecutor(1) as reader:
            with store.writing():
                store.audit.add(a_line())
                seen = reader.submit(store.audit.newest)
                store.audit.add(a_line())
            assert len(seen.result()) == 2

    def test_a_kept_transaction_is_on_disk_and_another_is_not(self, quick_folder):
        with opened(quick_folder) as store:
            take_a_step(store)
            kept = everything(store)
            with pytest.raises(ConflictError):
                change_and_fail(store, lambda store: store.audit.add(a_line()))
        with opened(quick_folder) as store:
            assert everything(store) == kept

    @pytest.mark.parametrize(
        "then", [lambda store: store.audit.add(a_line("Goes on.")), lambda _store: None]
    )
    def test_after_a_full_disk_nothing_more_is_taken_for_kept(self, quick_folder, then):
        with opened(quick_folder) as store:
            before = everything(store)
            with pytest.raises(StoreError, match="An earlier part of this change failed"):
                go_on_after_a_full_disk(store, then)
            assert everything(store) == before


class TestReading:
    def test_it_sees_one_state_and_holds_up_who_would_change_it(self, quick_folder):
        with opened(quick_folder) as store:
            other = open_store(quick_folder, NOW, patience=0.01).store
            with store.reading():
                assert store.audit.newest() == ()
                with pytest.raises(StoreError, match="Another program keeps"):
                    other.audit.add(a_line())
                assert store.audit.newest() == ()
            other.audit.add(a_line())
            assert store.audit.newest() == (a_line(),)
            other.close()

    def test_writing_inside_is_a_mistake(self, store):
        with store.reading(), pytest.raises(RuntimeError, match="begun to read"):
            store.audit.add(a_line())
        with store.reading(), pytest.raises(RuntimeError), store.writing():
            pass
        assert store.audit.newest() == ()

    def test_an_error_of_the_caller_s_is_not_taken_for_damage(self, store):
        with pytest.raises(ValueError, match="of the caller"), store.reading():
            raise ValueError("of the caller")


def test_eight_threads_lose_nothing_and_see_no_half_changes(store):
    def work(thread):
        for number in range(CHANGES):
            store.audit.add(a_line(f"{thread} {number}"))
            session = store.sessions.begin(a_session(str(thread)))
            store.sessions.progress(session, SPOT, [done(1, thread), done(2, thread)])
            for record in store.sessions.between(newest=3):
                assert [one.reps for one in record.exercises] in ([], [int(record.program)] * 2)

    at_once(*(partial(work, thread) for thread in range(THREADS)))

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
    with ExitStack() as running:
        children = [running.enter_context(child("noting", state, name, CHANGES)) for name in names]
        for process in children:
            assert process.stdout.readline() == "ready\n"
        for process in children:
            process.stdin.close()
        yield


def values_noted(store, name):
    lines = sentences(store)
    return [line for line in lines if line.startswith(f"Setting {name}:")]


def test_three_processes_make_one_store_and_lose_nothing(quick_folder):
    """Each change looks first at what is stored, and must not be overtaken before it writes."""
    names = ["first", "second", "third"]
    with noting(quick_folder / "new", *names):
        pass
    with opened(quick_folder / "new") as store:
        for name in names:
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
    with opened_sound(quick_folder) as store:
        assert len(store.audit.losses()) == 1
        for name in names:
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
        with ThreadPoolExecutor(1) as writer:
            writer.submit(store.audit.add, a_line())
            while not (quick_folder / "kiosk.db-journal").exists():
                pass
            reader.execute("COMMIT")
        assert store.audit.newest() == (a_line(),)
        assert store.backup_if_due(NOW)
