"""A backup that was handed in takes the place of the data at the next start, whole or not."""

import itertools
import logging
import shutil
import subprocess
import sys

import pytest

from kiosk.errors import StoreError
from kiosk.history.audit import Actor
from kiosk.store.files import StateLock
from kiosk.store.restore import FAILED, SCRATCH, UPLOAD, take_pending
from kiosk.store.staging import PENDING, READY, UNFINISHED, make_ready
from tests.store.kit import (
    DAY,
    NOW,
    a_line,
    household,
    lines_in,
    names_in,
    opened,
    opened_by_kiosk,
    packed,
    picture,
)
from tests.store.test_power_cut import ROOT, started

NEXT_DAY = NOW + DAY
ASIDE = "kiosk.db.before-restore-20260303-080000"
CUTS = 40

ONE_START = 0.01
"""Seconds that it takes, about, so that a cut may fall into any part of it."""


@pytest.fixture
def state(quick_folder):
    """A kiosk to which a backup was handed in."""
    with opened(quick_folder / "other") as store:
        store.audit.add(a_line("From the backup."))
        store.backup_to(quick_folder / "copy.db")
    state = quick_folder / "state"
    with opened(state) as store:
        store.audit.add(a_line("Kept here before."))
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
        first, last = found.store.audit.newest()
    assert first.what == "From the backup."
    assert (last.at, last.actor) == (NEXT_DAY, Actor.PAGE)
    assert last.what == (
        f"Restored the backup that was handed in; what was there before is kept as {ASIDE}."
    )


def test_it_is_taken_once(state):
    start(state)
    with opened(state) as store:
        store.audit.add(a_line("Done since."))
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
    (state / UNFINISHED).mkdir()
    (state / UNFINISHED / "kiosk.db").write_bytes(b"half")
    (state / ".download-x1").mkdir()
    (state / ".download-x1" / "kiosk.db").write_bytes(b"half")
    start(state)
    assert names_in(state) == ["kiosk.db", "kiosk.lock"]


def test_damaged_data_is_replaced_as_well(state):
    (state / "kiosk.db").write_bytes(b"garbage")
    start(state)
    assert lines_in(state)[0] == "From the backup."
    assert (state / ASIDE).read_bytes() == b"garbage"


def plain(folder, name):
    """A backup as older kiosks made them: the data and nothing else."""
    with opened(folder / name) as store:
        store.audit.add(a_line(name))
        store.backup_to(folder / f"{name}.backup")


def whole(folder, name):
    packed(household(folder / name, name), folder / f"{name}.backup")


@pytest.mark.parametrize("backup", [plain, whole])
def test_cut_off_at_any_moment_one_or_the_other_is_there_whole(quick_folder, backup):
    for name in ("one", "two"):
        backup(quick_folder, name)
    state = household(quick_folder / "state", "neither")
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
            assert len(after) <= 2, "carried out twice"
            assert not {PENDING, READY, UNFINISHED, FAILED, UPLOAD} & set(names_in(state))
            if backup is whole:
                assert what_files_tell(state) == {after[0]}
    assert was_pending > 0, "no cut fell into a start"


def test_cut_off_before_any_step_the_next_start_finds_all_of_it(quick_folder):
    """Of the data, the settings and the programs, never one of this and another of that."""
    household(quick_folder / "before", "before")
    packed(household(quick_folder / "other", "other"), quick_folder / "before" / PENDING)
    command = [sys.executable, "-m", "tests.store.children.cut_short"]
    came_of_it = []
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        for number in itertools.count():
            state = quick_folder / f"cut-{number}"
            shutil.copytree(quick_folder / "before", state)
            process.stdin.write(f"{number} {state}\n")
            process.stdin.flush()
            outcome = process.stdout.readline().strip()
            ready = (state / READY).exists()
            pending = (state / PENDING).exists()
            (first, *more) = lines_after_a_look(state)
            assert what_files_tell(state) == {first}
            assert first == ("other" if ready or not pending else "before")
            start(state)
            assert lines_after_a_look(state) == ["other", *(more or [RESTORED])]
            assert what_files_tell(state) == {"other"}
            assert names_in(state) == ALL_NAMES
            came_of_it.append((pending, ready))
            if outcome != "cut":
                break
            shutil.rmtree(state)
        process.stdin.close()
    assert outcome == "whole"
    assert {(True, False), (True, True), (False, True), (False, False)} == set(came_of_it)


RESTORED = (
    "Restored the backup that was handed in; what was there before is kept as"
    f" {ASIDE}, kiosk.toml{ASIDE[8:]} and programs{ASIDE[8:]}."
)
ALL_NAMES = sorted(
    ["kiosk.db", "kiosk.lock", "kiosk.toml", "programs"]
    + [name + ASIDE[8:] for name in ("kiosk.db", "kiosk.toml", "programs")]
)


def what_files_tell(state):
    files = state / "kiosk.toml", state / "programs" / "ours.toml"
    return {path.read_text().splitlines()[0].removeprefix("# ") for path in files}


def test_what_is_ready_is_finished_by_any_command_that_comes_first(state):
    """Such as `kiosk status`, given by somebody who was quicker than the kiosk."""
    (state / PENDING).unlink()
    (state / UNFINISHED / "programs").mkdir(parents=True)
    (state / UNFINISHED / "programs" / "ours.toml").write_text("# from the backup")
    with opened(state.parent / "third") as store:
        store.audit.add(a_line("From the backup."))
        store.backup_to(state / UNFINISHED / "kiosk.db")
    assert lines_in(state) == ["Kept here before."]
    make_ready(state, ".old")
    assert lines_in(state) == ["From the backup."]
    assert names_in(state) == ["kiosk.db", "kiosk.db.old", "kiosk.lock", "programs"]


def test_but_not_while_a_kiosk_runs(state):
    (state / UNFINISHED).mkdir()
    make_ready(state, ".old")
    with StateLock.take(state), pytest.raises(StoreError, match="Stop the kiosk and start it"):
        lines_in(state)
    assert lines_in(state) == ["Kept here before."]


def test_the_log_says_what_came_along_of_another_machine(state, caplog):
    other = household(state.parent / "another", "another")
    (other / "kiosk.toml").write_text("pin = 27\n")
    packed(other, state / PENDING)
    start(state)
    assert caplog.messages == [
        "The backup brought settings of its machine along: pin = 27. See that they fit this one."
    ]


def lines_after_a_look(state):
    with opened_by_kiosk(state) as found:
        assert found.recovered is None
        return [line.what for line in found.store.audit.newest()]
