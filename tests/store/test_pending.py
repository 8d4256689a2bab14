"""A backup that was uploaded takes the place of the data at the next start, whole or not at all."""

import itertools
import logging
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from kiosk.errors import StoreError
from kiosk.history.audit import Actor
from kiosk.store.files import StateLock
from kiosk.store.restore import FAILED, PENDING, READY, STAGED, commit, restore_pending
from tests.audit_log import sentences, text_of
from tests.store.kit import (
    COPY,
    NEXT_DAY,
    a_line,
    copied,
    household,
    lines_in,
    names_in,
    opened,
    opened_by_kiosk,
    packed,
    picture,
)
from tests.store.test_power_cut import ROOT, started

CUTS = 40

ONE_START = 0.01
"""Seconds that it takes, about, so that a cut may fall into any part of it."""

RESTORED = (
    "Restored the backup that was handed in; what was there before is kept as"
    f" kiosk.db{COPY}, kiosk.toml{COPY} and programs{COPY}."
)
ALL_NAMES = sorted(
    ["kiosk.db", "kiosk.lock", "kiosk.toml", "programs"]
    + [name + COPY for name in ("kiosk.db", "kiosk.toml", "programs")]
)


@pytest.fixture
def state(quick_folder):
    """A kiosk to which a backup was uploaded."""
    with opened(quick_folder / "other") as store:
        store.audit.add(a_line("From the backup."))
    state = quick_folder / "state"
    with opened(state) as store:
        store.audit.add(a_line("Kept here before."))
    copied(quick_folder / "other", state / PENDING)
    return state


def start(state):
    with StateLock.take(state) as lock:
        restore_pending(state, lock, NEXT_DAY)


def lines_after_start(state):
    with opened_by_kiosk(state) as found:
        assert found.recovered is None
        return sentences(found.store)


def owners_in_files(state):
    """Whose settings file and whose program there are."""
    files = state / "kiosk.toml", state / "programs" / "ours.toml"
    return {path.read_text().splitlines()[0].removeprefix("# ") for path in files}


def test_it_is_in_place_once_and_what_was_there_kept_beside_it(state, caplog):
    with caplog.at_level(logging.INFO):
        start(state)
    assert names_in(state) == ["kiosk.db", f"kiosk.db{COPY}", "kiosk.lock"]
    kept = f"; what was there before is kept as kiosk.db{COPY}."
    assert caplog.messages == [f"The backup that was handed in is restored{kept}"]
    with opened_by_kiosk(state) as found:
        assert found.recovered is None
        first, last = found.store.audit.newest()
    assert text_of(first) == "From the backup."
    assert (last.at, last.actor) == (NEXT_DAY, Actor.PAGE)
    assert text_of(last) == f"Restored the backup that was handed in{kept}"

    before = picture(state)
    start(state)
    assert picture(state) == before


def test_without_one_nothing_happens_but_leftovers_of_a_cut_go(state):
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


def test_one_that_spoiled_meanwhile_is_put_away_and_the_kiosk_goes_on(state, caplog):
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


def test_damaged_data_is_replaced_as_well(state):
    (state / "kiosk.db").write_bytes(b"garbage")
    start(state)
    assert lines_in(state)[0] == "From the backup."
    assert (state / f"kiosk.db{COPY}").read_bytes() == b"garbage"


def test_the_log_says_which_settings_came_from_another_machine(state, caplog):
    other = household(state.parent / "another", "another")
    (other / "kiosk.toml").write_text("pin = 27\n")
    packed(other, state / PENDING)
    start(state)
    assert caplog.messages == [
        "The backup brought settings of its machine along: pin = 27. See that they fit this one."
    ]


class TestCutOff:
    @pytest.mark.parametrize("backup", [copied, packed])
    def test_at_any_moment_one_or_the_other_is_there_whole(self, quick_folder, backup):
        for name in ("one", "two"):
            backup(household(quick_folder / name, name), quick_folder / f"{name}.backup")
        state = household(quick_folder / "state", "neither")
        was_pending = 0
        with started() as nursery:
            for seed in range(CUTS):
                nursery.kill_one("start_anew", seed, state, most=3, within=ONE_START)
                before = lines_after_start(state)
                assert before[0] in ("neither", "one", "two")
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
        command = [sys.executable, "-m", "tests.store.children.cut_short"]
        seen = set()
        with subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as process:
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
            process.stdin.close()
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
        with StateLock.take(state), pytest.raises(StoreError, match="Stop the kiosk and start it"):
            lines_in(state)
        assert lines_in(state) == ["Kept here before."]


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
