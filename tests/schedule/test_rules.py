"""The rules of reminders, as the settings have them."""

from kiosk.schedule.rules import Rules, rules_of
from kiosk.settings.model import Settings


def test_a_kiosk_as_it_comes_goes_by_the_rules_as_they_come():
    assert rules_of(Settings()) == Rules()
