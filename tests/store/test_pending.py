"""A backup that was handed in takes the place of the data at the next start, whole or not."""

import logging

import pytest

from kiosk.adapters.store.files import StateLock
from kiosk.adapters.store.pending import FAILED, PENDING, SCRATCH, UPLOAD, take_pending
from kiosk.model.history import Actor
from tests.store.kit import DAY, NOW, a_line, lines_in, names_in, opened, opened_by_kiosk, picture
from tests.store.test_power_cut import started

NEXT_DAY = NOW + DAY
ASIDE = "kiosk.db.before-restore-20260303-080000"
CUTS = 40

ONE_START = 0.01
"""Seconds that it takes, about, so that a cut may fall into any part of it."""


@pytest.fixture
def state(quick_folder):
    """A kiosk to which a backup was handed in."""
    with opened(quick_folder / "other") as store:
        store.note(a_line("From the backup."))
        store.backup_to(quick_folder / "copy.db")
    state = quick_folder / "state"
    with opened(state) as store:
        store.note(a_line("Kept here before."))
    hand_in(state)
    return state


def hand_in(state):
    (state / PENDING).write_bytes((state.parent / "copy.db").read_bytes())


def start(state):
    with StateLock.take(state) as lock:
        take_pending(state, lock, NEXT_DAY)


def test_it_is_in_place_and_what_was_there_kept_beside_it(state, caplog):
    with caplog.at_level(logging.INFO):
        start(state)
    assert names_in(state) == ["kiosk.db", ASIDE, "kiosk.lock"]
    assert caplog.messages == [
        "The backup that was handed in is restored; what was there before is kept as " + ASIDE + "."
    ]
    with opened_by_kiosk(state) as found:
        assert found.recovered is None
        first, last = found.store.audit()
    assert first.what == "From the backup."
    assert (last.at, last.actor) == (NEXT_DAY, Actor.PAGE)
    assert last.what == (
        f"Restored the backup that was handed in; what was there before is kept as {ASIDE}."
    )


def test_it_is_taken_once(state):
    start(state)
    with opened(state) as store:
        store.note(a_line("Done since."))
    before = picture(state)
    start(state)
    assert picture(state) == before


def test_without_one_nothing_happens(state):
    (state / PENDING).unlink()
    start(state)
    assert lines_in(state) == ["Kept here before."]
    assert names_in(state) == ["kiosk.db", "kiosk.lock"]


def test_one_that_spoiled_meanwhile_is_set_aside_and_the_kiosk_goes_on(state, caplog):
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


def test_what_a_cut_off_kiosk_left_half_done_is_cleared_away(state):
    (state / PENDING).unlink()
    for name in (UPLOAD, f"{UPLOAD}-journal", SCRATCH, f"{SCRATCH}-journal"):
        (state / name).write_bytes(b"half")
    (state / ".download-x1").mkdir()
    (state / ".download-x1" / "kiosk.db").write_bytes(b"half")
    start(state)
    assert names_in(state) == ["kiosk.db", "kiosk.lock"]


def test_damaged_data_is_replaced_as_well(state):
    (state / "kiosk.db").write_bytes(b"garbage")
    start(state)
    assert lines_in(state)[0] == "From the backup."
    assert (state / ASIDE).read_bytes() == b"garbage"


def test_cut_off_at_any_moment_one_or_the_other_is_there_whole(quick_folder):
    for name in ("one", "two"):
        with opened(quick_folder / name) as store:
            store.note(a_line(name))
            store.backup_to(quick_folder / f"{name}.backup")
    state = quick_folder / "state"
    with opened(state) as store:
        store.note(a_line("neither"))
    was_pending = 0
    with started() as nursery:
        for seed in range(CUTS):
            nursery.kill_one("start_anew", seed, state, most=3, within=ONE_START)
            before = lines_after_a_look(state)
            assert before[0] in ("neither", "one", "two")
            pending = (state / PENDING).exists()
            was_pending += pending
            start(state)
            after = lines_after_a_look(state)
            if not pending:
                assert after == before
            assert after[0] == "neither" or after[1].startswith("Restored the backup that was")
            assert not {PENDING, FAILED, UPLOAD} & set(names_in(state))
    assert was_pending > 0, "no cut fell into a start"


def lines_after_a_look(state):
    with opened_by_kiosk(state) as found:
        assert found.recovered is None
        return [line.what for line in found.store.audit()]
