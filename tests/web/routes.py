"""Every address of the pages, with something real in each of its blanks."""

import re
from dataclasses import dataclass

from flask import Flask

from tests.web.full import ENTRY, OWN
from web.context import Access

BLANK = re.compile(r"<(?:(?P<kind>[^<>]*):)?(?P<name>\w+)>")

SAMPLES = {
    "filename": "style.css",
    "number": str(ENTRY),
    "program": OWN,
    "token": "calendar-token",
    "wish": "pause",
}
"""What to put where a rule has a blank of that name."""

NOT_ASKED = frozenset({"HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class Route:
    """One address and one way to ask for it."""

    method: str
    path: str
    endpoint: str
    access: Access
    blanks: tuple[tuple[str, str], ...] = ()
    """The parts of the rule, each with the name of the blank after it; empty after the last."""

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def has_text_blanks(self) -> bool:
        return any(name for _, name in self.blanks)

    def with_each_blank(self, value: str) -> str:
        """The address with `value` in all of its blanks."""
        return "".join(part + (value if name else "") for part, name in self.blanks)


def routes_of(app: Flask) -> list[Route]:
    """All of them, in the order in which they were added."""
    found = []
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        access = getattr(view, "access", Access.CAREGIVERS)
        if rule.endpoint == "static":
            access = Access.ANYONE
        for method in sorted((rule.methods or set()) - NOT_ASKED):
            path = BLANK.sub(_sample, rule.rule)
            found.append(Route(method, path, rule.endpoint, access, _parts(rule.rule)))
    return found


def _sample(blank: re.Match[str]) -> str:
    kind = blank["kind"] or ""
    if kind.startswith("any("):
        return kind.removeprefix("any(").split(",")[0].rstrip(")")
    return SAMPLES[blank["name"]]


def _parts(rule: str) -> tuple[tuple[str, str], ...]:
    parts = []
    at = 0
    for blank in BLANK.finditer(rule):
        if blank["kind"] in (None, "path", "string"):
            parts.append((rule[at : blank.start()], blank["name"]))
            at = blank.end()
    return (*parts, (rule[at:], "")) if parts else ()
