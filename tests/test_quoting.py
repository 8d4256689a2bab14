"""What a person wrote, as it stands in a sentence."""

import pytest

from kiosk.errors import nearest, quoted


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", "''"),
        ("hip-stretching", "'hip-stretching'"),
        ("a\nb\x1b[2J", r"'a\nb\x1b[2J'"),
        ("x" * 60, f"'{'x' * 60}'"),
        ("x" * 61, f"'{'x' * 59}…'"),
    ],
)
def test_it_is_quoted_on_one_line_and_not_at_any_length(text, shown):
    assert quoted(text) == shown


def test_what_was_probably_meant():
    known = ("monday", "tuesday", "sunday")
    assert nearest("Mnday", known) == "monday"
    assert nearest("TUESDY", known) == "tuesday"
    assert nearest("walk", known) == ""
    assert nearest("tuesday" + "y" * 1_000_000, known) == ""
