"""The process is killed at random moments; what it had acknowledged is there afterwards."""

import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from random import Random
from time import perf_counter

import pytest

from tests.audit_log import sentences
from tests.fakes.store import MemoryStore
from tests.store.kit import (
    LINES,
    NOW,
    a_line,
    bare,
    data_file,
    everything,
    fill,
    lines_in,
    opened,
    opened_by_kiosk,
)
from tests.store.random_work import change_something

KILLS = 200
KILLS_ON_ONE_FILE = 20
KILLS_WHILE_REPLACING = 40

ONE_CHANGE = 0.001
ONE_REPLACEMENT = 0.01
"""Seconds that each takes, about, so that a kill may hit any part of it."""

ROOT = Path(__file__).parents[2]


class Nursery:
    """Where children work on a store until they are killed."""

    def __init__(self, process):
        self._process = process

    def kill_one(self, work, seed, state, *, most, within):
        """Let a child do some `work` and kill it at a random moment; what it acknowledged.

        The moment comes up to `within` seconds after one of the first `most` acknowledgements.
        What the child still acknowledged in that time counts.
        """
        random = Random(seed)  # noqa: S311
        wanted = random.randrange(most)
        self._process.stdin.write(f"{work} {seed} {state}\n")
        self._process.stdin.flush()
        pid = int(self._line().removeprefix("pid "))
        for _ in range(wanted):
            assert self._line() == "done"
        moment = perf_counter() + random.random() * within
        while perf_counter() < moment:
            pass
        os.kill(pid, signal.SIGKILL)
        more = 0
        while self._line() == "done":
            more += 1
        return wanted + more

    def _line(self):
        return self._process.stdout.readline().rstrip("\n")


@contextmanager
def started():
    command = [sys.executable, "-m", "tests.store.children.nursery"]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield Nursery(process)
        process.stdin.close()
    assert process.returncode == 0


@pytest.fixture(scope="module")
def nursery():
    with started() as nursery:
        yield nursery


def test_nothing_acknowledged_is_lost_in_200_kills_under_load(nursery, quick_folder):
    """The file holds what the acknowledged changes lead to, or one change more: the last, which was
    kept but not yet acknowledged.
    """
    acknowledged = undone = 0
    for seed in range(KILLS):
        state = quick_folder / str(seed // KILLS_ON_ONE_FILE)
        if seed % KILLS_ON_ONE_FILE == 0:
            expected = MemoryStore()
        count = nursery.kill_one("change", seed, state, most=16, within=ONE_CHANGE)
        acknowledged += count
        undone += data_file(state).with_name("kiosk.db-journal").exists()

        with opened_by_kiosk(state) as found:
            assert found.recovered is None
            kept = everything(found.store)
        random = Random(seed)  # noqa: S311
        for _ in range(count):
            change_something(expected, random)
        if kept != everything(expected):
            change_something(expected, random)
            assert kept == everything(expected)
    assert acknowledged > 5 * KILLS
    assert undone > 0, "no kill hit the middle of a change"


def test_a_backup_is_whole_whenever_its_making_is_cut_off(nursery, quick_folder):
    fill(quick_folder)
    for seed in range(KILLS_WHILE_REPLACING):
        nursery.kill_one("back_up", seed, quick_folder, most=4, within=ONE_REPLACEMENT)
        backups = sorted((quick_folder / "backups").glob("*.db"))
        assert len(backups) <= 8
        for backup in backups:
            with bare(backup) as connection:
                assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
                lines = connection.execute("SELECT count(*) FROM audit").fetchone()
            assert lines == (LINES,)
    with opened_by_kiosk(quick_folder) as found:
        assert found.recovered is None
    assert list((quick_folder / "backups").glob(".*")) == []


def test_one_backup_or_the_other_is_in_place_whenever_restoring_is_cut_off(nursery, quick_folder):
    for name in ("one", "two"):
        with opened(quick_folder / name) as store:
            store.audit.add(a_line(name))
            store.backup_to(quick_folder / f"{name}.backup")
    state = quick_folder / "state"
    with opened(state):
        pass
    seen = set()
    for seed in range(KILLS_WHILE_REPLACING):
        count = nursery.kill_one(
            "restore", seed, quick_folder / "state", most=4, within=ONE_REPLACEMENT
        )
        with opened_by_kiosk(state) as found:
            assert found.recovered is None
            lines = sentences(found.store)
        if seed or count:
            assert lines[0] in ("one", "two")
            assert lines[1].startswith(f"Restored the backup {lines[0]}.backup")
            seen.add(lines[0])
    assert seen == {"one", "two"}


def test_the_backup_is_found_whenever_mending_is_cut_off(nursery, quick_folder):
    fill(quick_folder)
    with opened(quick_folder) as store:
        store.backup_if_due(NOW)
    for seed in range(KILLS_WHILE_REPLACING):
        nursery.kill_one("mend", seed, quick_folder, most=4, within=ONE_REPLACEMENT)
        lines = lines_in(quick_folder)
        assert [line[:5] for line in lines[:LINES]] == ["Line "] * LINES
