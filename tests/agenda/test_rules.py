"""The rules of reminders, as the settings have them."""

from kiosk.agenda.rules import Rules, rules_of
from kiosk.model.settings import Settings


def test_a_kiosk_as_it_comes_goes_by_the_rules_as_they_come():
    assert rules_of(Settings()) == Rules()
