"""The plug is pulled: what counts is what has reached the card, and nothing else has."""

from tests.appliance import roots
from tests.appliance.conftest import INSTALL, provide, simulate
from tests.appliance.machine import booted


def pull_the_plug(card):
    """The card as it is in this moment, whatever the system still meant to write to it."""
    return roots.copy_of(card, card.with_name("pulled"))


def test_pulled_right_after_an_installation_it_starts_as_a_kiosk(card):
    with roots.mounted(roots.copy_of(roots.base_card(), card)) as root:
        provide(root)
        with booted(root) as machine:
            machine.tells(*INSTALL)
            pulled = pull_the_plug(card)
    try:
        with roots.mounted(pulled) as root, booted(root) as machine:
            machine.until(machine.is_well)
            assert "already there" in machine.tells(*INSTALL)
    finally:
        pulled.unlink()


def test_pulled_in_a_session_it_knows_where_it_was(installed_card, card):
    with roots.mounted(roots.copy_of(installed_card, card)) as root:
        simulate(root)
        roots.run("sync", "-f", root)
        with booted(root) as machine:
            machine.until(machine.is_well)
            machine.press()
            machine.until_it_says("exercise 1 of 1")
            pulled = pull_the_plug(card)
    try:
        with roots.mounted(pulled) as root, booted(root) as machine:
            machine.until(machine.is_well)
            assert "interrupted" in machine.tells("kiosk", "history")
    finally:
        pulled.unlink()
