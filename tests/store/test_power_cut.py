"""Killed at any moment: what the process acknowledged is there, and a restore is whole or not."""

import itertools
import shutil
from pathlib import Path

import pytest

from kiosk.store.restore import PENDING, READY
from tests.audit_log import sentences
from tests.fakes.store import MemoryStore
from tests.store.children import assert_acknowledged
from tests.store.kit import (
    COPY,
    LINES,
    NOW,
    a_worker,
    bare,
    child,
    copied,
    data_file,
    everything,
    fill,
    household,
    lines_in,
    names_in,
    opened,
    opened_sound,
    packed,
    start,
)

KILLS = 200
KILLS_ON_ONE_FILE = 20
KILLS_WHILE_REPLACING = 40

ONE_CHANGE = 0.001
ONE_REPLACEMENT = 0.01
"""Seconds that each takes, about, so that a kill may hit any part of it."""

RESTORED = (
    "Restored the backup that was handed in; what was there before is kept as"
    f" kiosk.db{COPY}, kiosk.toml{COPY} and programs{COPY}."
)
ALL_NAMES = sorted(
    ["kiosk.db", "kiosk.lock", "kiosk.toml", "programs"]
    + [name + COPY for name in ("kiosk.db", "kiosk.toml", "programs")]
)


@pytest.fixture(scope="module")
def worker():
    with a_worker() as worker:
        yield worker


def test_nothing_acknowledged_is_lost_in_200_kills_under_load(worker, quick_folder):
    acknowledged = undone = 0
    for seed in range(KILLS):
        state = quick_folder / str(seed // KILLS_ON_ONE_FILE)
        if seed % KILLS_ON_ONE_FILE == 0:
            expected = MemoryStore()
        count = worker.kill_one("change", seed, state, most=16, within=ONE_CHANGE)
        acknowledged += count
        undone += data_file(state).with_name("kiosk.db-journal").exists()

        with opened_sound(state) as store:
            kept = everything(store)
        assert_acknowledged(expected, seed, count, kept)
    assert acknowledged > 5 * KILLS
    assert undone > 0, "no kill hit the middle of a change"


def test_a_backup_is_whole_whenever_its_making_is_cut_off(worker, quick_folder):
    fill(quick_folder)
    for seed in range(KILLS_WHILE_REPLACING):
        worker.kill_one("back_up", seed, quick_folder, most=4, within=ONE_REPLACEMENT)
        backups = sorted((quick_folder / "backups").glob("*.db"))
        assert len(backups) <= 8
        for backup in backups:
            with bare(backup) as connection:
                assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
                lines = connection.execute("SELECT count(*) FROM audit").fetchone()
            assert lines == (LINES,)
    with opened_sound(quick_folder):
        pass
    assert list((quick_folder / "backups").glob(".*")) == []


def test_the_backup_is_found_whenever_mending_is_cut_off(worker, quick_folder):
    fill(quick_folder)
    with opened(quick_folder) as store:
        store.backup_if_due(NOW)
    for seed in range(KILLS_WHILE_REPLACING):
        worker.kill_one("mend", seed, quick_folder, most=4, within=ONE_REPLACEMENT)
        lines = lines_in(quick_folder)
        assert [line[:5] for line in lines[:LINES]] == ["Line "] * LINES


def lines_after_start(state):
    with opened_sound(state) as store:
        return sentences(store)


def owners_in_files(state):
    """Whose settings file and whose program there are."""
    files = state / "kiosk.toml", state / "programs" / "ours.toml"
    return {path.read_text().splitlines()[0].removeprefix("# ") for path in files}


def finish(state):
    """See that the kiosk finds the data as `before` or of the `other` kiosk, and that its next
    start leaves the other's; whether the backup was pending still, and whether it was committed.
    """
    pending, committed = (state / PENDING).exists(), (state / READY).exists()
    (first, *more) = lines_after_start(state)
    assert owners_in_files(state) == {first}
    assert first == ("other" if committed or not pending else "before")
    start(state)
    assert lines_after_start(state) == ["other", *(more or [RESTORED])]
    assert owners_in_files(state) == {"other"}
    assert [name for name in names_in(state) if name != "backups"] == ALL_NAMES
    return pending, committed


class TestARestoreCutOff:
    @pytest.mark.parametrize("backup", [copied, packed])
    def test_at_any_moment_one_or_the_other_is_there_whole(self, worker, quick_folder, backup):
        for name in ("one", "two"):
            backup(household(quick_folder / name, name), quick_folder / f"{name}.backup")
        state = household(quick_folder / "state", "neither")
        was_pending = restored = 0
        for seed in range(KILLS_WHILE_REPLACING):
            restored += worker.kill_one("start_anew", seed, state, most=3, within=ONE_REPLACEMENT)
            before = lines_after_start(state)
            assert before[0] in (("one", "two") if restored else ("neither", "one", "two"))
            pending = (state / PENDING).exists()
            was_pending += pending
            start(state)
            after = lines_after_start(state)
            if not pending:
                assert after == before
            assert after[0] == "neither" or after[1].startswith("Restored the backup that was")
            assert len(after) <= 2, "carried out twice"
            assert [name for name in names_in(state) if name[:8] == "restore."] == []
            if backup is packed:
                assert owners_in_files(state) == {after[0]}
        assert was_pending > 0, "no cut fell into a start"

    def test_before_any_step_the_next_start_finds_all_of_it(self, quick_folder):
        """Of the data, the settings and the programs, never one of this and another of that."""
        household(quick_folder / "before", "before")
        packed(household(quick_folder / "other", "other"), quick_folder / "before" / PENDING)
        seen = set()
        with child("cut_short") as process:
            for number in itertools.count():
                state = quick_folder / f"cut-{number}"
                shutil.copytree(quick_folder / "before", state)
                process.stdin.write(f"{number} {state}\n")
                process.stdin.flush()
                outcome = process.stdout.readline().strip()
                seen.add(finish(state))
                if outcome != "cut":
                    break
                shutil.rmtree(state)
        assert outcome == "whole"
        assert seen == {(True, False), (True, True), (False, True), (False, False)}

    def test_version_0_1_0_was_the_next_start_of_this_one_finishes(self, quick_folder):
        """Made with the code of 0.1.0 as in the test above, each cut off before another step."""
        shutil.unpack_archive(
            Path(__file__).parent / "data/cut-off-restores-0.1.0.zip", quick_folder
        )
        seen = [finish(state) for state in sorted(quick_folder.iterdir())]
        assert seen == [
            *[(True, False)] * 2,  # cut-13 and 15: restore.unfinished
            *[(True, True)] * 5,  # cut-16 to 25: one file after the other in place
            *[(False, True), (False, False)],  # cut-28 and 33: all of them
        ]
