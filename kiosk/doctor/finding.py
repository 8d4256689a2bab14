"""What was found out about one thing, as a person is told."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """How it stands."""

    OK = "ok"
    WARN = "warn"
    """The kiosk works; somebody should look at it in the next days."""

    BAD = "bad"
    """The kiosk does not work as it should."""

    SKIPPED = "skipped"
    """It could not be looked at now, or does not exist here."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing: how it stands, and what to do about it."""

    name: str
    verdict: Verdict
    what: str
    """What is the case, as one sentence or a few."""

    do: str = ""
    """The exact thing to do; empty where there is nothing to do."""


def ok(name: str, what: str) -> Finding:
    """It is well."""
    return Finding(name, Verdict.OK, what)


def warn(name: str, what: str, do: str) -> Finding:
    """Somebody should look at it."""
    return Finding(name, Verdict.WARN, what, do)


def bad(name: str, what: str, do: str) -> Finding:
    """It does not work."""
    return Finding(name, Verdict.BAD, what, do)


def skipped(name: str, why: str) -> Finding:
    """It was not looked at."""
    return Finding(name, Verdict.SKIPPED, why)


def anything_bad(findings: Iterable[Finding]) -> bool:
    """Whether the kiosk does not work as it should."""
    return any(finding.verdict is Verdict.BAD for finding in findings)


def in_summary(findings: Iterable[Finding]) -> str:
    """All of them in one sentence."""
    verdicts = [finding.verdict for finding in findings]
    bad_ones, warnings = verdicts.count(Verdict.BAD), verdicts.count(Verdict.WARN)
    if bad_ones:
        more = f", and {warnings} to look at" if warnings else ""
        return f"{bad_ones} of {len(verdicts)} not right{more}."
    if warnings:
        return f"The kiosk works. {warnings} of {len(verdicts)} to look at in the next days."
    return "All is well."
