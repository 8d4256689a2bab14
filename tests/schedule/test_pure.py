"""The rules never ask for the time, and never look a time zone up: both are handed in."""

import ast
from importlib.resources import files
from pathlib import Path

KIOSK = Path(str(files("kiosk")))

RULES = [
    KIOSK / "schedule" / f"{name}.py"
    for name in ("model", "occurrences", "ledger", "due", "checks")
] + [
    KIOSK / "history" / "adherence.py",
    KIOSK / "levels" / "doses.py",
    KIOSK / "levels" / "proposals.py",
]


def calls(source):
    """The last names of everything that is called in `source`."""
    called = (node.func for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))
    return {getattr(func, "attr", getattr(func, "id", "")) for func in called}


def test_no_rule_asks_for_the_time_or_looks_a_zone_up():
    asking = {"now", "utcnow", "today", "ZoneInfo", "localtime", "time_ns", "open"}
    assert asking & calls("x = datetime.now(UTC), ZoneInfo('UTC')") == {"now", "ZoneInfo"}
    assert {m.name: asking & calls(m.read_text("utf-8")) for m in RULES} == {
        m.name: set() for m in RULES
    }
