"""`kiosk doctor`: check the machine, and say what to do where something is not right."""

import argparse
import logging
import os
import sys
from dataclasses import asdict

from kiosk.cli.common import print_json
from kiosk.doctor.finding import Finding, Verdict, summary
from kiosk.system.folders import find_folders

DESCRIPTION = """\
Look whether everything is as the kiosk needs it, and say of each thing how it stands and what to
do about it:

  ok       it is well
  warn     the kiosk works; look at it in the next days
  bad      the kiosk does not work as it should
  skipped  it could not be looked at now, or does not exist here

A tone is played, and on a terminal you are asked to press the button. Where the kiosk runs,
speaker, button and light are left to it. Nothing is changed.

The exit code is 1 where anything is bad, else 0.
"""

EXAMPLES = """\
  kiosk doctor
  kiosk doctor --quiet --json
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `kiosk doctor`."""
    parser.add_argument("--json", action="store_true", help="for programs to read")
    parser.add_argument("--quiet", action="store_true", help="play nothing, and ask for nothing")
    parser.add_argument(
        "--state-dir",
        metavar="DIR",
        help="where settings, own programs and rendered speech are kept",
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print every finding as soon as there is one."""
    from kiosk.doctor.doctor import run_checks

    logging.basicConfig(level=logging.ERROR, format="%(message)s")
    state = find_folders(args.state_dir, os.environ).state
    at_terminal = sys.stdin.isatty() and sys.stderr.isatty()
    findings = []
    for finding in run_checks(
        state, os.environ, quiet=args.quiet, ask_for_press=ask_for_press if at_terminal else None
    ):
        findings.append(finding)
        if not args.json:
            print(format_finding(finding), flush=True)
    if args.json:
        records = [asdict(finding) for finding in findings]
        print_json({"summary": summary(findings), "findings": records})
    else:
        print(summary(findings))
    return int(any(finding.verdict is Verdict.BAD for finding in findings))


def ask_for_press(pin: int, seconds: int) -> None:
    """Ask for a press of the button on GPIO `pin`."""
    print(f"Press the button on GPIO {pin} within {seconds} seconds…", file=sys.stderr)


def format_finding(finding: Finding) -> str:
    """A finding as a line of output."""
    do = f" → {finding.do}" if finding.do else ""
    return f"{finding.verdict:<7}  {finding.name:<15}  {finding.what}{do}"
