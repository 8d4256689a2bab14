"""The plug is pulled: what counts is what has reached the card, and nothing else has."""

import subprocess
from functools import partial

import pytest

from tests.appliance import roots
from tests.appliance.conftest import INSTALL, a_kiosk_on, provide
from tests.appliance.machine import booted
from tests.fakes.store import MemoryStore
from tests.processes import output_of
from tests.store.children import assert_acknowledged
from tests.store.kit import a_worker, everything, opened_by_kiosk

CUTS = 50
MOST_CHANGES = 16
ONE_CHANGE = 0.01
"""Seconds that it takes, about, so that a cut may hit any part of it."""


def test_pulled_right_after_an_installation_it_starts_as_a_kiosk(card):
    with roots.mounted(roots.copy_of(roots.base_card(), card)) as root:
        provide(root)
        with booted(root) as machine:
            machine.run(*INSTALL)
            roots.cut_off(root)
    with roots.mounted(card) as root, booted(root) as machine:
        machine.until(machine.is_well)
        assert "already there" in machine.run(*INSTALL)


def test_pulled_in_a_session_it_knows_where_it_was(installed_card, card):
    with a_kiosk_on(roots.copy_of(installed_card, card)) as machine:
        output_of("sync", "-f", machine.root)
        machine.press()
        machine.until_it_says("exercise 1 of 1")
        roots.cut_off(machine.root)
    with a_kiosk_on(card) as machine:
        assert "interrupted" in machine.run("kiosk", "history")


@pytest.fixture
def small_card(card):
    """One without a system."""
    output_of("truncate", "--size=64M", card)
    output_of("mkfs.ext4", "-q", card)
    return card


def test_nothing_acknowledged_is_gone_after_50_cuts(small_card):
    expected, acknowledged, undone = MemoryStore(), 0, 0
    # A child may live to see that nothing can be written any more, and complains.
    with a_worker(subprocess.DEVNULL) as worker:
        for seed in range(CUTS):
            with roots.mounted(small_card) as root:
                count = worker.kill_one(
                    *("change", seed, root / "state"),
                    most=MOST_CHANGES,
                    within=ONE_CHANGE,
                    cut=partial(roots.cut_off, root),
                )
            acknowledged += count
            output_of("e2fsck", "-p", small_card)
            with roots.mounted(small_card) as root:
                undone += (root / "state/kiosk.db-journal").exists()
                with opened_by_kiosk(root / "state") as found:
                    assert found.recovered is None
                    kept = everything(found.store)
            assert_acknowledged(expected, seed, count, kept)
    assert acknowledged > 5 * CUTS
    assert undone > 0, "no cut hit the middle of a change"
