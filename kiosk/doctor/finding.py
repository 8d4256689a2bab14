"""A finding of the self-check: one subject, its verdict, and what to do about it."""

import subprocess
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias


class Verdict(StrEnum):
    """How serious a finding is."""

    OK = "ok"
    WARN = "warn"  # the kiosk works; somebody should see to it in the next days
    BAD = "bad"  # the kiosk does not work as it should
    SKIPPED = "skipped"  # it could not be checked now, or does not exist on this machine


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check."""

    name: str
    verdict: Verdict
    what: str
    """The state of the subject, as one sentence or a few."""

    do: str = ""
    """The exact remedy; empty where nothing has to be done."""


def ok(name: str, what: str) -> Finding:
    """A finding with the verdict `ok`."""
    return Finding(name, Verdict.OK, what)


def warn(name: str, what: str, do: str) -> Finding:
    """A finding with the verdict `warn`."""
    return Finding(name, Verdict.WARN, what, do)


def bad(name: str, what: str, do: str) -> Finding:
    """A finding with the verdict `bad`."""
    return Finding(name, Verdict.BAD, what, do)


def skipped(name: str, why: str) -> Finding:
    """A finding with the verdict `skipped`."""
    return Finding(name, Verdict.SKIPPED, why)


def summary(findings: Iterable[Finding]) -> str:
    """All findings in one sentence: how many are bad, how many are warnings."""
    verdicts = [finding.verdict for finding in findings]
    bad_ones, warnings = verdicts.count(Verdict.BAD), verdicts.count(Verdict.WARN)
    if bad_ones:
        more = f", and {warnings} to look at" if warnings else ""
        return f"{bad_ones} of {len(verdicts)} not right{more}."
    if warnings:
        return f"The kiosk works. {warnings} of {len(verdicts)} to look at in the next days."
    return "All is well."


Run: TypeAlias = Callable[[Sequence[str]], str | None]
"""Runs a command of the system. Returns its standard output, or `None` where the command is not
installed, fails, or exceeds its time limit."""


def run(command: Sequence[str], time_limit: float = 10.0) -> str | None:
    """Run `command` without input for at most `time_limit` seconds; returns as `Run` does."""
    try:
        done = subprocess.run(  # noqa: S603 - fixed commands, and no shell
            command,
            capture_output=True,
            check=True,
            stdin=subprocess.DEVNULL,
            timeout=time_limit,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.decode("utf-8", "replace")
